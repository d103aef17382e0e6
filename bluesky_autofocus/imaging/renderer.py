"""A sharp object and its defocus become an image: the optical half of the forward model."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError
from ..optics import Optics, defocused_otf, pixel_mtf
from .aberrations import Aberrations, aberrated_otf
from .fourier import inverse_half_plane, spectrum

__all__ = ["Renderer"]

SMALL_TABLE, LARGE_TABLE = 1024, 4096
SMALL_TABLE_WAVES = 5.0

# Between blurred images this far apart in asinh(U/0.4), linear blending errs by some 0.2 % of the
# contrast.
LEVEL_STEP = 0.125
EXACT_LEVELS = 16


class Renderer:
    """Renders one object at any defocus; what does not depend on defocus is computed once.

    Blur is a product with the transfer function, so the object must be periodic: what leaves the
    field on one side comes in on the other, which is a seam only where the object has one. The
    transfer function is tabulated along its radius for every new defocus and looked up on the
    frequency grid; it differs from the exact one by less than 2e-4.

    Parameters
    ----------
    radiance : numpy.ndarray
        Sharp, periodic object, shape (rows, cols), non-negative; 1 is its usual mean.
    optics : Optics
        The imaging system; the object is given at its sample pixel.
    frame_shape : (int, int), optional
        Central part that the sensor sees; default: the whole object.
    aberrations : Aberrations, optional
        Of the pupil; default: none.
    transfer : callable, optional
        Real transfer function of a pupil that is not ideal, called with reduced frequencies and
        waves as `defocused_otf` is, which is the default. Aberrations come before it.

    Raises
    ------
    SceneError
        If the object is not a 2-D array of finite non-negative numbers of at least 32 × 32, or
        smaller than the frame.
    """

    def __init__(
        self,
        radiance: NDArray[np.floating],
        optics: Optics,
        *,
        frame_shape: tuple[int, int] | None = None,
        aberrations: Aberrations | None = None,
        transfer: Callable[[NDArray[np.float64], float], NDArray[np.float64]] = defocused_otf,
    ) -> None:
        radiance = np.asarray(radiance, dtype=np.float32)
        if radiance.ndim != 2 or min(radiance.shape) < 32:
            raise SceneError(
                f"The object has shape {radiance.shape}; it must be 2-D and at least 32 × 32. "
                "Give one grey image."
            )
        if not np.isfinite(radiance).all() or radiance.min() < 0:
            raise SceneError(
                "The object has negative or non-finite values; light is never below 0. "
                "Replace them before rendering."
            )
        self.object_shape = (radiance.shape[0], radiance.shape[1])
        self.frame_shape = frame_shape or self.object_shape
        if any(f > n or f < 1 for f, n in zip(self.frame_shape, self.object_shape, strict=True)):
            raise SceneError(
                f"The frame {self.frame_shape} does not fit into the object {self.object_shape}. "
                "Give a larger object or a smaller frame."
            )
        self.optics = optics
        self.aberrations = aberrations or Aberrations()
        self.transfer = transfer
        rows, cols = self.object_shape
        fy, fx = np.fft.fftfreq(rows), np.fft.rfftfreq(cols)
        sampled = spectrum(radiance) * (pixel_mtf(fy)[:, None] * pixel_mtf(fx))
        # Frequencies beyond the cutoff never reach the sensor: leave out their columns.
        kept = int(np.searchsorted(fx * 4 / optics.sampling_q, 2.0))
        self._spectrum = np.ascontiguousarray(sampled[:, :kept], dtype=np.complex64)
        s = np.hypot(fy[: rows // 2 + 1, None], fx[:kept]) * 4 / optics.sampling_q
        # In √s the table is densest where a strongly defocused transfer function oscillates most.
        self._radius = np.sqrt(np.minimum(s / 2, 1.0))

    def image(self, defocus_dof: float | NDArray[np.floating]) -> NDArray[np.float32]:
        """Image of the object, without noise.

        Where defocus varies over the field, every pixel sees the object through the blur of its own
        defocus: an evenly bright object stays evenly bright, and occlusion at steps is left out.

        Parameters
        ----------
        defocus_dof : float or numpy.ndarray
            Defocus in depths of field: one number, or a map of the frame's shape.

        Returns
        -------
        numpy.ndarray
            Radiance at each pixel, shape `frame_shape`, float32. The mean of a whole object is
            that of the object.

        Raises
        ------
        SceneError
            If defocus is not finite or its map has another shape than the frame.
        """
        defocus = np.asarray(defocus_dof, dtype=np.float32)
        if not np.isfinite(defocus).all():
            raise SceneError("Defocus is not finite; give depths of field as finite numbers.")
        if defocus.ndim == 0:
            return self._blurred(float(defocus_dof))
        if defocus.shape != self.frame_shape:
            raise SceneError(
                f"The defocus map has shape {defocus.shape} and the frame {self.frame_shape}; "
                "give a map of the frame's shape, or one number."
            )
        levels = np.unique(defocus)
        if levels.size <= EXACT_LEVELS:
            out = np.empty(self.frame_shape, dtype=np.float32)
            for level in levels:
                np.copyto(out, self._blurred(float(level)), where=defocus == level)
            return out
        return self._blended(defocus)

    def _blended(self, defocus: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blend linearly between images at neighbouring levels of a continuous map."""
        if not self.aberrations:
            defocus = np.abs(defocus)
        place = np.arcsinh(defocus / np.float32(0.4)) / np.float32(LEVEL_STEP)
        out = np.zeros(self.frame_shape, dtype=np.float32)
        for level in range(int(np.floor(place.min())), int(np.ceil(place.max())) + 1):
            weight = np.maximum(1 - np.abs(place - np.float32(level)), 0)
            if weight.any():
                out += weight * self._blurred(0.4 * float(np.sinh(level * LEVEL_STEP)))
        return out

    def _blurred(self, u_dof: float) -> NDArray[np.float32]:
        waves = float(self.optics.defocus_waves(u_dof))
        product = self._aberrated(waves) if self.aberrations else None
        if product is None:
            product = self._defocused(waves)
        image = inverse_half_plane(product, self.object_shape[1])
        (rows, cols), (height, width) = self.object_shape, self.frame_shape
        top, left = (rows - height) // 2, (cols - width) // 2
        return image[top : top + height, left : left + width]

    def _defocused(self, waves: float) -> NDArray[np.complex64]:
        """Multiply the spectrum by the ideal defocused transfer function."""
        index, fraction = self._small if abs(waves) <= SMALL_TABLE_WAVES else self._large
        size = SMALL_TABLE if abs(waves) <= SMALL_TABLE_WAVES else LARGE_TABLE
        table = self.transfer(2 * np.linspace(0, 1, size + 1) ** 2, waves).astype(np.float32)
        slope = np.append(np.diff(table), np.float32(0))
        otf = slope.take(index)
        otf *= fraction
        otf += table.take(index)
        half = otf.shape[0]
        product = np.empty_like(self._spectrum)
        np.multiply(self._spectrum[:half], otf, out=product[:half])
        mirrored = otf[self.object_shape[0] - half : 0 : -1]
        np.multiply(self._spectrum[half:], mirrored, out=product[half:])
        return product

    def _aberrated(self, waves: float) -> NDArray[np.complex64] | None:
        otf = aberrated_otf(self.object_shape, self.optics.sampling_q, waves, self.aberrations)
        return None if otf is None else self._spectrum * otf[:, : self._spectrum.shape[1]]

    @cached_property
    def _small(self) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        return self._lookup(SMALL_TABLE)

    @cached_property
    def _large(self) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        return self._lookup(LARGE_TABLE)

    def _lookup(self, size: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Place of each frequency in a table of `size` + 1 points, and the way to the next one."""
        place = self._radius * size
        index = place.astype(np.intp)
        return index, (place - index).astype(np.float32)
