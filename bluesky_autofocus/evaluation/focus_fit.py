"""Where the focus of a stack lies, from the distances predicted for its planes."""

from dataclasses import dataclass, replace
from math import hypot, inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import OptimizeResult, least_squares

from ..optics import U_MAX_DOF
from ..optics.sharpness import U_CRITICAL_DOF

__all__ = ["FEWEST_PLANES", "FocusFit", "fit_focus"]

FEWEST_PLANES = 3
"""Planes with a trustworthy distance that a fit needs."""

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
# Standard errors beyond which a number says nothing: of the focus, as a share of the stack's
# length, and of the logarithm of the scale.
LARGEST_SHARE = 0.5
LARGEST_LOG_SCALE = 0.7

# Of the planes, these shares that seem nearest to focus are fitted alone, if they are enough.
NEAREST_SHARES = (1 / 2, 1 / 4)
FEWEST_OF_A_SHARE = 7
# Fits agree if they differ by this many standard errors of the one of fewer planes.
AGREE_SIGMAS = 3.0

# The grid on which the fit starts.
STARTS, PLACES, MOST_PLANES = 4, 601, 64


@dataclass(frozen=True)
class FocusFit:
    """A symmetric fit of predicted distances.

    Parameters
    ----------
    z, std : float
        Focus position and its standard error, in the unit of the positions.
    scale : float or None
        Length of one depth of field that fits the distances best, in the unit of the positions;
        None if they do not tell.
    scale_std : float or None
        Its standard error.
    floor_dof : float
        Distance that a plane at the focus position would be given, depths of field.
    """

    z: float
    std: float
    scale: float | None
    scale_std: float | None
    floor_dof: float


def fit_focus(
    z: ArrayLike, distance_dof: ArrayLike, std_dof: ArrayLike, *, scale: float | None = None
) -> FocusFit | None:
    """Fit ``d = sqrt(((z - z0) / scale)² + floor²)`` to distances, robustly.

    A V whose tip is round where the sample never gets quite sharp. Distances are compared as
    ``y = ½ ln(1 + (d / 0.4)²)``, in which the errors of an estimator are of one size from focus to
    the far end and in which planes near focus, where y is steepest, determine where it is; each
    plane weighs by its own standard deviation, and single wrong ones count for little (Cauchy's
    loss). The standard errors follow from the curvature at the optimum, and grow with scatter
    beyond the planes' own deviations and with the correlation of neighbouring residuals, as what
    a texture does to one plane it does to the next.

    All planes are fitted, and the half and the quarter that seem nearest to focus. The focus
    position is that of the fit to the most planes with which all others agree (Lepskii, Theory
    Probab. Appl. 35, 1991): far planes lessen the noise where both sides of focus are alike, and
    count for nothing where they are not. The scale and the floor are those of the widest fit.

    Parameters
    ----------
    z : array_like, shape (planes,)
        Positions, in any unit.
    distance_dof, std_dof : array_like, shape (planes,)
        Predicted distance from focus and its standard deviation, depths of field. Planes that are
        not finite are left out.
    scale : float, optional
        Length of one depth of field in the unit of the positions, where the optics tell. The fit
        may still stretch it by some 12 %. Without it the scale is fitted freely.

    Returns
    -------
    FocusFit or None
        None if fewer than three planes are left, or if their distances do not tell where focus
        is: the standard error would exceed half the stack's length. The focus may lie beyond the
        ends of the stack.
    """
    at, d, std = (np.asarray(values, dtype=float) for values in (z, distance_dof, std_dof))
    good = np.isfinite(at) & np.isfinite(d) & np.isfinite(std)
    order = np.flatnonzero(good)[np.argsort(at[good], kind="stable")]
    at, d, std = at[order], np.clip(d[order], 0, U_MAX_DOF), np.abs(std[order])
    if at.size < FEWEST_PLANES or at[0] == at[-1]:
        return None
    fits = [_fitted(at, d, std, scale)]
    nearest = np.argsort(d, kind="stable")
    for share in NEAREST_SHARES:
        kept = np.sort(nearest[: round(share * at.size)])
        if kept.size >= FEWEST_OF_A_SHARE:
            fits.append(_fitted(at[kept], d[kept], std[kept], scale))
    return _widest_agreed([fit for fit in fits if fit])


