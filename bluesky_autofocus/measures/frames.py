"""What every focus measure does first: check the frames and walk them in small blocks."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import FrameError

__all__ = ["ROWS_PER_BLOCK", "checked_frames", "each_frame", "mean_level", "row_blocks"]

# A block of 64 rows of a usual camera stays in the second-level cache, which halves the time.
ROWS_PER_BLOCK = 64


def checked_frames(frames: ArrayLike, smallest: int = 1) -> NDArray:
    """Return frames as an array, once they can be measured.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels, integer or floating point.
    smallest : int
        Least number of rows and of columns that the measure needs.

    Returns
    -------
    ndarray, shape (..., H, W)
        The same values, not copied if they were an array.

    Raises
    ------
    FrameError
        For other types, fewer than two dimensions, no pixels, or too few of them.
    """
    array = np.asarray(frames)
    if array.dtype.kind not in "iuf":
        raise FrameError(
            f"A frame of type {array.dtype} cannot be measured; integer and floating point "
            "can. Convert it to grey levels first."
        )
    if array.ndim < 2:
        raise FrameError(
            f"A frame of shape {array.shape} has {array.ndim} dimension(s), at least 2 are "
            "needed. Give (..., height, width)."
        )
    if array.size == 0:
        raise FrameError(f"A frame of shape {array.shape} holds no pixels. Give at least one.")
    if min(array.shape[-2:]) < smallest:
        raise FrameError(
            f"A frame of shape {array.shape} is smaller than the {smallest} x {smallest} pixels "
            "that this measure needs. Give a larger region."
        )
    return array


def each_frame(
    formula: Callable[[NDArray], float], frames: ArrayLike, smallest: int
) -> NDArray[np.float64]:
    """Apply the formula of one frame to each of them.

    Parameters
    ----------
    formula : callable
        Takes one (H, W) frame and returns its value.
    frames : array_like, shape (..., H, W)
        Grey levels, integer or floating point, all finite.
    smallest : int
        Least number of rows and of columns that the formula needs.

    Returns
    -------
    ndarray of float64, shape (...)
        One value a frame.

    Raises
    ------
    FrameError
        As `checked_frames`, and for NaN or infinite pixels.
    """
    array = checked_frames(frames, smallest)
    values = np.empty(array.shape[:-2], dtype=np.float64)
    for index in np.ndindex(values.shape):
        frame = array[index]
        if frame.dtype.kind == "f" and not np.isfinite(frame).all():
            bad = int(frame.size - np.count_nonzero(np.isfinite(frame)))
            raise FrameError(
                f"{bad} of {frame.size} pixels are NaN or infinite, 0 are allowed. "
                "Replace them before measuring."
            )
        values[index] = formula(frame)
    return values


def row_blocks(frame: NDArray, overlap: int) -> Iterator[NDArray]:
    """Walk down a frame in blocks of whole rows, in floating point.

    Single precision where it holds every grey level exactly, else double.

    Parameters
    ----------
    frame : ndarray, shape (H, W)
        One frame with H > `overlap`.
    overlap : int
        Rows that a block shares with the next: one less than the height of the kernel, so that
        every position of the kernel is met once.

    Yields
    ------
    ndarray, shape (h, W)
        ``overlap < h <= overlap + 64`` rows.
    """
    dtype = np.promote_types(np.float32, frame.dtype)
    working = np.float32 if dtype == np.float32 else np.float64
    for top in range(0, frame.shape[0] - overlap, ROWS_PER_BLOCK):
        yield frame[top : top + ROWS_PER_BLOCK + overlap].astype(working)


def mean_level(frame: NDArray) -> float:
    """Return the mean of a frame, summed in double precision.

    Parameters
    ----------
    frame : ndarray, shape (H, W)
        One frame.

    Returns
    -------
    float
        Mean grey level.
    """
    return float(np.mean(frame, dtype=np.float64))
