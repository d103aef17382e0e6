"""What one frame alone says of its distance from focus, as a likelihood."""

import numpy as np
from numpy.typing import NDArray

from ..estimator.distribution import BINS, GRID_Y, STEP_Y
from ..optics.axis import to_y

__all__ = ["BIAS_LOG_PRIOR", "single_frame_log_likelihood"]

# A texture unlike those of the training shifts the estimates of all frames alike on the axis y:
# little near focus, where all textures are sharp, and by some .2 far away.
BIAS_STD_Y = 0.2
BIAS_SIGMAS: NDArray[np.float64] = np.array([-2.4, -1.6, -0.8, 0.0, 0.8, 1.6, 2.4])
BIAS_FULL_Y = 2.5

BIAS_LOG_PRIOR: NDArray[np.float64] = -0.5 * BIAS_SIGMAS**2
BIAS_LOG_PRIOR -= np.log(np.exp(BIAS_LOG_PRIOR).sum())
"""Logarithm of the probability of each texture bias, shape (biases,)."""

# One frame in so many is estimated without any sense; more where pixels are clipped.
SENSELESS = 0.02
SENSELESS_BY_CLIPPED = 3.0
MOST_SENSELESS = 0.8
NO_SIGNAL_SENSELESS = 0.6


def single_frame_log_likelihood(
    probabilities: NDArray[np.floating],
    distance_dof: NDArray[np.floating],
    saturated_fraction: float = 0.0,
    *,
    signal: bool = True,
) -> NDArray[np.float64]:
    """Log-likelihood of distances from focus under each texture bias.

    Parameters
    ----------
    probabilities : numpy.ndarray
        The estimator's distributions over `distribution.GRID_U_DOF`, shape (..., 57), sum 1.
    distance_dof : numpy.ndarray
        Distances in depths of field, either sign, shape (n,): one frame cannot tell the sign.
    saturated_fraction : float, default 0
        Share of pixels at full scale: the more of them, the less the estimate counts.
    signal : bool, default True
        Whether the frame holds more than noise: noise alone is far from focus, but nobody can tell
        how far.

    Returns
    -------
    numpy.ndarray
        Shape (biases, ..., n); see `BIAS_LOG_PRIOR`.
    """
    y = to_y(distance_dof)
    shift = BIAS_STD_Y * np.minimum(y / BIAS_FULL_Y, 1.0)
    shifted = np.clip(y + BIAS_SIGMAS[:, None] * shift, 0, GRID_Y[-1])
    before = np.minimum((shifted / STEP_Y).astype(int), BINS - 2)
    way = shifted / STEP_Y - before
    at_grid = np.asarray(probabilities, dtype=float) / STEP_Y
    density = at_grid[..., before] * (1 - way) + at_grid[..., before + 1] * way
    density = np.moveaxis(density, -2, 0)
    senseless = (
        NO_SIGNAL_SENSELESS
        if not signal
        else min(SENSELESS + SENSELESS_BY_CLIPPED * saturated_fraction, MOST_SENSELESS)
    )
    return np.log((1 - senseless) * density + senseless / (BINS * STEP_Y))
