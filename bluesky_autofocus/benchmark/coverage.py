"""Whether intervals hold the truth as often as they say."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .distance_bins import EDGES_DOF, bin_index

__all__ = ["LEVELS", "Coverage", "coverage"]

LEVELS = (0.5, 0.9, 0.99)
"""Probabilities of the intervals that are looked at."""


@dataclass(frozen=True)
class Coverage:
    """Share of the frames whose true distance lies in an interval.

    Parameters
    ----------
    level : float
        Probability that the interval claims.
    overall : float
        Share over all frames.
    bins : tuple of float
        Share by bin of ``|U|``, from focus outwards; NaN where a bin is empty.
    """

    level: float
    overall: float
    bins: tuple[float, ...]


def coverage(
    u_dof: ArrayLike, intervals: Mapping[float, tuple[ArrayLike, ArrayLike]]
) -> tuple[Coverage, ...]:
    """Count how often intervals hold the truth.

    Parameters
    ----------
    u_dof : array_like, shape (N,)
        True defocus, either sign, depths of field.
    intervals : mapping
        From the level to the lower and the upper ends, shape (N,) each, of ``|U|``. An interval
        with an end that is NaN holds nothing.

    Returns
    -------
    tuple of Coverage
        One for each level.
    """
    u = np.abs(np.asarray(u_dof, dtype=float))
    which = bin_index(u)
    out = []
    for level, (low, high) in intervals.items():
        held = (np.asarray(low, dtype=float) <= u) & (u <= np.asarray(high, dtype=float))
        shares = [
            float(held[which == k].mean()) if (which == k).any() else np.nan
            for k in range(len(EDGES_DOF) - 1)
        ]
        overall = float(held.mean()) if u.size else np.nan
        out.append(Coverage(level, overall, tuple(shares)))
    return tuple(out)
