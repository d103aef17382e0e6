"""Golden-section search."""

from dataclasses import dataclass
from math import ceil, inf, log, sqrt

from ..verdict import Side
from .curve_search import CurveSearch
from .protocol import Move
from .steps import Sample, Steps

__all__ = ["GoldenSection"]

RATIO = (sqrt(5.0) - 1.0) / 2.0
# The window then is 1e-12 of what it was, at the limit of the positions' own digits.
MOST_CUTS = 60


@dataclass(frozen=True, kw_only=True)
class GoldenSection(CurveSearch):
    """Cut the window by the golden section until it is twice the tolerance wide [1]_.

    It assumes a single peak that rises all over the window: where the tails are lost in noise it
    goes astray, and then says so.

    Parameters
    ----------
    window, start_dof, tolerance_dof, approach, history
        As `CurveSearch`.

    References
    ----------
    .. [1] Kiefer, "Sequential minimax search for a maximum", Proc. Am. Math. Soc. 4, 1953.
    """

    @property
    def max_exploring_frames(self) -> int:
        """Two frames and one for each cut but the last."""
        return 1 + self._cuts

    @property
    def _cuts(self) -> int:
        cuts = ceil(log(2 * self.tolerance_dof / self.window.width_dof) / log(RATIO))
        return min(max(cuts, 2), MOST_CUTS)

    def _explore(self, begun: tuple[Sample, ...]) -> Steps[tuple[Sample, ...]]:
        home = self._home(begun)
        low, high = self.window.low_dof, self.window.high_dof
        inner = [high - RATIO * (high - low), low + RATIO * (high - low)]
        values: list[float | None] = [None, None]
        samples: tuple[Sample, ...] = ()
        first = 0 if self.approach is Side.LOW else 1
        cuts = self._cuts
        for cut in range(cuts):
            for index in (first, 1 - first):
                if values[index] is not None:
                    continue
                sample = yield Move(inner[index], f"golden section {len(samples) + 1}")
                samples += (sample,)
                values[index] = sample.sharpness if sample.usable else -inf
            if cut == cuts - 1:
                break
            left, right = values[0] or 0.0, values[1] or 0.0
            # Equal values, as of two frames that are too dark, say nothing: stay near the start.
            if left > right or (left == right and home < (inner[0] + inner[1]) / 2):
                high = inner[1]
                inner = [high - RATIO * (high - low), inner[0]]
                values = [None, left]
            else:
                low = inner[0]
                inner = [inner[1], low + RATIO * (high - low)]
                values = [right, None]
        return samples
