"""A station drawn at random: its scale, window, approach, sample side, and a stage with play."""

from typing import Any, cast

import numpy as np
from drawn_stage import DrawnStage

from bluesky_autofocus.scale import Scale
from devices import Approach, FocusSensor, FrameCamera, SampleSide, Station

__all__ = ["drawn_station"]

MOST_SAMPLE_STEPS = 150


def drawn_station(
    rng: np.random.Generator,
) -> tuple[Station, tuple[float, float], DrawnStage]:
    """Draw a station, its window and where its stage is."""
    scale = Scale(float(10 ** rng.uniform(-3, 1)), "mm")
    width = float(np.exp(rng.uniform(np.log(3), np.log(200))))
    low = float(rng.normal(0, 300))
    window = scale.to_stage(low), scale.to_stage(low + width)
    side = str(rng.choice(["low", "high"]))
    tolerance = scale.to_stage(float(rng.choice([0.02, 0.1])))
    play = scale.to_stage(float(rng.choice([0.0, rng.uniform(0, 1.5)])))
    # One station file in ten is wrong about the play, and the default says nothing of it.
    stated = float(rng.choice([0.0, 0.5, 1.0, 1.5], p=[0.05, 0.05, 0.45, 0.45]))
    backlash = play * stated
    sample = None
    if rng.random() < 0.4:
        # So that the plan's bound on the number of steps is kept.
        least = max(0.05, width / MOST_SAMPLE_STEPS)
        step = scale.to_stage(float(np.exp(rng.uniform(np.log(least), np.log(width)))))
        sample = SampleSide(cast(Any, str(rng.choice(["low", "high"]))), step)
    # Some start at an end, or as far beyond it as the tolerance allows.
    place = float(rng.choice([rng.uniform(0, 1), 0.0, 1.0], p=[0.8, 0.1, 0.1]))
    here = window[0] + place * (window[1] - window[0]) + tolerance * float(rng.uniform(-0.9, 0.9))
    stage = DrawnStage(here, tolerance, play, side, rng)
    station = Station(
        name="drawn",
        stage=cast(Any, stage),
        camera=cast(FrameCamera, None),
        sensor=cast(FocusSensor, None),
        scale=scale,
        window=window,
        approach=Approach(cast(Any, side), backlash),
        sample=sample,
        position_tolerance=tolerance,
    )
    return station, window, stage
