"""Whether two quantities rise together."""

from math import nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

__all__ = ["FEWEST_RANKED", "spearman"]

FEWEST_RANKED = 3


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Return Spearman's rank correlation: Pearson's of the ranks, equal values sharing theirs.

    Parameters
    ----------
    first, second : array_like, shape (N,)
        Pairs; those that are not finite are left out.

    Returns
    -------
    float
        -1 to 1; NaN for fewer than three pairs, or where one of the two never changes.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    good = np.isfinite(a) & np.isfinite(b)
    a, b = a[good], b[good]
    if a.size < FEWEST_RANKED or np.ptp(a) == 0 or np.ptp(b) == 0:
        return nan
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
