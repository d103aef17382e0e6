"""How small a frame, or a region of interest, the belief can work with.

    python tests/benchmarks/bench_frame_size.py --sides 64 128 256 --scenes 30 --seed 12

Simulated searches from up to 50 depths of field, three lights, on the families that confidence is
scaled on.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.benchmark.searches.look import SeenScene
from bluesky_autofocus.benchmark.searches.tasks import draw_tasks
from bluesky_autofocus.benchmark.searches.trial import Trial, tried
from bluesky_autofocus.estimator.families import CALIBRATION
from bluesky_autofocus.search import BELIEF

HALF_DOF = 50.0


def trials(side_px: int, scenes: int, seed: int) -> list[Trial]:
    """Search on frames of one size."""
    out = []
    for spec in draw_scenes(seed, "search", scenes, side_px=side_px, families=CALIBRATION):
        scene = SeenScene(spec)
        for task in draw_tasks(spec, HALF_DOF, 1, stream=round(HALF_DOF)):
            out.append(tried(BELIEF, scene, task, None))
    return out


def row(side_px: int, done: Sequence[Trial]) -> str:
    """Say how the searches on frames of one size went."""
    frames = np.array([trial.frames for trial in done if trial.succeeded])
    median, most = np.quantile(frames, [0.5, 0.95]) if frames.size else (np.nan, np.nan)
    false = sum(trial.said and abs(trial.end_dof) > 1 for trial in done)
    success = np.mean([trial.succeeded for trial in done])
    return (
        f"{side_px:5d}² px: {len(done)} searches, {success:.1%} in focus, {false} falsely said, "
        f"frames {median:g} (95 %: {most:g})"
    )


def main() -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--scenes", type=int, default=30)
    parser.add_argument("--seed", type=int, default=12)
    asked = parser.parse_args()
    for side_px in asked.sides:
        print(row(side_px, trials(side_px, asked.scenes, asked.seed)), flush=True)


if __name__ == "__main__":
    main()
