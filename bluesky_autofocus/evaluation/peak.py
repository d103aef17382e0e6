"""Where a focus measure peaks along a stack."""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["peak_position"]


def peak_position(z: ArrayLike, values: ArrayLike) -> float | None:
    """Return the position of the greatest value, refined between planes.

    Parameters
    ----------
    z : array_like, shape (planes,)
        Positions, strictly rising.
    values : array_like, shape (planes,)
        The focus measure; values that are not finite are left out.

    Returns
    -------
    float or None
        Vertex of the parabola through the greatest value and its two neighbours; at an end of the
        stack the plane there; of a flat top the middle. None if no value differs from the others.
    """
    at, sharp = np.asarray(z, dtype=float), np.asarray(values, dtype=float)
    good = np.isfinite(sharp)
    at, sharp = at[good], sharp[good]
    if at.size == 0 or np.ptp(sharp) == 0:
        return None
    low = int(np.argmax(sharp))
    high = low
    while high + 1 < at.size and sharp[high + 1] == sharp[low]:
        high += 1
    if high > low:
        return float(at[low] + at[high]) / 2
    if low in (0, at.size - 1):
        return float(at[low])
    (below, above) = at[[low - 1, low + 1]] - at[low]
    (fall_below, fall_above) = sharp[low] - sharp[[low - 1, low + 1]]
    # Through (0, 0), (below, -fall_below) and (above, -fall_above); both falls are positive.
    shift = (fall_below * above**2 - fall_above * below**2) / (
        2 * (fall_below * above - fall_above * below)
    )
    return float(at[low] + shift)
