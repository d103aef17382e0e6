"""Where focus can be, by what frames of one texture have in common: a likelihood without training.

All frames show the same texture, so in each band ``P_k = S |H(|c_k - g|)|² + N`` with one unknown
S. A focus position g is credible if one S per band explains the power of all frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frame_noise import FrameNoise, coloured_noise, white_noise
from .frame_spectrum import FrameSpectrum

__all__ = ["Explanation", "RatioTerm", "change", "explanation", "ratio_log_likelihood"]

# Standard deviation of the natural logarithm of power beside that of counting independent values:
# aberrations, a thick sample, light from outside the field that blur lets in.
MODEL_STD = 0.12
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


@dataclass(frozen=True)
class RatioTerm:
    """One frame's part in the comparison.

    Parameters
    ----------
    spectrum : FrameSpectrum
        Its spectrum.
    transfer : numpy.ndarray
        Share of the power that is left if focus is at each position asked for, shape (n, bands).
    saturated_fraction : float
        Share of pixels at full scale.
    """

    spectrum: FrameSpectrum
    transfer: NDArray[np.float32]
    saturated_fraction: float = 0.0


def ratio_log_likelihood(
    terms: Sequence[RatioTerm], *, model_std: float = MODEL_STD
) -> NDArray[np.float64]:
    """Log-likelihood of focus positions by the agreement of all frames.

    The texture's power in a band is the weighted least-squares fit to all frames; what remains of
    each frame enters as the logarithm of measured over predicted power, with noise in both, so that
    a band where the transfer function has vanished still says that it must be dark there.

    Parameters
    ----------
    terms : sequence of RatioTerm
        Frames of one field and one shape, for the same focus positions.
    model_std : float, default 0.12
        Standard deviation of the natural logarithm of power beside that of counting.

    Returns
    -------
    numpy.ndarray
        Shape (n,); 0 where all agree perfectly, and everywhere for less than two frames.
    """
    if len(terms) < 2:
        return np.zeros(terms[0].transfer.shape[0] if terms else 0)
    fits = _fits(terms, model_std)
    total = np.logaddexp.reduce([fit.log_likelihood + fit.log_precision for fit in fits])
    return np.asarray(total - fits[0].log_precision)


@dataclass(frozen=True)
class Explanation:
    """How one texture explains frames, if focus is at one position.

    Parameters
    ----------
    misfit : float
        Minus the log-likelihood for each frame but one; 0 where all agree perfectly.
    noise : FrameNoise
        The likelier noise.
    """

    misfit: float
    noise: FrameNoise


def explanation(terms: Sequence[RatioTerm]) -> Explanation:
    """Say how well one texture explains frames.

    Parameters
    ----------
    terms : sequence of RatioTerm
        As for `ratio_log_likelihood`, for one focus position; at least two.

    Returns
    -------
    Explanation
        With the likelier noise.
    """
    likelier = max(
        _fits(terms, MODEL_STD), key=lambda fit: float(fit.log_likelihood[0]) + fit.log_precision
    )
    return Explanation(-float(likelier.log_likelihood[0]) / (len(terms) - 1), likelier.noise)


@dataclass(frozen=True)
class _Fit:
    """How well frames agree with one noise; the constant tells noises of unlike size apart."""

    noise: FrameNoise
    log_likelihood: NDArray[np.float64]
    log_precision: float


def _fits(terms: Sequence[RatioTerm], model_std: float) -> list[_Fit]:
    spectra = [term.spectrum for term in terms]
    noises = [white_noise(spectra), coloured_noise(spectra)]
    return [_fitted(terms, noise, model_std) for noise in noises if noise is not None]


def _fitted(terms: Sequence[RatioTerm], known: FrameNoise, model_std: float) -> _Fit:
    power = np.stack([term.spectrum.power for term in terms])
    layout = terms[0].spectrum.layout
    scale = np.maximum(power.max(axis=0), known.power + 1e-30)
    power, noise = np.maximum(power / scale, 1e-12), known.power / scale
    noise_std = known.std / scale
    clipped = np.array([[CLIPPED_BAND_STD * term.saturated_fraction] for term in terms])
    relative = 1 / layout.modes + model_std**2 + clipped**2
    weight = (1 / (relative * power**2 + noise_std**2)).astype(np.float32)
    excess = weight * (power - noise).astype(np.float32)
    above = terms[0].transfer * excess[0]
    below = terms[0].transfer ** 2 * weight[0]
    for term, w, x in zip(terms[1:], weight[1:], excess[1:], strict=True):
        above += term.transfer * x
        below += term.transfer**2 * w
    texture = np.maximum(above / (below + TINY), 0, out=above)
    low, log_power = noise.astype(np.float32), np.log(power).astype(np.float32)
    precision = 1 / (relative + (noise_std / power) ** 2)
    octave = np.log(layout.low_per_px + layout.high_per_px)
    misfit = np.zeros_like(texture)
    common = np.zeros(texture.shape[0], dtype=np.float32)
    for k, term in enumerate(terms):
        residual = texture * term.transfer
        residual += low
        np.log(residual, out=residual)
        np.subtract(log_power[k], residual, out=residual)
        common += _remove_common(residual, precision[k], octave, term.saturated_fraction)
        np.square(residual, out=residual)
        residual *= precision[k].astype(np.float32)
        misfit += residual
    misfit *= np.float32(1 / DEGREES)
    tails = (DEGREES + 1) * np.log1p(misfit, out=misfit).sum(axis=1)
    return _Fit(
        known,
        np.asarray(-0.5 * (tails / CORRELATION + common), dtype=float),
        0.5 * float(np.log(precision).sum()) / CORRELATION,
    )


def change(a: FrameSpectrum, b: FrameSpectrum) -> float:
    """How clearly two frames differ in their spectra, beyond what noise and light do.

    Parameters
    ----------
    a, b : FrameSpectrum
        Of frames of one shape.

    Returns
    -------
    float
        Mean square of the difference of the logarithms, in units of its variance: about 1 and less
        for two frames of the same thing.
    """
    floor = min(a.noise, b.noise)
    pa, pb = (np.maximum(s.power, 1e-3 * floor + 1e-30) for s in (a, b))
    variance = 2 / a.layout.modes + MODEL_STD**2
    return float(np.mean(np.log(pa / pb) ** 2 / variance))


def _remove_common(
    residual: NDArray[np.float32],
    precision: NDArray[np.float64],
    octave: NDArray[np.float64],
    saturated_fraction: float,
) -> NDArray[np.float32]:
    """Take factor and slope of a frame out of its residuals, and return what they cost."""
    slope = octave - precision @ octave / precision.sum()
    std = STEADY_STD + CLIPPED_STD * saturated_fraction
    cost = np.zeros(residual.shape[0], dtype=np.float32)
    shapes = [np.ones_like(slope)]
    if saturated_fraction > 0.002:
        shapes.append(slope)
    bounded = np.clip(residual, -1.5, 1.5)
    for shape in shapes:
        known = float(precision @ shape**2) + CORRELATION / std**2
        size = bounded @ (precision * shape / known).astype(np.float32)
        residual -= size[:, None] * shape.astype(np.float32)
        cost += np.square(size / np.float32(std))
    return cost
