"""Predicted distances as a V of the positions, and its robust fit."""

from math import inf, log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from ..optics import U_MAX_DOF
from ..optics.axis import U_SCALE_DOF, to_y

__all__ = ["VShape"]

# What all planes of a sample share, its texture, shifts their logarithmic distance by some 0.12;
# a scale that the optics tell may be off by as much.
SCALE_PRIOR = 0.12
# Aberrations, a thick sample, or pixels finer than assumed leave some blur in the sharpest plane.
FLOOR_PRIOR_DOF = {True: 0.5, False: 2.0}
# An estimator is not better than this in y, however sure it is.
LEAST_ERROR = 0.05
# Cauchy's loss with this scale is 95 % efficient on normal errors (Holland and Welsch, Commun.
# Stat. A 6, 1977).
CAUCHY = 2.385
FEWEST_FOR_SCATTER, FEWEST_FOR_CORRELATION = 6, 8
MOST_CORRELATION = 0.9

# The grid on which the fit starts.
STARTS, PLACES, MOST_PLANES = 4, 401, 48


class VShape:
    """Distances as a rounded V of the positions, in units of the stack's length, with priors.

    Its parameters are the centre, from the middle of the stack, the logarithm of the scale, and
    the floor, in depths of field.

    Parameters
    ----------
    z : numpy.ndarray
        Positions, rising, shape (planes,).
    distance_dof : numpy.ndarray
        Predicted distances, depths of field, shape (planes,).
    spread : numpy.ndarray
        Standard deviation of each on the axis of sharpness, shape (planes,).
    scale : float or None
        Length of a depth of field where the optics tell, in the unit of the positions.
    """

    def __init__(
        self, z: NDArray, distance_dof: NDArray, spread: NDArray, scale: float | None
    ) -> None:
        self.span = float(z[-1] - z[0])
        self.middle = float(z[0] + z[-1]) / 2
        self.x = (z - self.middle) / self.span
        self.y = to_y(distance_dof)
        self.sigma = np.hypot(spread, LEAST_ERROR)
        self.log_scale = None if scale is None else log(scale / self.span)
        self.floor_prior = FLOOR_PRIOR_DOF[scale is not None]
        if self.log_scale is None:
            # Beyond the ends by half the length; from all planes in focus to a length of 2 U_max.
            self.reach = 1.0
            self.log_scales = np.linspace(log(0.5 / U_MAX_DOF), log(20.0), 25)
        else:
            # Were focus farther beyond an end, even the nearest planes would be farther from it.
            beyond = float(np.quantile(distance_dof, 0.25)) * float(np.exp(self.log_scale))
            self.reach = 0.6 + 1.5 * beyond
            self.log_scales = self.log_scale + SCALE_PRIOR * np.array([-1.5, 0.0, 1.5])

    def starts(self) -> list[NDArray]:
        """Return the best places on a grid, one for each valley of the cost along z.

        Returns
        -------
        list of numpy.ndarray
            Parameters, best first, at most four.
        """
        centres = np.linspace(-self.reach, self.reach, PLACES)
        some = slice(None, None, -(-self.x.size // MOST_PLANES))
        x, y, sigma = self.x[some], self.y[some], CAUCHY * self.sigma[some]
        squared = (x - centres[:, None]) ** 2
        cost = np.full(centres.size, inf)
        found = np.zeros((centres.size, 3))
        for floor in (0.0, 0.6, 2.0):
            for log_scale in self.log_scales:
                model = _axis_of_square(squared * np.exp(-2 * log_scale) + floor**2)
                here = np.log1p(((model - y) / sigma) ** 2).sum(axis=1)
                prior = (floor / self.floor_prior) ** 2
                if self.log_scale is not None:
                    prior += ((log_scale - self.log_scale) / SCALE_PRIOR) ** 2
                here += np.log1p(prior / CAUCHY**2)
                better = here < cost
                cost[better] = here[better]
                found[better] = np.stack(np.broadcast_arrays(centres, log_scale, floor), axis=1)[
                    better
                ]
        padded = np.concatenate([[inf], cost, [inf]])
        valleys = np.flatnonzero((cost <= padded[:-2]) & (cost <= padded[2:]))
        return list(found[valleys[np.argsort(cost[valleys])][:STARTS]])

    def refined(self, start: NDArray) -> OptimizeResult:
        """Return the optimum next to a start.

        Parameters
        ----------
        start : numpy.ndarray
            Parameters.

        Returns
        -------
        scipy.optimize.OptimizeResult
            Its parameters are `x`.
        """
        low = [-self.reach, float(self.log_scales[0]) - 1, 0.0]
        high = [self.reach, float(self.log_scales[-1]) + 1, U_MAX_DOF]
        return least_squares(
            self.residuals,
            np.clip(start, low, high),
            bounds=(low, high),
            loss="cauchy",
            f_scale=CAUCHY,
            x_scale=[1 / self.x.size, 0.1, 0.1],
            max_nfev=200,
        )

    def residuals(self, parameters: NDArray) -> NDArray:
        """Return the planes' residuals and those of the priors, in standard deviations.

        Parameters
        ----------
        parameters : numpy.ndarray
            Centre, log scale, floor.

        Returns
        -------
        numpy.ndarray
            First the planes'.
        """
        prior = [parameters[2] / self.floor_prior]
        if self.log_scale is not None:
            prior.append((parameters[1] - self.log_scale) / SCALE_PRIOR)
        return np.concatenate([self._planes(parameters), prior])

    def _planes(self, parameters: NDArray) -> NDArray:
        centre, log_scale, floor = parameters
        model = np.sqrt(((self.x - centre) * np.exp(-log_scale)) ** 2 + floor**2)
        return (to_y(np.minimum(model, U_MAX_DOF)) - self.y) / self.sigma

    def covariance(self, optimum: OptimizeResult) -> NDArray[np.float64]:
        """Return the covariance of centre, log scale and floor.

        Parameters
        ----------
        optimum : scipy.optimize.OptimizeResult
            Of `refined`.

        Returns
        -------
        numpy.ndarray
            Shape (3, 3).
        """
        information = optimum.jac.T @ optimum.jac
        # What the planes do not tell gets a variance that says so, instead of none.
        information[np.diag_indices(3)] += 1e-6
        left = self._planes(optimum.x)
        inflation = 1.0
        if left.size >= FEWEST_FOR_SCATTER:
            inflation = max(1.0, (float(np.median(np.abs(left))) / 0.6745) ** 2)
        if left.size >= FEWEST_FOR_CORRELATION:
            bounded = np.clip(left, -3, 3)
            power = float(bounded @ bounded)
            correlation = float(bounded[1:] @ bounded[:-1]) / power if power > 0 else 0.0
            correlation = min(max(correlation, 0.0), MOST_CORRELATION)
            # Variance of a mean of first-order autoregressive errors.
            inflation *= (1 + correlation) / (1 - correlation)
        return np.linalg.inv(information) * inflation


def _axis_of_square(squared_dof: NDArray) -> NDArray:
    return 0.5 * np.log1p(squared_dof / U_SCALE_DOF**2)
