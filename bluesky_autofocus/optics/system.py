"""The imaging system as a value: it is the unit system of everything else."""

from dataclasses import dataclass, fields
from math import isfinite
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import OpticsError
from .sharpness import SharpnessCurve, sharpness_curve, waves_per_dof

__all__ = ["Optics", "optics_of_sampling"]

# Beyond these no light microscope exists: a larger number is a value in another unit.
LIMITS = {
    "numerical_aperture": (1.7, "Give the object-side NA that is engraved on the objective."),
    "wavelength_um": (30.0, "Give the mean wavelength in vacuum in µm, such as 0.55."),
    "magnification": (2000.0, "Give the magnification from sample to sensor, such as 10."),
    "pixel_um": (1000.0, "Give the pitch of the sensor's pixels in µm, such as 3.45."),
    "refractive_index": (5.0, "Give the index of the medium at the sample: 1 for air."),
}


@dataclass(frozen=True)
class Optics:
    """The imaging system that turns defocus into blur.

    Parameters
    ----------
    numerical_aperture : float
        Object-side NA, 0 < NA < refractive index.
    wavelength_um : float
        Mean wavelength in vacuum, µm.
    magnification : float
        From sample to sensor, > 0.
    pixel_um : float
        Pitch of the sensor's pixels, µm.
    refractive_index : float, default 1
        Of the medium between sample and objective, >= 1.

    Raises
    ------
    OpticsError
        If a parameter is not a finite positive number, or no real system has it.

    Examples
    --------
    >>> optics = Optics(0.30, 0.55, magnification=10, pixel_um=3.45)
    >>> round(optics.depth_of_field_um, 2), round(optics.sampling_q, 3)
    (7.26, 0.753)
    """

    numerical_aperture: float
    wavelength_um: float
    magnification: float
    pixel_um: float
    refractive_index: float = 1.0

    def __post_init__(self) -> None:
        """Check every parameter."""
        for field in fields(self):
            _check(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, float(getattr(self, field.name)))
        if self.refractive_index < 1:
            raise OpticsError(
                f"refractive_index is {self.refractive_index:g}; no medium has less than 1. "
                f"{LIMITS['refractive_index'][1]}"
            )
        if self.numerical_aperture >= self.refractive_index:
            raise OpticsError(
                f"numerical_aperture is {self.numerical_aperture:g}; it must be below the "
                f"refractive index {self.refractive_index:g}. Lower the NA, or give the index of "
                "the immersion medium (water 1.33, oil 1.518)."
            )

    @property
    def depth_of_field_um(self) -> float:
        """Full depth of field in object space, µm: ``λ n / NA² + n e / (M NA)`` [1]_.

        References
        ----------
        .. [1] S. Inoué and K. Spring, Video Microscopy, 2nd ed., section 2.4.6.
        """
        n, na = self.refractive_index, self.numerical_aperture
        return n * self.wavelength_um / na**2 + n * self.sample_pixel_um / na

    @property
    def sample_pixel_um(self) -> float:
        """Pitch of the pixels projected on the sample, µm."""
        return self.pixel_um / self.magnification

    @property
    def sampling_q(self) -> float:
        """Sample pixel over the Nyquist pitch ``λ / 4 NA``: 1 = Nyquist, more = undersampled."""
        return self.sample_pixel_um * 4 * self.numerical_aperture / self.wavelength_um

    @property
    def cutoff_per_um(self) -> float:
        """Highest spatial frequency of the image, in sample space: ``2 NA / λ``, cycles/µm."""
        return 2 * self.numerical_aperture / self.wavelength_um

    @property
    def curve(self) -> SharpnessCurve:
        """Sharpness against distance for this sampling; built on first use, then cached."""
        return sharpness_curve(self.sampling_q)

    def defocus_dof(self, z_um: ArrayLike) -> NDArray[np.float64]:
        """Convert a defocus from micrometres to depths of field.

        Parameters
        ----------
        z_um : array_like
            Defocus in object space, µm, any shape.

        Returns
        -------
        numpy.ndarray
            ``U = z / DoF``, same shape and sign.
        """
        return np.asarray(z_um, dtype=float) / self.depth_of_field_um

    def defocus_um(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        """Convert a defocus from depths of field to micrometres.

        Parameters
        ----------
        u_dof : array_like
            Defocus in depths of field, any shape.

        Returns
        -------
        numpy.ndarray
            ``z = U · DoF``, µm, same shape and sign.
        """
        return np.asarray(u_dof, dtype=float) * self.depth_of_field_um

    def defocus_waves(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        """Wavefront error at the rim of the pupil, in wavelengths, paraxial.

        ``W = z NA² / (2 n λ)``, which with z in depths of field is ``U (½ + q/8)``: blur depends on
        U and q alone, so one curve and one estimator serve every objective. The exact path
        difference ``(n z / λ)(1 − √(1 − (NA/n)²))`` is larger by 2 % at NA/n = 0.3, 7 % at 0.5,
        20 % at 0.75: there a distance in depths of field is a scale, not a calibrated length.

        Parameters
        ----------
        u_dof : array_like
            Defocus in depths of field, any shape.

        Returns
        -------
        numpy.ndarray
            Waves, same shape and sign.
        """
        return np.asarray(u_dof, dtype=float) * waves_per_dof(self.sampling_q)

    def sharpness(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        """Sharpness at a defocus: see `SharpnessCurve.sharpness`.

        Parameters
        ----------
        u_dof : array_like
            Defocus in depths of field, either sign.

        Returns
        -------
        numpy.ndarray
            0 to 1, same shape.
        """
        return self.curve.sharpness(u_dof)

    def distance_dof(self, sharpness: ArrayLike) -> NDArray[np.float64]:
        """Distance from focus at a sharpness: see `SharpnessCurve.distance_dof`.

        Parameters
        ----------
        sharpness : array_like
            0 to 1; values outside are clipped.

        Returns
        -------
        numpy.ndarray
            ``|U|`` in depths of field, same shape.
        """
        return self.curve.distance_dof(sharpness)


def _check(name: str, value: object) -> None:
    limit, advice = LIMITS[name]
    if not isinstance(value, Real) or isinstance(value, (bool, np.bool_)):
        raise OpticsError(f"{name} is {value!r}, which is not a number. {advice}")
    number = float(value)
    if not (isfinite(number) and 0 < number <= limit):
        raise OpticsError(
            f"{name} is {number:g}; it must be finite, above 0 and at most {limit:g}. {advice}"
        )


def optics_of_sampling(sampling_q: float) -> Optics:
    """Return optics of a sampling; in depths of field nothing else about them matters.

    Parameters
    ----------
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    Optics
        NA 0.3 at 0.5 µm, with the pixel that gives this sampling.

    Raises
    ------
    OpticsError
        If no real system is sampled so.
    """
    aperture, wavelength_um, magnification = 0.3, 0.5, 10.0
    pixel_um = magnification * sampling_q * wavelength_um / (4 * aperture)
    return Optics(aperture, wavelength_um, magnification, pixel_um)
