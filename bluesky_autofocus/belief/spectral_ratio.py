"""Where focus can be, by what frames of one texture have in common: a likelihood without training.

All frames show the same texture, so in each band ``P_k = S |H(|c_k - g|)|² + N`` with one unknown
S. A focus position g is credible if one S per band explains the power of all frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .band_fit import MODEL_STD, BandFit, either_noise, noise_fits
from .frame_noise import FrameNoise
from .frame_spectrum import FrameSpectrum

__all__ = ["Explanation", "RatioTerm", "change", "explanation", "ratio_log_likelihood"]


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
    return either_noise(_fits(terms, model_std))


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


def _fits(terms: Sequence[RatioTerm], model_std: float) -> list[BandFit]:
    return noise_fits(
        np.stack([term.transfer for term in terms]),
        [term.spectrum for term in terms],
        np.array([term.saturated_fraction for term in terms]),
        model_std,
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