def _widest_agreed(fits: list[FocusFit]) -> FocusFit | None:
    """Return the widest fit, its position that of the widest one that no narrower one refutes."""
    for index, fit in enumerate(fits):
        narrower = fits[index + 1 :]
        if all(abs(fit.z - other.z) <= AGREE_SIGMAS * other.std for other in narrower):
            shift = max((abs(fit.z - other.z) for other in narrower), default=0.0)
            return replace(fits[0], z=fit.z, std=hypot(fit.std, shift))
    return None


def _fitted(z: NDArray, d: NDArray, std: NDArray, scale: float | None) -> FocusFit | None:
    problem = _Problem(z, d, std, scale)
    best = min((problem.refined(start) for start in problem.starts()), key=lambda fit: fit.cost)
    centre, log_scale, floor = best.x
    covariance = problem.covariance(best)
    std_z = problem.span * sqrt(covariance[0, 0])
    if not std_z <= LARGEST_SHARE * problem.span:
        return None
    std_log = sqrt(covariance[1, 1])
    known = std_log <= LARGEST_LOG_SCALE
    fitted = problem.span * float(np.exp(log_scale))
    return FocusFit(
        z=problem.middle + problem.span * float(centre),
        std=std_z,
        scale=fitted if known else None,
        scale_std=fitted * std_log if known else None,
        floor_dof=float(floor),
    )


class _Problem:
    """The fit in units of the stack's length, with its priors."""

    def __init__(
        self, z: NDArray, distance_dof: NDArray, std_dof: NDArray, scale: float | None
    ) -> None:
        self.span = float(z[-1] - z[0])
        self.middle = float(z[0] + z[-1]) / 2
        self.x = (z - self.middle) / self.span
        self.y = _axis(distance_dof)
        spread = (_axis(distance_dof + std_dof) - _axis(np.maximum(distance_dof - std_dof, 0))) / 2
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
        """Return the best places on a grid, one for each valley of the cost along z."""
        centres = np.linspace(-self.reach, self.reach, PLACES)
        some = slice(None, None, -(-self.x.size // MOST_PLANES))
        x, y, sigma = self.x[some], self.y[some], CAUCHY * self.sigma[some]
        squared = (x - centres[:, None]) ** 2
        cost = np.full(centres.size, inf)
        found = np.zeros((centres.size, 3))
        for floor in (0.0, 0.4, 1.0, 2.5):
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
        """Return the optimum next to a start."""
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
        """Return the planes' residuals and those of the priors, in standard deviations."""
        prior = [parameters[2] / self.floor_prior]
        if self.log_scale is not None:
            prior.append((parameters[1] - self.log_scale) / SCALE_PRIOR)
        return np.concatenate([self._planes(parameters), prior])

    def _planes(self, parameters: NDArray) -> NDArray:
        centre, log_scale, floor = parameters
        model = np.sqrt(((self.x - centre) * np.exp(-log_scale)) ** 2 + floor**2)
        return (_axis(np.minimum(model, U_MAX_DOF)) - self.y) / self.sigma

    def covariance(self, optimum: OptimizeResult) -> NDArray[np.float64]:
        """Return the covariance of centre, log scale and floor."""
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


def _axis(distance_dof: NDArray) -> NDArray:
    """Return ``½ ln(1 + (d / 0.4)²)``, nearly linear in sharpness."""
    return _axis_of_square(distance_dof**2)


def _axis_of_square(squared_dof: NDArray) -> NDArray:
    return 0.5 * np.log1p(squared_dof / U_CRITICAL_DOF**2)
