"""Errors of a calibration on simulated stations whose truth is known.

``python tests/benchmarks/bench_calibration.py 20 held-out`` or ``... 15 calibration``; seed 7.
"""

import sys
from collections import defaultdict

import numpy as np
import torch

from bluesky_autofocus.benchmark.scenes import Scene, SceneSpec, draw_scenes
from bluesky_autofocus.calibration import (
    Arrival,
    BlurRate,
    Calibration,
    Leg,
    Play,
    Scatter,
    calibrate_arrivals,
    steepest_position,
    sweep_peak,
)
from bluesky_autofocus.errors import CalibrationError
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.estimator.families import CALIBRATION, HELD_OUT
from bluesky_autofocus.measures import measure
from bluesky_autofocus.optics import optics_of_sampling

SEED, SIDE_PX = 7, 384
SHARPNESS = measure("blurred_gradient")


class Station:
    """A scene on a stage with play and noise, as the plan `calibrate` sees it."""

    def __init__(self, spec: SceneSpec) -> None:
        self.scene, self.rng = Scene(spec), spec.rng(77)
        draw = self.rng.uniform
        self.dof = float(np.exp(draw(np.log(0.8), np.log(60.0))))
        self.play, self.noise = (float(draw(0, most)) * self.dof for most in (2.0, 0.15))
        self.reach = float(draw(30, 70)) * self.dof
        self.focus = float(draw(-0.4, 0.4)) * self.reach
        self.arrivals: list[Arrival] = []
        self.moves = 0

    def leg(self, leg: Leg, targets: np.ndarray, frames: int = 1) -> list[Arrival]:
        """Go to all targets and take frames."""
        taken = []
        for z in map(float, targets):
            self.moves += 1
            true = z + self.play * (leg is Leg.DOWN) + self.rng.normal(0, self.noise)
            image = self.scene.image((true - self.focus) / self.dof)
            for _ in range(frames):
                noise = len(self.arrivals) + len(taken)
                frame = self.scene.expose(image, self.scene.level("normal"), noise)
                taken.append(Arrival(z, frame, leg, self.moves))
        self.arrivals += taken
        return taken

    def calibrated(self) -> Calibration:
        """Take the frames that the plan takes, and analyse them."""
        swept = self.leg(Leg.SWEEP, np.linspace(-self.reach, self.reach, 31))
        peak = sweep_peak(*curve(swept), "um")
        fine = np.linspace(peak - self.reach / 7.5, peak + self.reach / 7.5, 21)
        up = self.leg(Leg.UP, fine)
        self.leg(Leg.DOWN, fine[::-1])
        self.leg(Leg.REPEAT, np.full(8, steepest_position(*curve(up))), frames=2)
        full = 2.0**self.scene.spec.sensor.bits - 1
        return calibrate_arrivals(
            self.arrivals,
            unit="um",
            full_scale=full,
            estimator_of=lambda q: SharpnessEstimator(optics_of_sampling(q), full_scale=full),
        )


def curve(arrivals: list[Arrival]) -> tuple[list[float], list[float]]:
    """Return positions and sharpness."""
    return [a.position for a in arrivals], [float(SHARPNESS(a.frame)) for a in arrivals]


def main(count: int, families: tuple[str, ...]) -> None:
    """Print the errors of all stations, then their quantiles."""
    torch.set_num_threads(1)
    errors: dict[str, list[float]] = defaultdict(list)
    for spec in draw_scenes(SEED, "fit", count, side_px=SIDE_PX, families=families):
        station, q, row = Station(spec), spec.sampling_q, {}
        try:
            found = station.calibrated()
        except CalibrationError as error:
            print(spec.family, error, flush=True)
            continue
        dof, rate = station.dof, found.blur_rate
        if isinstance(rate, BlurRate):
            error = rate.pixels_per_unit / ((8 / q + 2) / dof) - 1
            row["blur rate"] = error
            row["blur rate / its ±"] = error * rate.pixels_per_unit / rate.pixels_per_unit_std
            row["depth of field"] = rate.depth_of_field / dof - 1
            row["focus, DoF"] = (rate.focus - station.focus) / dof
        if isinstance(found.play, Play):
            row["backlash, DoF"] = (found.play.value - station.play) / dof
            row["backlash / its ±"] = (found.play.value - station.play) / found.play.std
        if isinstance(found.scatter, Scatter):
            row["noise, DoF"] = (found.scatter.carriage - station.noise) / dof
        said = "  ".join(f"{name} {value:+.3f}" for name, value in row.items())
        print(f"{spec.family:12} q {q:.1f}  {said}", flush=True)
        for name, value in row.items():
            errors[name].append(abs(value))
    for name, sizes in errors.items():
        median, p90 = np.quantile(sizes, (0.5, 0.9))
        print(f"| {name} | {len(sizes)} | {median:.3f} | {p90:.3f} | {max(sizes):.3f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]), {"calibration": CALIBRATION, "held-out": HELD_OUT}[sys.argv[2]])
