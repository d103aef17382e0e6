"""How much of the differences within a frame its map shows, on simulated terraces.

Run ``python tests/benchmarks/bench_height_differences.py --scenes 20 --seed 5``, with
``--weights FILE`` for others than those shipped: the slope of the sharpness that a map states over
the true one, cell by cell within each frame. It is 1 if a map shows differences of altitude as they
are, and 0 if it gives all cells the same. The families are those that confidence is scaled on, so
that the held-out ones stay unseen while a network is chosen.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.benchmark.map_frames import MapFrame, map_frames
from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.estimator.families import CALIBRATION

SIDE_PX = 1024
# Frames whose cells differ by less show nothing of the kind.
LEAST_SPREAD = 0.04


def slope(true: NDArray[np.floating], said: NDArray[np.floating]) -> float:
    """Slope of what is said over what is true."""
    away = true - true.mean()
    return float(away @ (said - said.mean()) / (away @ away))


def row(name: str, true: Iterable[NDArray], said: Iterable[NDArray]) -> str:
    """Say how much of the differences is shown."""
    both = list(zip(true, said, strict=True))
    slopes = np.array([slope(t, s) for t, s in both])
    agreement = np.median([np.corrcoef(t, s)[0, 1] for t, s in both])
    error = np.sqrt(np.mean([np.mean((t - s) ** 2) for t, s in both]))
    low, middle, high = np.quantile(slopes, [0.25, 0.5, 0.75])
    return (
        f"{name}: slope {middle:.2f} (quartiles {low:.2f}, {high:.2f}), correlation "
        f"{agreement:.2f}, RMSE of s {error:.3f}, {slopes.size} frames"
    )


def terraced(scenes: int, seed: int, weights: Path | None) -> list[MapFrame]:
    """Map terraces in three lights."""
    specs = draw_scenes(seed, "maps", scenes, side_px=SIDE_PX, families=CALIBRATION)
    frames = [frame for spec in specs for frame in map_frames(spec, weights)]
    return [f for f in frames if f.kind == "terraces" and f.true_sharpness.std() > LEAST_SPREAD]


def main() -> None:
    """Print a row for one frame and one for two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--weights", type=Path)
    asked = parser.parse_args()
    frames = terraced(asked.scenes, asked.seed, asked.weights)
    true = [f.true_sharpness for f in frames]
    print(row("one frame ", true, [f.sharpness for f in frames]))
    print(row("two frames", true, [f.pair_sharpness for f in frames]))


if __name__ == "__main__":
    main()
