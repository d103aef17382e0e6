"""How well one texture explains the spectra of some frames, if focus is at each of some positions.

In each band ``P_k = S |H_k|² + N`` with one unknown texture power S: it is fitted to all frames,
and what is left of each of them tells how well the position fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frame_noise import FrameNoise, coloured_noise, white_noise
from .frame_spectrum import FrameSpectrum
from .spectrum_layout import SpectrumLayout

__all__ = ["MODEL_STD", "BandFit", "either_noise", "noise_fits"]

MODEL_STD = 0.12
"""Standard deviation of the natural logarithm of power beside that of counting independent values:
aberrations, a thick sample, light from outside the field that blur lets in."""

# Neighbouring bands err alike: their sum counts for less.
CORRELATION = 1.7
# Student's t: a band that does not fit at all does not decide alone.
DEGREES = 4.0
# Factors common to all bands of a frame, and a slope over them, as standard deviations of the
# logarithm: from flicker that the mean does not remove, and, by far more, from clipped pixels.
STEADY_STD = 0.02
CLIPPED_STD = 4.0
# Clipping makes edges, too: each band of such a frame errs by this many times that share.
CLIPPED_BAND_STD = 2.0
TINY = np.float32(1e-30)
LEAST_CLIPPED = 0.002
# Positions at a time: what is calculated for them stays in the cache.
POSITIONS = 256
# What is left of a band beyond this tells nothing of what all bands have in common.
MOST_COMMON = 1.5


@dataclass(frozen=True)
class BandFit:
    """How well frames agree with one noise.

    Parameters
    ----------
    noise : FrameNoise
        The noise.
    log_likelihood : numpy.ndarray
        Of each focus position, shape (n,); 0 where all frames agree perfectly.
    log_precision : float
        What tells noises of unlike size apart.
    """

    noise: FrameNoise
    log_likelihood: NDArray[np.float64]
    log_precision: float


def either_noise(fits: Sequence[BandFit]) -> NDArray[np.float64]:
    """Log-likelihood of focus positions if the noise may be any of some.

    Parameters
    ----------
    fits : sequence of BandFit
        From `noise_fits`, at least one.

    Returns
    -------
    numpy.ndarray
        Shape (n,); 0 where all agree perfectly with the first noise.
    """
    total = np.logaddexp.reduce([fit.log_likelihood + fit.log_precision for fit in fits])
    return np.asarray(total - fits[0].log_precision)


def noise_fits(
    transfer: NDArray[np.float32],
    spectra: Sequence[FrameSpectrum],
    saturated_fraction: NDArray[np.float64],
    model_std: NDArray[np.float64] | float = MODEL_STD,
) -> list[BandFit]:
    """Fit one texture to frames, with white noise and with smoothed noise.

    Parameters
    ----------
    transfer : numpy.ndarray
        Share of the power that is left in each frame if focus is at each position asked for, shape
        (frames, n, bands).
    spectra : sequence of FrameSpectrum
        Of the frames, at least two, of one field and one shape.
    saturated_fraction : numpy.ndarray
        Share of pixels at full scale, shape (frames,).
    model_std : numpy.ndarray or float, default 0.12
        Standard deviation of the natural logarithm of power beside that of counting; one for all,
        or of shape (frames, bands).

    Returns
    -------
    list of BandFit
        One for each noise that the frames allow.
    """
    power, layout = np.stack([spectrum.power for spectrum in spectra]), spectra[0].layout
    noises = [white_noise(spectra), coloured_noise(spectra)]
    return [
        _fitted(transfer, power, saturated_fraction, layout, noise, model_std)
        for noise in noises
        if noise is not None
    ]


def _fitted(
    transfer: NDArray[np.float32],
    power: NDArray[np.float64],
    saturated_fraction: NDArray[np.float64],
    layout: SpectrumLayout,
    known: FrameNoise,
    model_std: NDArray[np.float64] | float,
) -> BandFit:
    scale = np.maximum(power.max(axis=0), known.power + 1e-30)
    power, noise = np.maximum(power / scale, 1e-12), known.power / scale
    noise_std = known.std / scale
    clipped = CLIPPED_BAND_STD * saturated_fraction[:, None]
    relative = 1 / layout.modes + model_std**2 + clipped**2
    weight = (1 / (relative * power**2 + noise_std**2)).astype(np.float32)
    precision = 1 / (relative + (noise_std / power) ** 2)
    band = _Band(
        weight=weight,
        excess=weight * (power - noise).astype(np.float32),
        noise=noise.astype(np.float32),
        log_power=np.log(power).astype(np.float32)[:, None],
        precision=precision,
        octave=np.log(layout.low_per_px + layout.high_per_px),
        saturated_fraction=saturated_fraction,
    )
    log_likelihood = np.concatenate(
        [
            _compared(transfer[:, first : first + POSITIONS], band)
            for first in range(0, transfer.shape[1], POSITIONS)
        ]
    )
    return BandFit(known, log_likelihood, 0.5 * float(np.log(precision).sum()) / CORRELATION)


@dataclass(frozen=True, eq=False)
class _Band:
    """What frames show, scaled; all arrays but the last have a last axis of bands."""

    weight: NDArray[np.float32]
    excess: NDArray[np.float32]
    noise: NDArray[np.float32]
    log_power: NDArray[np.float32]
    precision: NDArray[np.float64]
    octave: NDArray[np.float64]
    saturated_fraction: NDArray[np.float64]


def _compared(transfer: NDArray[np.float32], seen: _Band) -> NDArray[np.float64]:
    """Log-likelihood of some focus positions, shape (n,)."""
    residual = transfer * seen.weight[:, None]
    below = np.einsum("knb,knb->nb", residual, transfer)
    texture = np.einsum("knb,kb->nb", transfer, seen.excess)
    texture /= below + TINY
    np.maximum(texture, 0, out=texture)
    np.multiply(texture, transfer, out=residual)
    residual += seen.noise
    np.log(residual, out=residual)
    np.subtract(seen.log_power, residual, out=residual)
    common = _remove_common(residual, seen.precision, seen.octave, seen.saturated_fraction)
    np.square(residual, out=residual)
    misfit = np.einsum("knb,kb->nb", residual, (seen.precision / DEGREES).astype(np.float32))
    tails = (DEGREES + 1) * np.log1p(misfit, out=misfit).sum(axis=1)
    return np.asarray(-0.5 * (tails / CORRELATION + common), dtype=float)


def _remove_common(
    residual: NDArray[np.float32],
    precision: NDArray[np.float64],
    octave: NDArray[np.float64],
    saturated_fraction: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Take factor and slope of each frame out of its residuals, and return what they cost."""
    bounded = np.clip(residual, -MOST_COMMON, MOST_COMMON)
    clipped = np.flatnonzero(saturated_fraction > LEAST_CLIPPED)
    slope = octave - (precision @ octave / precision.sum(axis=1))[:, None]
    cost = np.zeros(residual.shape[1], dtype=np.float32)
    for frames, shape in ((slice(None), np.ones_like(slope)), (clipped, slope[clipped])):
        std = (STEADY_STD + CLIPPED_STD * saturated_fraction[frames])[:, None]
        weight = precision[frames] * shape
        known = (weight * shape).sum(axis=1, keepdims=True) + CORRELATION / std**2
        size = np.einsum("knb,kb->kn", bounded[frames], (weight / known).astype(np.float32))
        residual[frames] -= size[..., None] * shape[:, None].astype(np.float32)
        cost += np.square(size / std.astype(np.float32)).sum(axis=0)
    return cost
