"""What the estimator says about every cell of a frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import FrameEstimate
from .validity import Validity, code_of

__all__ = ["SharpnessMap"]


@dataclass(frozen=True)
class SharpnessMap:
    """Sharpness and distance over a frame, cell by cell.

    Parameters
    ----------
    sharpness, sharpness_std : numpy.ndarray
        Expected sharpness and its standard deviation, shape (rows, cols), float32.
    distance_dof, distance_std_dof : numpy.ndarray
        Median distance ``|U|`` and its standard deviation, depths of field, shape (rows, cols).
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
        return self.validity_codes == code_of(Validity.GOOD)
