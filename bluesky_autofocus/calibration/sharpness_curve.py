"""Where the sharpness of a sweep peaks, and where it changes most."""

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CalibrationError
from ..evaluation.peak import peak_position

__all__ = ["FEWEST_PLANES", "steepest_position", "sweep_peak"]

FEWEST_PLANES = 7
"""Positions that a sweep needs."""

# A peak rises by this factor at least, and by this many standard deviations of the noise that
# neighbouring positions show: of thirty values of noise alone the range is about four of them.
LEAST_RISE = 1.3
LEAST_SIGMAS = 6.0
# Standard deviation of a normal distribution from the median size of its second differences.
NOISE_OF_DIFFERENCES = 1 / (0.6745 * np.sqrt(6))


def sweep_peak(z: ArrayLike, sharpness: ArrayLike, unit: str) -> float:
    """Find the focus within a sweep, or say why there is none.

    Parameters
    ----------
    z : array_like, shape (planes,)
        Positions, in any order.
    sharpness : array_like, shape (planes,)
        Values of a focus measure, > 0.
    unit : str
        Unit of the positions, for the messages.

    Returns
    -------
    float
        Position of the peak.

    Raises
    ------
    CalibrationError
        If there are too few positions, no peak, or one at an end of the sweep.
    """
    at, first = np.unique(np.asarray(z, dtype=float), return_index=True)
    sharp = np.asarray(sharpness, dtype=float)[first]
    if at.size < FEWEST_PLANES:
        raise CalibrationError(
            f"The sweep has {at.size} different positions; at least {FEWEST_PLANES} are needed. "
            "Sweep with more."
        )
    top = int(np.argmax(sharp))
    low, high = f"{at[0]:.6g}", f"{at[-1]:.6g}"
    logs = np.log(sharp)
    noise = NOISE_OF_DIFFERENCES * float(np.median(np.abs(np.diff(logs, 2))))
    if not np.ptp(logs) > max(np.log(LEAST_RISE), LEAST_SIGMAS * noise):
        raise CalibrationError(
            f"No position between {low} and {high} {unit} is clearly sharper than the others. "
            "Either the sample has no texture here or there is no light, or focus lies outside the "
            "sweep or between its positions. Move to a part with structure, or sweep around the "
            "focus with more positions."
        )
    if top in (0, at.size - 1) or not sharp[top] > LEAST_RISE * max(sharp[0], sharp[-1]):
        raise CalibrationError(
            f"The sharpness does not peak inside the sweep from {low} to {high} {unit}: it is "
            f"greatest at {at[top]:.6g}. Sweep around the focus, or further."
        )
    peak = peak_position(at, sharp)
    return float(at[top]) if peak is None else peak


def steepest_position(z: ArrayLike, sharpness: ArrayLike) -> float:
    """Return where the logarithm of the sharpness changes fastest.

    Parameters
    ----------
    z : array_like, shape (planes,)
        Positions, strictly rising or falling.
    sharpness : array_like, shape (planes,)
        Values of a focus measure, > 0.

    Returns
    -------
    float
        One of the positions, no end of them.
    """
    at = np.asarray(z, dtype=float)
    slope = np.abs(np.gradient(np.log(np.asarray(sharpness, dtype=float)), at))
    return float(at[1 + int(np.argmax(slope[1:-1]))])
