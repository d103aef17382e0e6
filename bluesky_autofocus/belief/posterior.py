"""A distribution over the focus position, and what can be read off it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Candidate", "Posterior"]

# Focus positions nearer to one another than this are one candidate.
APART_DOF = 1.5
MOST_CANDIDATES = 6
LEAST_CANDIDATE = 0.01


@dataclass(frozen=True)
class Candidate:
    """A place where focus can be.

    Parameters
    ----------
    position_dof : float
        Mean position of the probability around it, depths of field.
    mass : float
        Probability within half a depth of field of it.
    """

    position_dof: float
    mass: float


@dataclass(frozen=True)
class Posterior:
    """Probability of each focus position.

    Parameters
    ----------
    position_dof : numpy.ndarray
        Focus positions, ascending, shape (n,).
    mass : numpy.ndarray
        Their probabilities, sum 1, shape (n,).
    width_dof : numpy.ndarray
        Widths of the cells whose middles the positions are, shape (n,); they leave no gap.
    """

    position_dof: NDArray[np.float64]
    mass: NDArray[np.float64]
    width_dof: NDArray[np.float64]

    @property
    def borders_dof(self) -> NDArray[np.float64]:
        """Borders of the cells, ascending, shape (n + 1,)."""
        half = self.width_dof / 2
        return np.append(self.position_dof - half, self.position_dof[-1] + half[-1])

    @cached_property
    def _total(self) -> NDArray[np.float64]:
        return np.concatenate([[0.0], np.cumsum(self.mass)])

    def between(self, low_dof: float, high_dof: float) -> float:
        """Probability that focus lies between two positions.

        Parameters
        ----------
        low_dof, high_dof : float
            Ends, depths of field, both included.

        Returns
        -------
        float
            From 0 to 1.
        """
        first = np.searchsorted(self.position_dof, low_dof, side="left")
        after = np.searchsorted(self.position_dof, high_dof, side="right")
        return float(max(self._total[after] - self._total[first], 0.0)) if after > first else 0.0

    def within(self, position_dof: float, reach_dof: float = 0.5) -> float:
        """Probability that a position lies within a distance of focus.

        Parameters
        ----------
        position_dof : float
            Stage position.
        reach_dof : float, default 0.5
            Distance; the default is the depth of field.

        Returns
        -------
        float
            From 0 to 1.
        """
        return self.between(position_dof - reach_dof, position_dof + reach_dof)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Up to six places where focus can be, the likeliest first."""
        x, total = self.position_dof, self._total
        first = np.searchsorted(x, x - 0.5, side="left")
        after = np.searchsorted(x, x + 0.5, side="right")
        around = total[after] - total[first]
        out: list[Candidate] = []
        free = around.copy()
        while len(out) < MOST_CANDIDATES:
            top = int(np.argmax(free))
            if out and free[top] < LEAST_CANDIDATE:
                break
            part = slice(first[top], after[top])
            mass = self.mass[part]
            mean = float(x[part] @ mass / max(float(mass.sum()), 1e-300))
            out.append(Candidate(mean, self.within(mean)))
            free[np.abs(x - x[top]) < APART_DOF] = -1.0
        return tuple(out)

    @property
    def best_dof(self) -> float:
        """Likeliest focus position."""
        return self.candidates[0].position_dof

    @property
    def best_mass(self) -> float:
        """Probability that focus is within half a depth of field of the likeliest position."""
        return self.candidates[0].mass

    @cached_property
    def sigma_dof(self) -> float:
        """Standard deviation of the focus position, over all that is probable."""
        mean = float(self.position_dof @ self.mass)
        return float(np.sqrt(max(float((self.position_dof - mean) ** 2 @ self.mass), 0.0)))

    @cached_property
    def local_sigma_dof(self) -> float:
        """Standard deviation around the likeliest position, within one depth of field."""
        near = np.abs(self.position_dof - self.best_dof) <= 1.0
        mass = self.mass[near]
        return float(
            np.sqrt((self.position_dof[near] - self.best_dof) ** 2 @ mass / max(mass.sum(), 1e-300))
        )

    @cached_property
    def median_dof(self) -> float:
        """Position that divides the probability in halves."""
        return float(self.quantiles(1)[0])

    def part(self, low_dof: float, high_dof: float) -> "Posterior":
        """Return the distribution, given that focus lies between two positions.

        Parameters
        ----------
        low_dof, high_dof : float
            Ends, depths of field, both included.

        Returns
        -------
        Posterior
            Of that part alone; the whole if there is no probability in it.
        """
        inside = (self.position_dof >= low_dof) & (self.position_dof <= high_dof)
        total = float(self.mass[inside].sum())
        if total <= 0:
            return self
        return Posterior(
            self.position_dof[inside], self.mass[inside] / total, self.width_dof[inside]
        )

    def quantiles(self, count: int) -> NDArray[np.float64]:
        """Positions that stand for equal shares of the probability.

        Parameters
        ----------
        count : int
            How many.

        Returns
        -------
        numpy.ndarray
            Ascending, shape (count,), depths of field.
        """
        shares = (np.arange(count) + 0.5) / count
        middles = self._total[:-1] + self.mass / 2
        return np.interp(shares, middles, self.position_dof)
