"""Focal stacks on disk, and estimates made by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from PIL import Image

from bluesky_autofocus.evaluation import PlaneReading
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.measures import MEASURES


@dataclass(frozen=True)
class HandMade:
    """An estimate whose numbers are written down."""

    distance_dof: float
    distance_std_dof: float = 0.1
    validity: str = "good"
    sharpness: float = 0.5
    sharpness_std: float = 0.02
    in_focus: bool = False
    saturated_fraction: float = 0.0
    mean_fraction: float = 0.4

    def interval_dof(self, level: float = 0.9) -> tuple[float, float]:
        """That of a normal distribution, cut at 0."""
        half = NormalDist().inv_cdf((1 + level) / 2) * self.distance_std_dof
        return max(self.distance_dof - half, 0.0), self.distance_dof + half


@pytest.fixture
def hand_made() -> type[HandMade]:
    return HandMade


@pytest.fixture
def make_stack(tmp_path: Path) -> Callable[..., FocalStack]:
    """Write planes of 64 x 80 pixels whose contrast falls with the distance from `focus`."""

    def make(z: Sequence[float], *, focus: float, unit: str = "um") -> FocalStack:
        folder = tmp_path / "sample" / "sweep"
        folder.mkdir(parents=True)
        grain = np.random.default_rng(0).integers(-100, 100, (64, 80))
        rows = ["file,z,unit"]
        for index, at in enumerate(z):
            frame = 120 + grain / (1 + abs(at - focus))
            Image.fromarray(frame.astype(np.uint8)).save(folder / f"{index}.png")
            rows.append(f"{index}.png,{at!r},{unit}")
        (folder / "positions.csv").write_text("\n".join(rows))
        return FocalStack.read(folder)

    return make


@pytest.fixture
def readings() -> Callable[..., tuple[PlaneReading, ...]]:
    """Planes at some positions with given estimates; every measure peaks at `focus`."""

    def make(
        z: Sequence[float], estimates: Sequence[HandMade], *, focus: float
    ) -> tuple[PlaneReading, ...]:
        return tuple(
            PlaneReading(
                f"{index}.png", at, estimate, dict.fromkeys(MEASURES, 5 - (at - focus) ** 2)
            )
            for index, (at, estimate) in enumerate(zip(z, estimates, strict=True))
        )

    return make
