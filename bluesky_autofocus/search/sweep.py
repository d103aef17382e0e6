"""A coarse sweep over the window, then a fine one about the best position."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np

from ..errors import SearchError
from ..verdict import Side
from .curve import Curve
from .curve_search import CurveSearch
from .protocol import Move
from .steps import Sample, Steps

__all__ = ["Sweep", "usual_coarse_points"]

# The tails of a focus curve are seen at this distance between two frames ...
WIDEST_STEP_DOF = 5.0
# ... and a step below this one has no need of a second sweep.
FINEST_STEP_DOF = 0.5
USUAL_POINTS = 21
MOST_POINTS = 201
LEAST_POINTS = 5


def usual_coarse_points(width_dof: float) -> int:
    """Choose the number of frames of a coarse sweep.

    Parameters
    ----------
    width_dof : float
        Length of the window, in depths of field.

    Returns
    -------
    int
        21, more where they would be over 5 depths of field apart, fewer where under 0.5;
        between 5 and 201.
    """
    most = ceil(min(width_dof / FINEST_STEP_DOF, MOST_POINTS)) + 1
    needed = ceil(min(width_dof / WIDEST_STEP_DOF, MOST_POINTS)) + 1
    return min(max(min(USUAL_POINTS, most), needed, LEAST_POINTS), MOST_POINTS)


@dataclass(frozen=True, kw_only=True)
class Sweep(CurveSearch):
    """Sweep the window, then sweep finely between the neighbours of the best frame.

    Both sweeps start at the approach side and run one way, so that backlash shifts no frame
    against another.

    Parameters
    ----------
    window, start_dof, tolerance_dof, approach, history
        As `CurveSearch`.
    coarse_points : int, optional
        Frames of the first sweep, ends of the window included; at least 3. Default: from the
        window, see `usual_coarse_points`.
    fine_points : int
        Frames of the second sweep; at least 3.
    """

    coarse_points: int | None = None
    fine_points: int = 11

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        for name, points in (("coarse", self.coarse_frames), ("fine", self.fine_points)):
            if not 3 <= points <= 10_000:
                raise SearchError(
                    f"The {name} sweep has {points} points, 3 to 10000 are possible. "
                    "Give a number between."
                )

    @property
    def coarse_frames(self) -> int:
        """Frames of the first sweep."""
        if self.coarse_points is None:
            return usual_coarse_points(self.window.width_dof)
        return self.coarse_points

    @property
    def max_exploring_frames(self) -> int:
        """Most frames of both sweeps."""
        return self.coarse_frames + self.fine_points

    def _explore(self, begun: tuple[Sample, ...]) -> Steps[tuple[Sample, ...]]:
        window, points = self.window, self.coarse_frames
        coarse = yield from self._sweep("coarse", window.low_dof, window.high_dof, points)
        curve = Curve.of(coarse)
        if curve is None:
            return coarse
        step = window.width_dof / (points - 1)
        best = window.clip(curve.top_position)
        fine = yield from self._sweep(
            "fine", window.clip(best - step), window.clip(best + step), self.fine_points
        )
        return coarse + fine

    def _sweep(
        self, kind: str, low_dof: float, high_dof: float, points: int
    ) -> Steps[tuple[Sample, ...]]:
        samples = []
        for move in _moves(kind, low_dof, high_dof, points, self.approach):
            samples.append((yield move))
        return tuple(samples)


# Each step of a search asks for the sweeps before it once more.
@lru_cache(maxsize=4)
def _moves(
    kind: str, low_dof: float, high_dof: float, points: int, approach: Side
) -> tuple[Move, ...]:
    """Return the moves of a sweep in order of time."""
    positions = np.linspace(low_dof, high_dof, points)
    if approach is Side.HIGH:
        positions = positions[::-1]
    return tuple(
        Move(position, f"{kind} sweep {index}/{points}")
        for index, position in enumerate(positions.tolist(), start=1)
    )
