"""Cells of a frame that are too bright or too dark by themselves."""

import numpy as np
from numpy.typing import NDArray

from .frames import Exposure
from .pyramid import STRIDES_PX, cell_centres
from .validity import Validity, code_of

__all__ = ["mark_light"]

CELL_SATURATED_SHARE = 0.25


def mark_light(codes: NDArray[np.uint8], frame: NDArray[np.number], light: Exposure) -> None:
    """Mark cells that are saturated or dark, whatever the frame is.

    Parameters
    ----------
    codes : numpy.ndarray
        Validity of each cell, changed in place, shape (rows, cols).
    frame : numpy.ndarray
        Grey levels.
    light : Exposure
        Of the frame.
    """
    if light.validity is Validity.TOO_DARK:
        codes[...] = code_of(Validity.TOO_DARK)
    if light.saturated_fraction == 0:
        return
    stride = STRIDES_PX[0]
    rows, cols = (cell_centres(n, stride) for n in frame.shape)
    for i, r in enumerate(rows):
        top = max(0, int(r - stride / 2))
        strip = frame[top : top + stride : 4] >= light.full_scale
        for j, c in enumerate(cols):
            left = max(0, int(c - stride / 2))
            if strip[:, left : left + stride].mean() > CELL_SATURATED_SHARE:
                codes[i, j] = code_of(Validity.SATURATED)
