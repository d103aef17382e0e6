"""Altitude of the sample over the field of view, as defocus in depths of field."""

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError
from ..optics import Optics

__all__ = ["cap", "flat", "terraces", "tilted"]


# Square of the sphere's radius over that of the field's half side.
CAP_RADII2 = 2.5


def flat(shape: tuple[int, int], u_dof: float = 0.0) -> NDArray[np.float32]:
    """One altitude everywhere.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frame.
    u_dof : float, default 0
        Defocus in depths of field.

    Returns
    -------
    numpy.ndarray
        Defocus, shape `shape`, float32, depths of field.
    """
    return np.full(shape, u_dof, dtype=np.float32)


def tilted(
    shape: tuple[int, int], optics: Optics, tilt_deg: float, direction_deg: float = 0.0
) -> NDArray[np.float32]:
    """Return a plane that is tilted about the centre of the field.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frame.
    optics : Optics
        Its sample pixel and depth of field scale the slope.
    tilt_deg : float
        Angle between the sample and the focal plane, degrees, below 80 either way.
    direction_deg : float, default 0
        Direction in which defocus grows, degrees from +column towards +row.

    Returns
    -------
    numpy.ndarray
        Defocus, shape `shape`, float32, depths of field, 0 at the centre.

    Raises
    ------
    SceneError
        If the tilt is 80 degrees or more.
    """
    if not abs(tilt_deg) < 80:
        raise SceneError(
            f"tilt_deg is {tilt_deg}; it must lie between -80 and 80. Give the angle in degrees."
        )
    angle = radians(direction_deg)
    row = np.arange(shape[0])[:, None] - (shape[0] - 1) / 2
    col = np.arange(shape[1])[None, :] - (shape[1] - 1) / 2
    slope = np.tan(radians(tilt_deg)) * optics.sample_pixel_um / optics.depth_of_field_um
    return np.asarray(slope * (col * cos(angle) + row * sin(angle)), dtype=np.float32)


def cap(shape: tuple[int, int], height_dof: float) -> NDArray[np.float32]:
    """Return the cap of a sphere with its top in the middle of the field.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frame.
    height_dof : float
        From the top to the corners, depths of field; negative for a hollow.

    Returns
    -------
    numpy.ndarray
        Defocus, shape `shape`, float32, depths of field, 0 at the top.
    """
    y, x = np.ix_(*(np.linspace(-1, 1, side) for side in shape))
    drop = 1 - np.sqrt(1 - (x * x + y * y) / CAP_RADII2)
    return np.asarray(-height_dof * drop / drop.max(), dtype=np.float32)


def terraces(
    shape: tuple[int, int], levels_dof: list[float] | tuple[float, ...], *, seed: int
) -> NDArray[np.float32]:
    """Flat regions of several altitudes with straight borders.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frame.
    levels_dof : sequence of float
        Altitude of each region as defocus in depths of field; each takes about the same area.
    seed : int
        Direction and place of the borders.

    Returns
    -------
    numpy.ndarray
        Defocus, shape `shape`, float32, depths of field; every value is one of `levels_dof`.

    Raises
    ------
    SceneError
        If there is no level.
    """
    if not levels_dof:
        raise SceneError("levels_dof is empty; give at least one altitude in depths of field.")
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0.15, np.pi / 2 - 0.15)
    row = np.linspace(-0.5, 0.5, shape[0])[:, None]
    col = np.linspace(-0.5, 0.5, shape[1])[None, :]
    height = col * np.cos(angle) + row * np.sin(angle)
    shares = np.cumsum(rng.uniform(0.8, 1.2, len(levels_dof)))
    borders = np.quantile(height, shares[:-1] / shares[-1])
    return np.asarray(levels_dof, dtype=np.float32)[np.searchsorted(borders, height)]
