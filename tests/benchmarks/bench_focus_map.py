"""Focus over 100 points of a smooth sample: frames a point, and errors; simulated frames.

Run ``python tests/benchmarks/bench_focus_map.py --scenes 12 --seed 0``: a grid of 10 × 10 points
over a tilted and bent sample whose focus spans 10 to 40 depths of field, textures held out from
training, three lights in turn, a stage with noise, and `focus_map` by belief on a RunEngine.
"""

import argparse
import time
from typing import Any

import numpy as np
import torch
from bluesky import RunEngine
from numpy.typing import NDArray
from ophyd.sim import SynAxis
from ophyd.status import Status

from bluesky_autofocus.benchmark.scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.scale import Scale
from devices import EstimatorSensor, FocusSensor, Station
from plans import focus_map

SIDE_PX, POINTS, HALF_DOF, NOISE_DOF = 512, 10, 60.0, 0.03
SPAN_DOF, BEND_SHARE = (10.0, 40.0), 0.2


class Sample:
    """A texture whose focus depends on the place, and the camera that sees it."""

    parent = None
    name = "camera"

    def __init__(self, spec: SceneSpec, light: str) -> None:
        self.scene, self.light, self.rng = Scene(spec), light, spec.rng(500)
        self.full_scale = float(spec.sensor.full_scale)
        self.x, self.y, self.z = (SynAxis(name=name) for name in ("x", "y", "z"))
        span = self.rng.uniform(*SPAN_DOF)
        slopes, bends = self.rng.normal(size=2), BEND_SHARE * self.rng.normal(size=3)
        places = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)], dtype=float)
        self._of = lambda a, b: (
            slopes[0] * a + slopes[1] * b + bends[0] * a * a + bends[1] * b * b + bends[2] * a * b
        )
        self._size = span / np.ptp([self._of(a, b) for a, b in places])
        self._frame = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
        self.frames = 0

    def focus(self, x: float, y: float) -> float:
        """Where the stage is in focus, depths of field."""
        return float(self._size * self._of(x, y))

    def trigger(self) -> Status:
        """Take a frame."""
        self.frames += 1
        here = self.focus(self.x.readback.get(), self.y.readback.get())
        u = self.z.readback.get() - here + NOISE_DOF * self.rng.normal()
        image = self.scene.image(float(u))
        self._frame = self.scene.expose(
            image, self.scene.level(self.light), int(self.rng.integers(2**31))
        )
        status = Status(obj=self)
        status.set_finished()
        return status

    def frame(self) -> NDArray[np.unsignedinteger]:
        """Return the latest frame."""
        return self._frame

    def read(self) -> dict[str, Any]:
        """Return the number of frames."""
        return {"camera_frames": {"value": self.frames, "timestamp": time.time()}}

    def describe(self) -> dict[str, Any]:
        """Describe it."""
        return {"camera_frames": {"source": "SIM", "dtype": "integer", "shape": []}}

    def read_configuration(self) -> dict[str, Any]:
        """Return nothing."""
        return {}

    def describe_configuration(self) -> dict[str, Any]:
        """Describe nothing."""
        return {}


def station_of(sample: Any, optics: Optics) -> Station:
    """Make a station whose unit is the depth of field."""
    return Station(
        name="simulated",
        stage=sample.z,
        camera=sample,
        sensor=FocusSensor(sample, name="focus"),
        scale=Scale(1.0, "dof"),
        optics=optics,
        estimator=EstimatorSensor(sample, optics, name="estimate"),
        window=(-HALF_DOF, HALF_DOF),
        position_tolerance=0.05,
    )


def main() -> None:
    """Map each scene and print a line, and all of them together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    engine = RunEngine({}, call_returns_result=True, context_managers=[])
    line = np.linspace(-1, 1, POINTS)
    # There and back again, as a stage would go.
    grid = [
        (float(a), float(b)) for k, b in enumerate(line) for a in (line if k % 2 == 0 else -line)
    ]
    later, worst, misses = [], [], []
    for spec in draw_scenes(asked.seed, "search", asked.scenes, side_px=SIDE_PX):
        light = list(LIGHTS)[spec.index % len(LIGHTS)]
        sample: Any = Sample(spec, light)
        station = station_of(sample, sample.scene.optics)
        said: Any = engine(focus_map(station, sample.x, sample.y, grid))
        result = said.plan_result
        away = [abs(p.focus - sample.focus(p.x, p.y)) for p in result.points]
        after = sum(p.frames for p in result.points[10:]) / len(result.points[10:])
        later.append(after)
        worst.append(max(away))
        misses += away
        print(
            f"{spec.family:14s} {light:7s} {result.frames:4d} frames, {after:.2f} a point after "
            f"ten; error {np.median(away):.3f} median, {max(away):.2f} worst"
        )
    inside = np.mean(np.array(misses) <= 0.5)
    print(f"{len(worst)} maps: {np.mean(later):.2f} frames a point after the first ten", end="; ")
    print(f"{inside:.2%} of {len(misses)} points within ½ DoF, worst {max(worst):.2f}", end="; ")
    print(f"all points of {np.mean(np.array(worst) <= 0.5):.0%} of the maps")


if __name__ == "__main__":
    main()
