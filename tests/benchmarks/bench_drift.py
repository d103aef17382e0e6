"""What a drifting focus and a flickering lamp do to the belief, on simulated frames.

Run ``python tests/benchmarks/bench_drift.py --scenes 20 --seed 6``: searches from up to 50 depths
of field in three lights, while focus moves by so much from frame to frame, always the same way, and
the light changes by so much at random. The families are those that confidence is scaled on.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.benchmark.searches import look as looks
from bluesky_autofocus.benchmark.searches.contenders import end_of
from bluesky_autofocus.benchmark.searches.look import Look, SeenScene
from bluesky_autofocus.benchmark.searches.tasks import draw_tasks
from bluesky_autofocus.estimator.families import CALIBRATION
from bluesky_autofocus.search import BELIEF
from bluesky_autofocus.verdict import Verdict

HALF_DOF, SIDE_PX = 50.0, 512
# Depths of field between two frames, and standard deviation of the logarithm of the light.
CASES = ((0.0, 0.02), (0.02, 0.02), (0.05, 0.02), (0.1, 0.02), (0.2, 0.02), (0.0, 0.1), (0.05, 0.1))


@dataclass
class DriftingLook(Look):
    """A stage and a camera on a scene whose focus moves.

    Parameters
    ----------
    drift_dof : float
        How far focus moves from frame to frame.
    """

    drift_dof: float = 0.0

    @property
    def error_dof(self) -> float:
        """Where the sample is now, less where focus is by now."""
        return super().error_dof - self.drift_dof * max(self.frames - 1, 0)


def row(scenes: list[SeenScene], drift_dof: float, flicker: float) -> str:
    """Say how the searches went."""
    looks.FLICKER = flicker
    ends: list[tuple[Verdict, float, int]] = []
    for number, scene in enumerate(scenes):
        for task in draw_tasks(scene.spec, HALF_DOF, 1, stream=round(HALF_DOF)):
            drift = drift_dof if number % 2 else -drift_dof
            look = DriftingLook(scene, task, drift_dof=drift)
            verdict = end_of(BELIEF, look, None).verdict
            ends.append((verdict, abs(look.error_dof), look.frames))
    said = np.array([verdict is Verdict.IN_FOCUS for verdict, *_ in ends])
    error = np.array([error for _, error, _ in ends])
    frames = np.array([count for *_, count in ends])
    there = said & (error <= 0.5)
    return (
        f"drift {drift_dof:4.2f} DoF/frame, light ± {flicker:3.0%}: {said.size} searches, "
        f"{there.mean():.1%} in focus, {(said & (error > 1)).sum()} falsely said, frames "
        f"{np.median(frames[said]):g} (95 %: {np.quantile(frames[said], 0.95):g}), error "
        f"{np.median(error[said]):.2f} (95 %: {np.quantile(error[said], 0.95):.2f}) DoF"
    )


def main() -> None:
    """Print a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=6)
    asked = parser.parse_args()
    specs = draw_scenes(asked.seed, "search", asked.scenes, side_px=SIDE_PX, families=CALIBRATION)
    scenes = [SeenScene(spec) for spec in specs]
    for case in CASES:
        print(row(scenes, *case), flush=True)


if __name__ == "__main__":
    main()
