"""The axis on which sharpness is nearly a straight line: y = ½ ln(1 + (U/0.4)²).

Equal steps of y are equal steps of sharpness, from the depth of field to a hundred of them: the
energy that survives defocus goes as ``1 / (1 + (U/U_c)²)``, with U_c from 0.38 to 0.42 for any
common sampling.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["U_SCALE_DOF", "to_u", "to_y"]

U_SCALE_DOF = 0.4
"""Distance at which the energy has fallen to about one half, depths of field."""


def to_y(u_dof: ArrayLike) -> NDArray[np.float64]:
    """Return ``y = ½ ln(1 + (U/0.4)²)``.

    Parameters
    ----------
    u_dof : array_like
        Defocus in depths of field, either sign.

    Returns
    -------
    numpy.ndarray
        Same shape, 0 and more.
    """
    return 0.5 * np.log1p((np.asarray(u_dof, dtype=float) / U_SCALE_DOF) ** 2)


def to_u(y: ArrayLike) -> NDArray[np.float64]:
    """Return the distance ``|U|`` in depths of field of a place on the axis.

    Parameters
    ----------
    y : array_like
        0 and more.

    Returns
    -------
    numpy.ndarray
        Same shape.
    """
    return U_SCALE_DOF * np.sqrt(np.expm1(2 * np.maximum(np.asarray(y, dtype=float), 0)))
