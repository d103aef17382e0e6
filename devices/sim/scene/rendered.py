"""A simulated sample under a simulated objective."""

from dataclasses import replace
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import Illumination, Renderer, Sensor, expose

__all__ = ["NOMINAL_EXPOSURE_S", "UM_PER_UNIT", "RenderedScene"]

NOMINAL_EXPOSURE_S = 0.05
"""Exposure at which a frame has the level of its scene, at gain 1."""

UM_PER_UNIT = {"um": 1.0, "mm": 1000.0}


class RenderedScene:
    """A sample that is rendered at the defocus in which the stage holds it.

    Parameters
    ----------
    renderer : Renderer
        The object and the optics.
    focus_position : float
        Stage position of best focus, in `unit`.
    unit : {"um", "mm"}, default "um"
        Engineering unit of the stage.
    altitude_dof : numpy.ndarray, optional
        Defocus of each pixel when the stage is at `focus_position`, depths of field, shape of the
        frame; default: flat.
    illumination : Illumination, optional
        Level at the nominal exposure, and its shape; default: 40 % of full well, even.
    sensor : Sensor, optional
        Noise of the sensor; gain and bits come with each frame.
    seed : int, default 0
        Seed of the noise.
    name : str, default "rendered"
        For people.

    Raises
    ------
    SceneError
        If the focus position is not finite or the unit is neither µm nor mm.
    """

    interpolation = "rendered"

    def __init__(
        self,
        renderer: Renderer,
        *,
        focus_position: float,
        unit: str = "um",
        altitude_dof: NDArray[np.floating] | None = None,
        illumination: Illumination | None = None,
        sensor: Sensor | None = None,
        seed: int = 0,
        name: str = "rendered",
    ) -> None:
        if not isfinite(focus_position):
            raise SceneError(f"focus_position is {focus_position}; give a finite stage position.")
        if unit not in UM_PER_UNIT:
            raise SceneError(f"The stage's unit is {unit!r}; a rendered scene needs um or mm.")
        self.name = name
        self.unit = unit
        self.light = 1.0
        self.drift = 0.0
        self._renderer = renderer
        self._focus_position = focus_position
        self._altitude = altitude_dof
        self._light_field = (illumination or Illumination()).field(renderer.frame_shape)
        self._sensor = sensor or Sensor()
        self._seed = seed
        self._last: tuple[float, NDArray[np.float32]] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a full frame."""
        return self._renderer.frame_shape

    @property
    def focus_position(self) -> float:
        """Stage position of best focus, in the stage's unit; moves with the drift."""
        return self._focus_position + self.drift

    @property
    def depth_of_field(self) -> float:
        """Full depth of field, in the stage's unit."""
        return self._renderer.optics.depth_of_field_um / UM_PER_UNIT[self.unit]

    def frame(
        self,
        position: float,
        *,
        exposure_s: float,
        gain: float,
        bits: int,
        index: int,
        light: float = 1.0,
    ) -> NDArray[np.unsignedinteger]:
        """Take one full frame.

        Parameters
        ----------
        position : float
            True stage position during the exposure, in the stage's unit.
        exposure_s : float
            Exposure time, seconds.
        gain : float
            Camera gain; 1 is the sensor's native gain.
        bits : int
            Depth of the analogue-to-digital converter, 8 to 16.
        index : int
            Frame number since the start: the seed of this frame's noise.
        light : float, default 1
            Factor on the illumination for this frame; 0 is dark.

        Returns
        -------
        numpy.ndarray
            Shape (rows, cols); uint8 for 8 bits, else uint16 with values below ``2**bits``.

        Raises
        ------
        SceneError
            If the position is not finite or a setting is out of its range.
        """
        factor = checked_factor(position, exposure_s, self.light * light)
        sensor = replace(self._sensor, gain=gain, bits=bits)
        # A search often looks twice at one place: the image stays, only the noise is new.
        place = position - self.drift
        if self._last is None or self._last[0] != place:
            z_um = (place - self._focus_position) * UM_PER_UNIT[self.unit]
            u_dof = float(self._renderer.optics.defocus_dof(z_um))
            defocus = u_dof if self._altitude is None else u_dof + self._altitude
            self._last = place, self._renderer.image(defocus) * self._light_field
        return expose(self._last[1] * np.float32(factor), sensor, seed=[self._seed, index])


def checked_factor(position: float, exposure_s: float, light: float) -> float:
    """Light of a frame relative to the nominal exposure, after a check of what goes into it.

    Parameters
    ----------
    position : float
        Stage position, in the stage's unit.
    exposure_s : float
        Exposure time, seconds.
    light : float
        Factor on the illumination.

    Returns
    -------
    float
        ``light · exposure_s / NOMINAL_EXPOSURE_S``.

    Raises
    ------
    SceneError
        If a number is not finite, or exposure or light is negative.
    """
    if not isfinite(position):
        raise SceneError(f"The stage position is {position}; give a finite one.")
    if not (isfinite(exposure_s) and exposure_s >= 0 and isfinite(light) and light >= 0):
        raise SceneError(
            f"The exposure is {exposure_s} s with light {light}; both must be finite and at least "
            "0. Correct the camera's settings."
        )
    return light * exposure_s / NOMINAL_EXPOSURE_S
