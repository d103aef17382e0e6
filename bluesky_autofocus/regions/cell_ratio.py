"""What the spectra of a cell in several frames say of its focus position."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..belief import FrameSpectrum, SpectrumLayout
from ..belief.spectral_ratio import RatioTerm, ratio_log_likelihood
from ..belief.transfer_table import transfer_table

__all__ = ["cell_log_likelihood"]

# A window of a cell lets in light from outside, and from other altitudes: standard deviation of the
# natural logarithm of power.
MODEL_STD = 0.25
# Where a blur disc is wider than so many windows its light comes from elsewhere, and a window tells
# no more than that. A disc is 8 U / q + 2 U pixels wide.
REACH_WINDOWS = 2.0


def cell_log_likelihood(
    power: Sequence[NDArray[np.float64]],
    *,
    layout: SpectrumLayout,
    sampling_q: float,
    distance_dof: Sequence[NDArray[np.float64]],
    saturated: Sequence[float],
) -> NDArray[np.float64]:
    """Log-likelihood of focus positions in each cell, as `ratio_log_likelihood` has it for a frame.

    Parameters
    ----------
    power : sequence of numpy.ndarray
        Spectra of the cells of each frame, shape (rows, cols, bands).
    layout : SpectrumLayout
        Where their bands lie.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.
    distance_dof : sequence of numpy.ndarray
        Distances of each frame from the focus positions asked for, shape (n,).
    saturated : sequence of float
        Share of pixels at full scale in each frame.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols, n + 2); the last two are for a cell that shows nothing but noise, and for
        one that looks the same in all frames, such as dirt on the camera. 0 everywhere for less
        than two frames.
    """
    table = transfer_table(layout, sampling_q)
    reach = REACH_WINDOWS * layout.rows / (8 / sampling_q + 2)
    fixed = np.repeat(np.array([[0], [1]], dtype=np.float32), layout.modes.size, axis=1)
    transfer = [
        np.concatenate([table.power(np.minimum(np.abs(distance), reach)), fixed])
        for distance in distance_dof
    ]
    rows, cols = power[0].shape[:2]
    out = np.empty((rows, cols, distance_dof[0].size + 2))
    for row in range(rows):
        for col in range(cols):
            terms = [
                RatioTerm(FrameSpectrum(layout, values[row, col]), left, clipped)
                for values, left, clipped in zip(power, transfer, saturated, strict=True)
            ]
            out[row, col] = ratio_log_likelihood(terms, model_std=MODEL_STD)
    return out
