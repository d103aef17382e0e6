"""The forward model in one call: object, defocus, optics, illumination and sensor to frame."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..optics import Optics
from .aberrations import Aberrations
from .illumination import Illumination
from .renderer import Renderer
from .sensor import Sensor, expose

__all__ = ["render_frame"]


def render_frame(
    radiance: NDArray[np.floating],
    defocus_dof: float | NDArray[np.floating],
    optics: Optics,
    *,
    seed: int | Sequence[int],
    illumination: Illumination | None = None,
    sensor: Sensor | None = None,
    aberrations: Aberrations | None = None,
) -> NDArray[np.unsignedinteger]:
    """Take one frame of an object: a pure function of its arguments.

    For many frames of one object keep a `Renderer` and call `expose` on its images.

    Parameters
    ----------
    radiance : numpy.ndarray
        Sharp, periodic object of mean 1, shape (rows, cols); see `procedural_object`,
        `bundled_object` and `image_object`.
    defocus_dof : float or numpy.ndarray
        Defocus in depths of field: one number, or a map as made by `tilted` or `terraces`.
    optics : Optics
        The imaging system.
    seed : int or sequence of int
        Seed of the noise.
    illumination : Illumination, optional
        Level and unevenness of the light; default: 40 % of full well, even.
    sensor : Sensor, optional
        Noise and depth of the sensor; default: 8 bits.
    aberrations : Aberrations, optional
        Of the pupil; default: none.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols); uint8 for 8 bits, else uint16 with values below ``2**bits``.

    Raises
    ------
    SceneError
        If object, defocus or another value cannot be rendered.
    """
    renderer = Renderer(radiance, optics, aberrations=aberrations)
    light = renderer.image(defocus_dof) * (illumination or Illumination()).field(
        renderer.frame_shape
    )
    return expose(light, sensor or Sensor(), seed=seed)
