"""The search by belief while the sample drifts and the light flickers, on simulated frames.

Run ``python tests/benchmarks/bench_drift.py --scenes 50 --seed 4``: the same scenes, starts and
noise in each row. Focus moves by so many depths of field from frame to frame, up in one half of the
searches and down in the other. The families are those of training and calibration.
"""

import argparse
from dataclasses import dataclass, replace

import numpy as np
import torch
from bench_wrong_estimator import HALF_DOF, SIDE_PX, Searched, observer, searched
from numpy.typing import NDArray

from bluesky_autofocus.benchmark.estimators import estimator_of
from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.benchmark.searches.look import Look, SeenScene
from bluesky_autofocus.benchmark.searches.tasks import draw_tasks
from bluesky_autofocus.estimator.families import CALIBRATION, TRAINING

# Drift, depths of field a frame, and flicker beside the 2 % that every frame has.
ROWS = ((0.0, 0.0), (0.05, 0.0), (0.2, 0.0), (0.0, 0.1), (0.2, 0.1))
INSIDE_DOF, FALSE_DOF = 0.5, 1.0


@dataclass
class DriftingLook(Look):
    """A look at a sample that drifts, in light that flickers.

    Parameters
    ----------
    drift_dof : float
        How far focus moves with each frame, depths of field.
    flicker : float
        Standard deviation of the logarithm of the light.
    """

    drift_dof: float = 0.0
    flicker: float = 0.0

    @property
    def error_dof(self) -> float:
        """Where the sample is in the latest frame, less where focus is, depths of field."""
        return super().error_dof - self.drift_dof * self.frames

    def __call__(self, position_dof: float) -> NDArray[np.unsignedinteger]:
        """Move to a position and take a frame in the light of that moment.

        Parameters
        ----------
        position_dof : float
            Where to.

        Returns
        -------
        numpy.ndarray
            The frame.
        """
        rng = np.random.default_rng([self.task.noise, self.frames, 1])
        self.task = replace(self.task, level=float(np.exp(rng.normal(0, self.flicker))))
        return super().__call__(position_dof)


def main() -> None:
    """Make the searches and print a line a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    runs: dict[tuple[float, float], list[Searched]] = {row: [] for row in ROWS}
    families = [*CALIBRATION, *TRAINING]
    for spec in draw_scenes(
        options.seed, "fit", options.scenes, side_px=SIDE_PX, families=families
    ):
        scene = SeenScene(spec)
        observe_frame = observer(estimator_of(scene), 0.0)
        for task in draw_tasks(spec, HALF_DOF, 1, stream=round(HALF_DOF)):
            up = 1 if task.noise % 2 else -1
            for drift, flicker in ROWS:
                look = DriftingLook(scene, task, drift_dof=up * drift, flicker=flicker)
                runs[drift, flicker].append(searched(look, observe_frame))
    report(runs)


def report(runs: dict[tuple[float, float], list[Searched]]) -> None:
    """Print what came of each row."""
    print("drift  flicker  searches  within 1/2  said  half to 1  false  frames  error p50 / p95")
    for (drift, flicker), these in runs.items():
        errors = np.array([abs(run.errors_dof[-1]) for run in these if run.said])
        frames = [len(run.errors_dof) for run in these]
        between = np.count_nonzero((errors > INSIDE_DOF) & (errors <= FALSE_DOF))
        print(
            f"{drift:5g}  {flicker:7g}  {len(these):8d}  "
            f"{np.count_nonzero(errors <= INSIDE_DOF) / len(these):10.1%}  {len(errors):4d}  "
            f"{between:9d}  {np.count_nonzero(errors > FALSE_DOF):5d}  "
            f"{np.median(frames):g} / {np.quantile(frames, 0.95):g}   "
            f"{np.median(errors):.3f} / {np.quantile(errors, 0.95):.3f}"
        )
        for run in these:
            if run.said and abs(run.errors_dof[-1]) > FALSE_DOF:
                print(f"       false: {run.errors_dof[-1]:+.2f} DoF, {run.outcome.message}")


if __name__ == "__main__":
    main()
