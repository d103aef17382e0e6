"""The search by belief with an estimator that is wrong, on simulated frames of known families.

Run ``python tests/benchmarks/bench_wrong_estimator.py --shift 0.7``: on each scene all
distributions of the estimator are shifted on the axis y by that much times a normal deviate, away
from focus. With ``--shift 0`` the estimator is as it is. The families are those of training and
calibration, so that the held-out ones stay unseen while the belief is changed.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from bluesky_autofocus.belief import Observation, observe
from bluesky_autofocus.benchmark.estimators import estimator_of
from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.benchmark.searches.look import Look, SeenScene
from bluesky_autofocus.benchmark.searches.tasks import draw_tasks
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.estimator.distribution import GRID_Y
from bluesky_autofocus.estimator.families import CALIBRATION, TRAINING
from bluesky_autofocus.search import Window
from bluesky_autofocus.search.belief import BeliefSearch
from bluesky_autofocus.verdict import Outcome, Verdict

HALF_DOF, SIDE_PX = 50.0, 512
FAR_DOF = 3.0
TINY = 1e-6


@dataclass(frozen=True)
class Searched:
    """What came of one search: how far from focus each frame was, and what the last one led to."""

    outcome: Outcome
    errors_dof: list[float]
    signal_shares: list[float]
    first_has_signal: bool
    wrong_direction: bool

    @property
    def said(self) -> bool:
        """Whether it said `in_focus`."""
        return self.outcome.verdict is Verdict.IN_FOCUS


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shift", type=float, default=0.7)
    parser.add_argument("--families", default="", help="names with commas between")
    options = parser.parse_args()
    torch.set_num_threads(1)
    families = options.families.split(",") if options.families else [*CALIBRATION, *TRAINING]
    runs: list[Searched] = []
    for spec in draw_scenes(
        options.seed, "fit", options.scenes, side_px=SIDE_PX, families=families
    ):
        scene = SeenScene(spec)
        shift = options.shift * abs(float(spec.rng(200).normal()))
        seen = observer(estimator_of(scene), shift)
        for task in draw_tasks(spec, HALF_DOF, 1, stream=round(HALF_DOF)):
            runs.append(searched(Look(scene, task), seen))
    report(runs)


def observer(
    estimator: SharpnessEstimator, shift_y: float
) -> Callable[[NDArray[np.number]], Observation]:
    """Return what observes frames with the estimator's distributions shifted."""

    def seen(frame: NDArray[np.number]) -> Observation:
        observation = observe(frame, estimator)
        if not shift_y:
            return observation
        p = np.interp(GRID_Y - shift_y, GRID_Y, observation.probabilities, left=0, right=0) + TINY
        return replace(observation, probabilities=p / p.sum(), in_focus=False)

    return seen


def searched(look: Look, observe_frame: Callable[[NDArray[np.number]], Observation]) -> Searched:
    """Search as the plan does."""
    task = look.task
    window = Window(-task.half_dof, task.half_dof)
    search = BeliefSearch(window=window, start_dof=task.start_dof)
    errors: list[float] = []
    while not isinstance(step := search.suggest(), Outcome):
        search = search.ingest(step.position_dof, observe_frame(look(step.position_dof)))
        errors.append(look.error_dof)
    asked = look.asked_dof
    frames = search.belief.frames
    wrong = (
        len(asked) > 2
        and abs(asked[1] - task.focus_dof) > 1
        and (asked[2] - asked[1]) * (task.focus_dof - asked[1]) <= 0
    )
    spectra = [frame.observation.spectrum for frame in frames]
    return Searched(
        outcome=step,
        errors_dof=errors,
        signal_shares=[spectrum.signal_share() for spectrum in spectra],
        first_has_signal=bool(spectra) and spectra[0].has_signal,
        wrong_direction=wrong,
    )


def report(runs: list[Searched]) -> None:
    """Print a line a figure."""
    count = len(runs)
    found = [run for run in runs if run.said and abs(run.errors_dof[-1]) <= 0.5]
    false = [run for run in runs if run.said and abs(run.errors_dof[-1]) > 1]
    frames = [len(run.errors_dof) for run in runs]
    print(f"{count} searches, frames {np.median(frames):g} / {np.quantile(frames, 0.95):g}")
    print(f"in focus {len(found)} ({len(found) / count:.1%}), false {len(false)}")
    wrong = [run for run in runs if run.wrong_direction]
    dark = sum(not run.first_has_signal for run in wrong)
    print(f"wrong direction {len(wrong)}, of them {dark} with but noise in the first frame;")
    third = sum(len(run.errors_dof) <= 4 for run in wrong)
    print(f"  in focus with the fourth frame at the latest: {third}")
    share = [s for run in runs for s in run.signal_shares]
    away = [abs(e) for run in runs for e in run.errors_dof[: len(run.signal_shares)]]
    for name, low, high in (("in focus", 0.0, 0.5), (f"beyond {FAR_DOF:g}", FAR_DOF, np.inf)):
        these = [s for s, a in zip(share, away, strict=True) if low <= a < high]
        if these:
            broad = np.mean(np.array(these) >= 0.75)
            print(
                f"bands with power, {len(these)} frames {name}: median {np.median(these):.2f}, "
                f"most {max(these):.2f}, {broad:.0%} from .75"
            )


if __name__ == "__main__":
    main()
