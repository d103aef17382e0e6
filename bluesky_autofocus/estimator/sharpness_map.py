"""What the estimator says about every cell of a frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import FrameEstimate
from .validity import VALIDITY_CODES, Validity

__all__ = ["SharpnessMap", "SignedMap"]


@dataclass(frozen=True)
class SharpnessMap:
    """Sharpness and distance over a frame, cell by cell.

    Parameters
    ----------
    sharpness, sharpness_std : numpy.ndarray
        Expected sharpness and its standard deviation, shape (rows, cols), float32.
    distance_dof, distance_std_dof : numpy.ndarray
        Median distance |U| and its standard deviation, depths of field, shape (rows, cols).
    validity_codes : numpy.ndarray
        Index into `VALIDITY_CODES`, shape (rows, cols), uint8.
    row_px, col_px : numpy.ndarray
        Centres of the cells in frame pixels, shapes (rows,) and (cols,).
    probabilities : numpy.ndarray
        Distribution of each cell over `distribution.GRID_U_DOF`, shape (rows, cols, n), float32.
    summary : FrameEstimate
        The frame as a whole.
    """

    sharpness: NDArray[np.float32]
    sharpness_std: NDArray[np.float32]
    distance_dof: NDArray[np.float32]
    distance_std_dof: NDArray[np.float32]
    validity_codes: NDArray[np.uint8]
    row_px: NDArray[np.float64]
    col_px: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    summary: FrameEstimate

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Where the numbers can be trusted, shape (rows, cols)."""
        return self.validity_codes == VALIDITY_CODES.index(Validity.GOOD)


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
