"""Samples of more than one altitude, and the truth of a map's cells."""

from math import atan, degrees

import numpy as np
from numpy.typing import NDArray

from ..imaging import flat, terraces, tilted
from ..optics import Optics

__all__ = ["KINDS", "REACH_DOF", "cell_means", "draw_relief"]

KINDS = ("flat", "terraces", "tilt")
"""Kinds of sample."""

REACH_DOF = 55.0
"""No part of a sample is farther from focus, depths of field."""

TERRACE_SPAN_DOF = (1.0, 50.0)
TILT_SPAN_DOF = (0.5, 25.0)


def draw_relief(
    rng: np.random.Generator, kind: str, shape: tuple[int, int], optics: Optics
) -> NDArray[np.float32]:
    """Draw a sample and its place.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides.
    kind : str
        One of `KINDS`: one altitude; two to four, which span 1 to 50 depths of field; a plane
        that spans 0.5 to 25 across the frame. Spans are drawn evenly in the logarithm.
    shape : (int, int)
        Rows and columns of the frame.
    optics : Optics
        Scale the tilt.

    Returns
    -------
    numpy.ndarray
        Signed defocus of each pixel, depths of field. Its middle is drawn evenly among the places
        that keep all of it within ± 55.
    """
    if kind == "flat":
        relief = flat(shape)
    elif kind == "terraces":
        span = _log_uniform(rng, TERRACE_SPAN_DOF)
        inner = rng.uniform(-span / 2, span / 2, int(rng.integers(0, 3)))
        levels = rng.permutation([-span / 2, span / 2, *inner])
        relief = terraces(shape, levels.tolist(), seed=int(rng.integers(2**31)))
    else:
        span_um = _log_uniform(rng, TILT_SPAN_DOF) * optics.depth_of_field_um
        tilt = degrees(atan(span_um / (shape[0] * optics.sample_pixel_um)))
        relief = tilted(shape, optics, tilt, rng.uniform(0, 360))
    highest = float(np.abs(relief).max())
    return relief + np.float32(rng.uniform(highest - REACH_DOF, REACH_DOF - highest))


def _log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def cell_means(
    values: NDArray[np.floating],
    row_px: NDArray[np.floating],
    col_px: NDArray[np.floating],
    stride_px: int,
) -> NDArray[np.float64]:
    """Mean over the pixels of each cell of a map.

    Parameters
    ----------
    values : numpy.ndarray
        One for each pixel, shape (rows, cols).
    row_px, col_px : numpy.ndarray
        Centres of the cells, pixels.
    stride_px : int
        Side of a cell, pixels.

    Returns
    -------
    numpy.ndarray
        Shape (row_px.size, col_px.size); a cell that reaches past the frame is cut off.
    """
    tops = np.clip(np.rint(row_px - stride_px / 2).astype(int), 0, values.shape[0] - 1)
    lefts = np.clip(np.rint(col_px - stride_px / 2).astype(int), 0, values.shape[1] - 1)
    return np.array(
        [[values[t : t + stride_px, c : c + stride_px].mean() for c in lefts] for t in tops],
        dtype=np.float64,
    )
