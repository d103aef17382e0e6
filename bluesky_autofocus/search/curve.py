"""The focus curve as it was met: usable samples by position, with its height and noise."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from ..verdict import Side
from .steps import Sample

__all__ = ["Curve"]

# Samples above this share of the height are the peak.
PEAK = 0.3


@dataclass(frozen=True, eq=False)
class Curve:
    """Usable samples of a focus curve in order of position.

    Two curves are equal only if they are the same one.

    Parameters
    ----------
    positions : ndarray, shape (n,)
        Depths of field, ascending; n >= 1.
    values : ndarray, shape (n,)
        Sharpness.
    """

    positions: NDArray[np.float64]
    values: NDArray[np.float64]

    # Each step of a search asks for the curves of the steps before it once more.
    @staticmethod
    @lru_cache(maxsize=64)
    def of(samples: tuple[Sample, ...]) -> "Curve | None":
        """Sort the usable samples by position; None if there are none.

        Parameters
        ----------
        samples : tuple of Sample
            In order of time.

        Returns
        -------
        Curve or None
            The curve.
        """
        usable = sorted((s.position_dof, s.sharpness) for s in samples if s.usable)
        if not usable:
            return None
        positions, values = np.array(usable, dtype=np.float64).T
        return Curve(positions, values)

    @cached_property
    def plateau(self) -> tuple[int, int]:
        """First and last index of the neighbours that share the greatest value."""
        first = last = int(np.argmax(self.values))
        while last + 1 < self.values.size and self.values[last + 1] == self.values[first]:
            last += 1
        return first, last

    @property
    def top(self) -> int:
        """Index of the greatest value, the middle one if several neighbours share it."""
        return sum(self.plateau) // 2

    @property
    def top_position(self) -> float:
        """Position of the greatest value."""
        return float(self.positions[self.top])

    @property
    def top_value(self) -> float:
        """Greatest value."""
        return float(self.values[self.top])

    @cached_property
    def base(self) -> float:
        """Level of the tails: the lowest eighth of the values, which one failed frame spares."""
        return float(np.sort(self.values)[self.values.size // 8])

    @property
    def height(self) -> float:
        """Greatest value above the tails."""
        return self.top_value - self.base

    @property
    def level(self) -> float:
        """What a height is compared with: the greatest magnitude on the curve."""
        return float(np.abs(self.values).max())

    @cached_property
    def noise(self) -> float:
        """Standard deviation of the values about a smooth curve.

        The lesser of two estimates, each of which takes some clean curves for noisy: the scatter
        about a line between the neighbours, which is large where the samples are few for the
        curve; and the scatter about one rise and one fall, which is large where there are two
        peaks.
        """
        x, y = self.positions, self.values
        if x.size < 4:
            return 0.0
        span = x[2:] - x[:-2]
        share = np.divide(x[1:-1] - x[:-2], span, out=np.full(span.size, 0.5), where=span > 0)
        residual = y[1:-1] - (1 - share) * y[:-2] - share * y[2:]
        scaled = np.abs(residual) / np.sqrt(1 + share**2 + (1 - share) ** 2)
        about_neighbours = 1.4826 * float(np.median(scaled))
        return min(about_neighbours, self._scatter(0, x.size - 1))

    @cached_property
    def peak_noise(self) -> float:
        """Standard deviation of the values in the peak, where flicker is strongest.

        Over the contiguous samples above 30 % of the height.
        """
        return self._scatter(*self.above(PEAK))

    def above(self, share: float) -> tuple[int, int]:
        """Find the neighbours of the top above a share of the height.

        Parameters
        ----------
        share : float
            Share of the height, 0 to 1.

        Returns
        -------
        int, int
            First and last index of the contiguous samples.
        """
        enough = self.values >= self.base + share * self.height
        low = high = self.top
        while low > 0 and enough[low - 1]:
            low -= 1
        while high + 1 < enough.size and enough[high + 1]:
            high += 1
        return low, high

    def _scatter(self, low: int, high: int) -> float:
        """Return the scatter about one rise and one fall, by isotonic regression.

        Each level of the regression takes one degree of freedom (Meyer and Woodroofe, Ann. Stat.
        28, 2000).
        """
        squares, free = 0.0, 0
        for side, rising in ((slice(low, self.top + 1), True), (slice(self.top, high + 1), False)):
            values = self.values[side]
            fit = isotonic_regression(values, increasing=rising)
            squares += float(np.sum((values - fit.x) ** 2))
            free += values.size - (fit.blocks.size - 1)
        return (squares / free) ** 0.5 if free else 0.0

    def side(self, side: Side) -> "Curve":
        """Return the samples on one side of the top.

        Parameters
        ----------
        side : Side
            Which side of the top.

        Returns
        -------
        Curve
            Those samples, ascending; possibly none.
        """
        part = slice(None, self.top) if side is Side.LOW else slice(self.top + 1, None)
        return Curve(self.positions[part], self.values[part])
