"""Pupils that are not ideal: a mixture of sub-apertures and wavelengths.

A band of wavelengths is the sum of their images [1]_. Apodisation, a partly filled pupil and the
partial coherence of an illumination narrower than the objective all let less light through the rim
than the ideal pupil does. Far from focus, where blur is geometric, that is a mixture of blur discs
of different radius; the same mixture of ideal transfer functions is used near focus, too, where it
is an approximation.

References
----------
.. [1] J. W. Goodman, Introduction to Fourier Optics, 3rd ed., section 6.1.3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...optics import defocused_otf

__all__ = ["MixedPupil", "draw_pupil"]


@dataclass(frozen=True)
class MixedPupil:
    """Transfer function of a mixture of ideal pupils.

    Parameters
    ----------
    radii : tuple of float
        Radius of each sub-aperture, relative to the nominal pupil.
    wavelengths : tuple of float
        Wavelength of each, relative to the nominal one.
    weights : tuple of float
        Share of each, sum 1.
    """

    radii: tuple[float, ...]
    wavelengths: tuple[float, ...]
    weights: tuple[float, ...]

    def __call__(self, s: NDArray[np.float64], waves: float) -> NDArray[np.float64]:
        """Transfer function at reduced frequencies `s` of the nominal system, shape of `s`."""
        total = np.zeros_like(s)
        for r, w, share in zip(self.radii, self.wavelengths, self.weights, strict=True):
            total += share * defocused_otf(np.minimum(s * w / r, 2.0), waves * r**2 / w)
        return total


def draw_pupil(rng: np.random.Generator) -> MixedPupil:
    """Draw a pupil with some bandwidth, apodisation or partial coherence.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.

    Returns
    -------
    MixedPupil
        A mixture of at most 9 ideal pupils.
    """
    wavelengths = np.array([1.0])
    if rng.random() < 0.5:
        wavelengths = 1 + rng.uniform(0.02, 0.2) * np.array([-1.0, 0.0, 1.0])
    kind = rng.random()
    if kind < 0.4:
        # Apodised: light falls towards the rim.
        radii, shares = np.array([1.0, 0.8, 0.6]), np.array([1.0, *rng.uniform(0.1, 0.6, 2)])
    elif kind < 0.7:
        # Illumination fills a part of the pupil.
        radii, shares = np.array([1.0, rng.uniform(0.7, 1.0)]), np.array([1.0, rng.uniform(0.2, 2)])
    else:
        # The objective's aperture is not quite what is engraved on it.
        radii, shares = np.array([np.exp(rng.normal(0, 0.06))]), np.array([1.0])
    r, w = np.meshgrid(radii, wavelengths)
    weights = np.repeat(shares[None] / shares.sum() / wavelengths.size, wavelengths.size, axis=0)
    return MixedPupil(tuple(r.ravel()), tuple(w.ravel()), tuple(weights.ravel()))
