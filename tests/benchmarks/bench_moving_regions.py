"""Samples that move while their altitudes are looked for: what is said, and how wrong it is.

Run ``python tests/benchmarks/bench_moving_regions.py --families grain --seeds 2 5``: steps of
one to three altitudes, static, shifted sideways from frame to frame, and drifting along the axis by
.1 to 4 depths of field a frame; the stage has a play of .05. Altitudes are compared with where the
sample is in the last frame.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch

from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import optics_of_sampling
from bluesky_autofocus.regions import observe_field
from bluesky_autofocus.search import Window
from bluesky_autofocus.search.region_search import RegionSearch
from bluesky_autofocus.verdict import Outcome, Verdict

SIDE_PX, LIGHT, PLAY_DOF, WINDOW, SHIFT_PX = 512, 0.4, 0.05, Window(-25.0, 25.0), 30
FAR_DOF = 20.0
DRIFTS_DOF = (0.1, 0.3, 1.0, 2.0, 4.0)
MOTIONS = [(0.0, 0), (0.0, SHIFT_PX), *((sign * d, 0) for d in DRIFTS_DOF for sign in (1, -1))]
ACROSS = (np.arange(SIDE_PX) + 0.5) / SIDE_PX * np.ones((SIDE_PX, 1))
RELIEFS = {
    "one": np.zeros((SIDE_PX, SIDE_PX)),
    "two": np.where(ACROSS < 0.5, -4.0, 6.0),
    "three": np.where(ACROSS < 0.34, -12.0, np.where(ACROSS < 0.67, 2.0, 9.0)),
}
OPTICS = optics_of_sampling(1.0)


@dataclass(frozen=True)
class Result:
    """What came of one search."""

    said: bool
    worst_dof: float
    frames: int


def searched(
    family: str, seed: int, relief: str, drift_dof: float, shift_px: int, eye: SharpnessEstimator
) -> Result:
    """Search a moving sample."""
    radiance = procedural_object(family, (SIDE_PX + 64, SIDE_PX + 64), seed=seed)
    rng, height = np.random.default_rng([seed, 7]), RELIEFS[relief]
    start = float(np.random.default_rng(seed).uniform(-FAR_DOF, FAR_DOF))
    search, taken = RegionSearch(window=WINDOW, start_dof=start), 0
    while not isinstance(step := search.suggest(), Outcome):
        wide = np.roll(radiance, (taken * shift_px, taken * shift_px), (0, 1))
        there = step.position_dof + rng.normal(0, PLAY_DOF) - taken * drift_dof
        u = np.asarray(there - height, dtype=np.float32)
        image = Renderer(wide, OPTICS, frame_shape=(SIDE_PX, SIDE_PX)).image(u)
        frame = expose(image * np.float32(LIGHT), Sensor(bits=8), seed=[seed, taken])
        search, taken = search.ingest(step.position_dof, observe_field(frame, eye)), taken + 1
    now = np.unique(height) + (taken - 1) * drift_dof
    found = [a.focus_dof for a in search.seen.altitudes] if search.seen else []
    worst = max((float(np.abs(now - place).min()) for place in found), default=0.0)
    return Result(step.verdict is Verdict.IN_FOCUS, worst, taken)


def main() -> None:
    """Print a table, one line a motion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", nargs="+", default=["grain", "powder"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[2, 5])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    eye = SharpnessEstimator(OPTICS, full_scale=255)
    head = " | ".join(f"{name}, in focus" for name in RELIEFS)
    print(f"| DoF and px a frame | {head} | of these more than ½, 1 DoF off | frames |")
    for drift, shift in MOTIONS:
        rows = {
            relief: [
                searched(family, seed, relief, drift, shift, eye)
                for family in asked.families
                for seed in asked.seeds
            ]
            for relief in RELIEFS
        }
        every = [result for results in rows.values() for result in results]
        said = " | ".join(f"{sum(r.said for r in some)} of {len(some)}" for some in rows.values())
        half, whole = (sum(r.said and r.worst_dof > off for r in every) for off in (0.5, 1.0))
        frames = np.mean([r.frames for r in every])
        print(f"| {drift:+g}, {shift} | {said} | {half}, {whole} | {frames:.1f} |", flush=True)


if __name__ == "__main__":
    main()
