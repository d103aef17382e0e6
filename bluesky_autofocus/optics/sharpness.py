"""Sharpness against distance: one curve for each sampling, and its inverse."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from .axis import to_u, to_y
from .transfer import defocused_otf, pixel_mtf

__all__ = ["U_MAX_DOF", "SharpnessCurve", "sharpness_curve", "waves_per_dof"]

U_MAX_DOF = 100.0
"""Distance at which sharpness reaches 0, in depths of field."""

FAR_DOF = 1e6
COARSE = 96
FINE = 8192

# Gauss-Legendre on panels of [0, 1]: enough for a few oscillations each.
_nodes, _weights = np.polynomial.legendre.leggauss(32)
PANEL_X, PANEL_W = (_nodes + 1) / 2, _weights / 2


def waves_per_dof(sampling_q: float) -> float:
    """Wavefront error at the rim of the pupil for one depth of field, in wavelengths.

    ``W = z NA² / (2 n λ)`` with ``z = DoF = λ n / NA² + n e / (M NA)`` gives ``½ + q/8``.

    Parameters
    ----------
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    float
        Waves per depth of field.
    """
    return 0.5 + sampling_q / 8


class SharpnessCurve:
    """Energy of the sampled transfer function against defocus, and the sharpness made of it.

    ``E(U)`` is the mean of ``|OTF · pixel MTF|²`` over the sampled band, relative to focus: the
    share of a white object's energy that survives. It falls monotonically, and

    ``s(U) = clip[1 − ln(E(½)/E(U)) / ln(E(½)/E(U_max))]``.

    With U in depths of field, the curve depends on the sampling q alone. Tables are built once;
    after that every call is a linear interpolation over 8192 points, so the two
    directions are exact inverses of one another.

    Parameters
    ----------
    sampling_q : float
        Sample pixel over ``λ / 4 NA``; 1 = Nyquist.
    """

    def __init__(self, sampling_q: float) -> None:
        self.sampling_q = sampling_q
        y = np.linspace(0.0, to_y(U_MAX_DOF), COARSE)
        log_energy = np.log(_band_energy(sampling_q, to_u(y)))
        self._y = np.linspace(0.0, y[-1], FINE)
        # Shape-preserving, so that a monotone table stays monotone.
        self._log_energy = PchipInterpolator(y, log_energy - log_energy[0])(self._y)
        # Beyond the table blur is geometric, E ~ U^-2: one far point continues it.
        far = to_y(FAR_DOF)
        self._y = np.append(self._y, far)
        self._log_energy = np.append(self._log_energy, self._log_energy[-1] - 2 * (far - y[-1]))
        at_half, at_max = self._interpolated(np.array([0.5, U_MAX_DOF]))
        self._at_half = float(at_half)
        self._range = float(at_half - at_max)

    def energy(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        """Energy of the sampled transfer function relative to focus.

        Parameters
        ----------
        u_dof : array_like
            Defocus in depths of field, either sign.

        Returns
        -------
        numpy.ndarray
            Same shape, 0 < E <= 1.
        """
        return np.exp(self._interpolated(u_dof))

    def sharpness(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        """Sharpness of a frame at the given defocus.

        Parameters
        ----------
        u_dof : array_like
            Defocus in depths of field, either sign.

        Returns
        -------
        numpy.ndarray
            Same shape: 1 inside the depth of field (``|U| <= ½``), 0 from `U_MAX_DOF` on.
        """
        return np.clip(self.unclipped(u_dof), 0.0, 1.0)

    def unclipped(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        """Sharpness that goes on rising inside the depth of field, and falling beyond the range.

        Parameters
        ----------
        u_dof : array_like
            Defocus in depths of field, either sign.

        Returns
        -------
        numpy.ndarray
            Same shape: 1 at the border of the depth of field, some 1.1 in focus.
        """
        return 1 - (self._at_half - self._interpolated(u_dof)) / self._range

    def distance_dof(self, sharpness: ArrayLike) -> NDArray[np.float64]:
        """Distance from focus at the given sharpness: the inverse of `sharpness`.

        Parameters
        ----------
        sharpness : array_like
            Sharpness; values outside 0 to 1 are clipped.

        Returns
        -------
        numpy.ndarray
            ``|U|`` in depths of field, same shape, from ½ (sharpness 1) to `U_MAX_DOF`
            (sharpness 0).
        """
        loss = 1 - np.clip(np.asarray(sharpness, dtype=float), 0.0, 1.0)
        log_energy = self._at_half - loss * self._range
        y = np.interp(-log_energy, -self._log_energy, self._y)
        return np.clip(to_u(y), 0.5, U_MAX_DOF)

    def _interpolated(self, u_dof: ArrayLike) -> NDArray[np.float64]:
        return np.interp(to_y(u_dof), self._y, self._log_energy)


@lru_cache(maxsize=256)
def sharpness_curve(sampling_q: float) -> SharpnessCurve:
    """Sharpness curve of a sampling, built on first use and then cached.

    Parameters
    ----------
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    SharpnessCurve
        The curve and its inverse.
    """
    return SharpnessCurve(sampling_q)


def _band_energy(q: float, u_dof: NDArray[np.float64]) -> NDArray[np.float64]:
    """Integrate ``|OTF · pixel MTF|²`` over the square band of the sensor, for each defocus."""
    axis, corner = 2 / q, min(2.0, np.sqrt(8) / q)
    waves = u_dof * waves_per_dof(q)
    energy = np.empty(u_dof.size)
    for k, w in enumerate(waves):
        total = 0.0
        # The angular weight has a kink where the circle meets the edge of the square band.
        for low, high in ((0.0, min(axis, corner)), (min(axis, corner), corner)):
            if high > low:
                panels = int(np.ceil(1 + 2 * np.pi * w * (high - low) / PANEL_X.size))
                width = (high - low) / panels
                s = (low + width * (np.arange(panels)[:, None] + PANEL_X)).ravel()
                value = defocused_otf(s, w) ** 2 * s * _angular_weight(s, q)
                total += width * float((value.reshape(panels, -1) @ PANEL_W).sum())
        energy[k] = total
    return energy


def _angular_weight(s: NDArray[np.float64], q: float) -> NDArray[np.float64]:
    """Integrate the squared pixel MTF along the arc of radius s inside the band, one quadrant."""
    limit = np.minimum(2 / (q * np.maximum(s, 1e-12)), 1.0)
    low, high = np.arccos(limit), np.arcsin(limit)
    theta = low[:, None] + (high - low)[:, None] * PANEL_X
    cycles = s[:, None] * q / 4
    mtf = pixel_mtf(cycles * np.cos(theta)) * pixel_mtf(cycles * np.sin(theta))
    return (high - low) * (mtf**2 @ PANEL_W)
