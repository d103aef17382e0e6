"""What the spectra of a cell in several frames say of its focus position."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..belief import FrameSpectrum
from ..belief.band_fit import either_noise, noise_fits
from ..belief.transfer_table import transfer_table

__all__ = ["cell_log_likelihood"]

# A window of a cell lets in light from outside, and from other altitudes: standard deviation of the
# natural logarithm of power.
MODEL_STD = 0.25
# Where a blur disc is wider than so many windows its light comes from elsewhere, and a window tells
# no more than that. A disc is 8 U / q + 2 U pixels wide.
REACH_WINDOWS = 2.0


def cell_log_likelihood(
    spectra: Sequence[Sequence[Sequence[FrameSpectrum]]],
    *,
    sampling_q: float,
    distance_dof: Sequence[NDArray[np.float64]],
    saturated: Sequence[float],
) -> NDArray[np.float64]:
    """Log-likelihood of focus positions in each cell, as `ratio_log_likelihood` has it for a frame.

    Parameters
    ----------
    spectra : sequence of sequence of sequence of FrameSpectrum
        Of each frame, row and column.
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
    layout = spectra[0][0][0].layout
    rows, cols = len(spectra[0]), len(spectra[0][0])
    out = np.zeros((rows, cols, distance_dof[0].size + 2))
    if len(spectra) < 2:
        return out
    table = transfer_table(layout, sampling_q)
    reach = REACH_WINDOWS * layout.rows / (8 / sampling_q + 2)
    fixed = np.repeat(np.array([[0], [1]], dtype=np.float32), layout.modes.size, axis=1)
    transfer = np.stack(
        [
            np.concatenate([table.power(np.minimum(np.abs(distance), reach)), fixed])
            for distance in distance_dof
        ]
    )
    clipped = np.array(saturated)
    for row in range(rows):
        for col in range(cols):
            cell = [frame[row][col] for frame in spectra]
            out[row, col] = either_noise(noise_fits(transfer, cell, clipped, MODEL_STD))
    return out
