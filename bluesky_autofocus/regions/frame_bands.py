"""What the bands of one frame say of the distance of each cell, if all show one texture.

In each band a cell's power is ``S |H(|U|)|² + N`` with one texture S and one noise N for the whole
frame, and scatters about that as the mean of few values does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.special import digamma, gammaln

from ..belief.transfer_table import transfer_table
from ..estimator.distribution import GRID_U_DOF, STEP_Y
from .field_observation import NARROW_PX, FieldObservation
from .local_power import MODES, transfer
from .texture_modes import texture_modes

__all__ = ["FrameBands", "fit_texture", "frame_bands", "mean_log"]

# The lowest bands of a cell's own window are left to filters; the others are taken together.
FIRST_FINE, FINE_GROUPS = 4, (2, 2, 3, 4, 4, 4)
# The emptiest cells tell the noise, by the bands above these; they are a little too empty.
NOISE_GROUPS, NOISE_QUANTILE, NOISE_FACTOR = 2, 0.3, 1.07
NOISE_MODES_SHARE = 0.8
MOST_MODES = 60.0
# No band rules out a distance alone, and bands that overlap and err alike count for less.
LEAST_LOG, SHARE = -30.0, 0.5
# A cell rules out no distance by more than so much: dirt, borders, odd texture.
MOST_EVIDENCE = 8.0
# The estimator errs alike in neighbouring cells, by so much on the axis y.
BIAS_STD_Y, SENSELESS = 0.2, 0.02
NOTHING = 1e-9
BOUND_STD, MOST_LOG_STEP = 2.5, 1.5


@dataclass(frozen=True, eq=False)
class FrameBands:
    """Bands of one frame, in a row of cells.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of cells.
    power, noise : numpy.ndarray
        Power relative to the light of each cell, and the noise in it, shape (cells, bands).
    transfer : numpy.ndarray
        What is left of the texture's power at the distances of `GRID_U_DOF`, and of a cell that
        shows nothing, shape (58, bands).
    noise_modes, texture_modes : numpy.ndarray
        Independent values of noise and of the texture behind each band, shape (bands,).
    by_map : numpy.ndarray
        Log-likelihood of these distances by the estimator's map, shape (cells, 58).
    """

    shape: tuple[int, int]
    power: NDArray[np.float64]
    noise: NDArray[np.float64]
    transfer: NDArray[np.float64]
    noise_modes: NDArray[np.float64]
    texture_modes: NDArray[np.float64]
    by_map: NDArray[np.float64]

    def log_likelihood(self, texture: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-likelihood of distances in each cell.

        Parameters
        ----------
        texture : numpy.ndarray
            Power of the texture in each band if it were in focus, shape (bands,).

        Returns
        -------
        numpy.ndarray
            Shape (cells, 58).
        """
        return self.bounded(self.log_density(texture * self.transfer))

    def bounded(self, log_density: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make densities likelihoods: bands overlap, and a cell may be odd.

        Parameters
        ----------
        log_density : numpy.ndarray
            From `log_density`, shape (cells, n).

        Returns
        -------
        numpy.ndarray
            Same shape.
        """
        out = SHARE * log_density
        return np.maximum(out, out.max(axis=1, keepdims=True) - MOST_EVIDENCE)

    def log_density(
        self, signal: NDArray[np.float64], cells: NDArray[np.intp] | slice = slice(None)
    ) -> NDArray[np.float64]:
        """Logarithm of the density of what was measured, if there are such signals.

        Parameters
        ----------
        signal : numpy.ndarray
            Power in each band without noise, shape (n, bands), or (cells, n, bands).
        cells : numpy.ndarray of int, optional
            Which cells; default: all.

        Returns
        -------
        numpy.ndarray
            Shape (cells, n).
        """
        noise = self.noise[cells][:, None]
        mean = signal + noise
        modes = self.modes(signal, noise)
        ratio = self.power[cells][:, None] / mean
        out = modes * (np.log(modes) + np.log(ratio) - ratio) - gammaln(modes)
        return np.asarray(np.maximum(out, LEAST_LOG).sum(axis=-1))

    def modes(self, signal: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how many independent values are behind the sum of a signal and noise.

        Parameters
        ----------
        signal, noise : numpy.ndarray
            Powers, shape (..., bands).

        Returns
        -------
        numpy.ndarray
            Shape (..., bands), at most 60.
        """
        variance = signal**2 / self.texture_modes + noise**2 / self.noise_modes
        return np.minimum((signal + noise) ** 2 / variance, MOST_MODES)


def fit_texture(
    bands: FrameBands,
    left: NDArray[np.float64],
    texture: NDArray[np.float64] | None = None,
    *,
    rounds: int,
) -> NDArray[np.float64]:
    """Fit one texture to all cells, if it is known what is left of it in each.

    Parameters
    ----------
    bands : FrameBands
        What was measured.
    left : numpy.ndarray
        Share of the texture's power, shape (cells, bands).
    texture : numpy.ndarray, optional
        To begin with, shape (bands,); default: as the cells suggest.
    rounds : int
        How often it is improved.

    Returns
    -------
    numpy.ndarray
        Power of the texture in each band, shape (bands,).
    """
    power, noise = bands.power, bands.noise
    usual = np.median(noise, axis=0)
    over = np.median(np.maximum(power - noise, 0), axis=0) / np.median(left, axis=0)
    fit = np.maximum(over, 1e-3 * usual) if texture is None else texture
    least = 1e-6 * usual / np.maximum(left.max(axis=0), NOTHING)
    for _ in range(rounds):
        signal = fit * left
        mean, modes = signal + noise, bands.modes(signal, noise)
        bound = BOUND_STD / np.sqrt(modes)
        off = np.log(power / mean) - mean_log(modes)
        share, weight = signal / mean, signal / mean * modes
        step = (weight * np.clip(off, -bound, bound)).sum(axis=0)
        step /= np.maximum((weight * share).sum(axis=0), NOTHING)
        step = np.exp(np.clip(step, -MOST_LOG_STEP, MOST_LOG_STEP))
        fit = np.maximum(fit * step, least)
    return fit


def frame_bands(observation: FieldObservation) -> FrameBands:
    """Put together what one frame tells of its cells.

    Parameters
    ----------
    observation : FieldObservation
        The frame.

    Returns
    -------
    FrameBands
        Coarse bands, then fine ones.
    """
    layout = observation.grid.layout(NARROW_PX)
    starts = FIRST_FINE + np.concatenate([[0], np.cumsum(FINE_GROUPS)[:-1]])
    modes = np.add.reduceat(layout.modes, starts)

    def grouped(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(values * layout.modes, starts, axis=1) / modes)

    light = observation.coarse.light.reshape(-1, 1)
    cells = light.size
    fine = grouped(observation.narrow_power.reshape(cells, -1)) / light
    level = np.quantile(fine[:, NOISE_GROUPS:], NOISE_QUANTILE, axis=0).min() * NOISE_FACTOR
    power = np.concatenate([observation.coarse.power.reshape(cells, -1), fine / light], axis=1)
    coarse = transfer(observation.sampling_q, tuple(GRID_U_DOF))
    table = transfer_table(layout, observation.sampling_q).power(GRID_U_DOF)
    left = np.concatenate([coarse, grouped(table)], axis=1)
    chances = gaussian_filter1d(
        observation.probabilities.reshape(cells, -1), BIAS_STD_Y / STEP_Y, mode="nearest"
    )
    by_map = np.log((1 - SENSELESS) * chances + SENSELESS / GRID_U_DOF.size)
    shape = observation.grid.shape
    noise = np.broadcast_to(level / light, power.shape)
    noise_modes = np.concatenate([MODES, NOISE_MODES_SHARE * modes])
    texture = texture_modes([power.reshape(*shape, -1)], [noise.reshape(*shape, -1)], noise_modes)
    return FrameBands(
        shape=shape,
        power=power,
        noise=noise,
        transfer=np.concatenate([left, np.full((1, left.shape[1]), NOTHING)]),
        noise_modes=noise_modes,
        texture_modes=texture,
        by_map=np.concatenate([by_map, by_map[:, -1:]], axis=1),
    )


def mean_log(modes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean logarithm of the mean of so many independent values of power.

    Parameters
    ----------
    modes : numpy.ndarray
        How many.

    Returns
    -------
    numpy.ndarray
        Below 0; 0 for many.
    """
    return np.asarray(digamma(modes) - np.log(modes))
