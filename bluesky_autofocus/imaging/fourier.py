"""The discrete Fourier transforms that rendering needs, on two threads and with types."""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

__all__ = ["autocorrelation", "fast_length", "inverse_half_plane", "spectrum"]

WORKERS = 2


def spectrum(image: NDArray[np.floating]) -> NDArray[np.complexfloating]:
    """Half-plane spectrum of a real image, laid out as by ``rfft2``, precision kept."""
    return np.asarray(scipy.fft.rfft2(image, workers=WORKERS))


def inverse_half_plane(half_plane: NDArray[np.complexfloating], cols: int) -> NDArray[np.floating]:
    """Real image of a half-plane spectrum; columns left out at its end count as zero.

    The input is overwritten.
    """
    down = scipy.fft.ifft(half_plane, axis=0, workers=WORKERS, overwrite_x=True)
    return np.asarray(scipy.fft.irfft(down, n=cols, axis=1, workers=WORKERS, overwrite_x=True))


def autocorrelation(field: NDArray[np.complexfloating]) -> NDArray[np.complexfloating]:
    """Periodic autocorrelation of a complex field, zero lag first."""
    power = np.abs(np.asarray(scipy.fft.fft2(field, workers=WORKERS))) ** 2
    return np.asarray(scipy.fft.ifft2(power, workers=WORKERS))


def fast_length(least: int) -> int:
    """Return the next length that the transform is quick at."""
    return int(np.asarray(scipy.fft.next_fast_len(least)))
