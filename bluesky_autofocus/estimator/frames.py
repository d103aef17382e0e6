"""What a frame must be before it is estimated, and its level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import FrameError
from ..measurement import BRIGHT_SHARE, DARK_FRACTION, SATURATED_SHARE
from .spectra import TILE
from .validity import Validity

__all__ = ["Exposure", "checked_frame", "exposure"]

LARGEST_PX = 16384
# A camera gives one of these; a frame whose brightest pixel lies below says which.
BITS = (12, 14, 16)
# Share of pixels on the very largest value of a floating-point frame from which it is a plateau.
PLATEAU_SHARE = 0.005
# Light is judged on every eighth row: half a million pixels of a 2048² frame.
ROW_STEP = 8


@dataclass(frozen=True)
class Exposure:
    """How a frame is exposed.

    Parameters
    ----------
    mean_fraction : float
        Mean level as a fraction of full scale; NaN where full scale is unknown.
    saturated_fraction : float
        Share of pixels at full scale.
    validity : Validity
        Good, saturated or too dark.
    full_scale : float
        Level at which the camera saturates; infinite where it is unknown.
    contrast : bool
        Whether any two pixels differ.
    """

    mean_fraction: float
    saturated_fraction: float
    validity: Validity
    full_scale: float
    contrast: bool


def checked_frame(frame: ArrayLike) -> NDArray[np.number]:
    """Check that a frame can be estimated.

    Parameters
    ----------
    frame : array_like
        Grey levels, shape (rows, cols).

    Returns
    -------
    numpy.ndarray
        The frame; not copied if it was an array.

    Raises
    ------
    FrameError
        If it is not two-dimensional, smaller than 64 × 64 or larger than 16384 on a side, not of a
        real numeric type, or has values that are not finite or below 0.
    """
    array = np.asarray(frame)
    if array.dtype.kind not in "uif":
        raise FrameError(
            f"The frame has type {array.dtype}; grey levels are integers or real numbers. "
            "Give the camera's frame as it is."
        )
    if array.ndim != 2:
        raise FrameError(
            f"The frame has shape {array.shape}; one grey frame of shape (rows, cols) is "
            "estimated. Convert colour to luma, and give frames of a stack one by one."
        )
    if min(array.shape) < TILE or max(array.shape) > LARGEST_PX:
        raise FrameError(
            f"The frame has shape {array.shape}; each side must have {TILE} to {LARGEST_PX} "
            "pixels. Give a larger region of interest, or a part of the frame."
        )
    if array.dtype.kind in "if":
        for first in range(0, array.shape[0], 256):
            _check_values(array[first : first + 256])
    return array


def _check_values(rows: NDArray[np.number]) -> None:
    lowest = float(rows.min())
    if not (np.isfinite(lowest) and np.isfinite(float(rows.max()))):
        raise FrameError(
            "The frame has pixels that are not finite (NaN or infinite). "
            "Replace dead pixels by their neighbours before estimating."
        )
    if lowest < 0:
        raise FrameError(
            f"The frame has a pixel of {lowest:g}; light is never below 0. "
            "Give the frame before the dark frame is subtracted, or add its offset."
        )


def exposure(frame: NDArray[np.number], full_scale: float | None = None) -> Exposure:
    """Judge the light of a frame.

    Parameters
    ----------
    frame : numpy.ndarray
        A checked frame.
    full_scale : float, optional
        Level at which the camera saturates. Default: 255 for 8 bits; for more, the full scale of
        12, 14 or 16 bits that holds the brightest pixel; for floating point the largest value if
        it is a plateau, else unknown.

    Returns
    -------
    Exposure
        Saturated if more than 5 % of the pixels are at full scale; too dark if fewer than 0.1 %
        lie above 2 % of it.
    """
    rows = frame[::ROW_STEP]
    lowest, largest = float(rows.min()), float(rows.max())
    full = full_scale if full_scale is not None else _assumed_full_scale(rows, lowest, largest)
    saturated = float(np.count_nonzero(rows >= full)) / rows.size
    validity = Validity.GOOD
    if saturated > SATURATED_SHARE:
        validity = Validity.SATURATED
    elif np.isfinite(full):
        bright = float(np.count_nonzero(rows > DARK_FRACTION * full)) / rows.size
        if bright < BRIGHT_SHARE:
            validity = Validity.TOO_DARK
    mean = float(rows[:, ::ROW_STEP].mean()) / full if np.isfinite(full) else float("nan")
    return Exposure(mean, saturated, validity, float(full), largest > lowest)


def _assumed_full_scale(rows: NDArray[np.number], lowest: float, largest: float) -> float:
    if rows.dtype == np.uint8:
        return 255.0
    if rows.dtype.kind == "f":
        plateau = np.count_nonzero(rows == largest) / rows.size > PLATEAU_SHARE
        return largest if plateau and largest > lowest else float("inf")
    return next((2.0**bits - 1 for bits in BITS if largest < 2**bits), largest)
