"""What the estimator says about every cell of a field from two frames."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .distribution import GRID_U_DOF, moments, quantile_dof
from .pair_network import SIGNED_U_DOF, sign_of
from .pyramid import STRIDES_PX, cell_centres
from .weights import Calibration

__all__ = ["SignedMap", "signed_map"]


@dataclass(frozen=True)
class SignedMap:
    """Signed defocus over a frame, from two frames a known step apart.

    Parameters
    ----------
    defocus_dof : numpy.ndarray
        Signed defocus of the first frame, depths of field, shape (rows, cols), float32.
    defocus_std_dof : numpy.ndarray
        Its standard deviation, given the sign.
    sharpness, sharpness_std : numpy.ndarray
        Sharpness of the first frame and its standard deviation.
    sign_confidence : numpy.ndarray
        Probability of the sign given, 0.5 to 1.
    claimed : numpy.ndarray
        Where the sign is certain enough to move by, shape (rows, cols), bool.
    valid : numpy.ndarray
        Where the numbers can be trusted, shape (rows, cols), bool.
    row_px, col_px : numpy.ndarray
        Centres of the cells in frame pixels.
    """

    defocus_dof: NDArray[np.float32]
    defocus_std_dof: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    sharpness_std: NDArray[np.float32]
    sign_confidence: NDArray[np.float32]
    claimed: NDArray[np.bool_]
    valid: NDArray[np.bool_]
    row_px: NDArray[np.float64]
    col_px: NDArray[np.float64]


def signed_map(
    probabilities: NDArray[np.floating],
    *,
    curve: NDArray[np.float64],
    shape: tuple[int, ...],
    bad: NDArray[np.bool_],
    calibration: Calibration,
) -> SignedMap:
    """Say what distributions over signed defocus mean.

    Parameters
    ----------
    probabilities : numpy.ndarray
        Distribution of each cell over `SIGNED_U_DOF`, shape (rows, cols, n), sum 1.
    curve : numpy.ndarray
        Sharpness there, shape (n,).
    shape : (int, int)
        Rows and columns of the frame.
    bad : numpy.ndarray of bool
        Cells about which nothing can be said, shape (rows, cols).
    calibration : Calibration
        From when on something is claimed.

    Returns
    -------
    SignedMap
        Of the first frame.
    """
    sharpness, std = moments(probabilities, curve)
    side, confidence = sign_of(probabilities)
    toward = np.where(side[..., None] * SIGNED_U_DOF >= 0, probabilities, 0)
    toward /= np.maximum(toward.sum(-1, keepdims=True), 1e-12)
    middle = SIGNED_U_DOF.size // 2
    folded = toward[..., middle:].copy()
    folded[..., 1:] += toward[..., :middle][..., ::-1]
    _, distance_std = moments(folded, GRID_U_DOF)
    return SignedMap(
        defocus_dof=(side * quantile_dof(folded, 0.5)).astype(np.float32),
        defocus_std_dof=distance_std.astype(np.float32),
        sharpness=sharpness.astype(np.float32),
        sharpness_std=std.astype(np.float32),
        sign_confidence=confidence.astype(np.float32),
        claimed=(confidence >= calibration.sign_claim) & ~bad,
        valid=(std <= calibration.pair_certain_std) & ~bad,
        row_px=cell_centres(shape[0], STRIDES_PX[0]),
        col_px=cell_centres(shape[1], STRIDES_PX[0]),
    )
