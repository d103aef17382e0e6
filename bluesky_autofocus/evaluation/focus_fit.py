"""Where the focus of a stack lies, from the distances predicted for its planes."""

from dataclasses import dataclass, replace
from math import hypot, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..optics import U_MAX_DOF
from ..optics.axis import to_y
from .v_shape import VShape

__all__ = ["FEWEST_PLANES", "ONE_SIGMA", "FocusFit", "fit_focus"]

FEWEST_PLANES = 3
"""Planes with a trustworthy distance that a fit needs."""

ONE_SIGMA = 0.6827
"""Probability of the interval of one standard deviation to either side of a normal mean."""

# Standard errors beyond which a number says nothing: of the focus, as a share of the stack's
# length, and of the logarithm of the scale.
LARGEST_SHARE = 0.5
LARGEST_LOG_SCALE = 0.7
# A focus this near to the end of where it was looked for may as well lie beyond.
NEAR_LIMIT = 0.01

# Of the planes, these shares that seem nearest to focus are fitted alone, if they are enough.
NEAREST_SHARES = (1 / 2, 1 / 4)
FEWEST_OF_A_SHARE = 7
# Fits agree if they differ by this many standard errors of the one of fewer planes.
AGREE_SIGMAS = 3.0


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
    z: ArrayLike, distance_dof: ArrayLike, interval_dof: ArrayLike, *, scale: float | None = None
) -> FocusFit | None:
    """Fit ``d = sqrt(((z - z0) / scale)² + floor²)`` to distances, robustly.

    A V whose tip is round where the sample never gets quite sharp. Distances are compared as
    ``y = ½ ln(1 + (d / 0.4)²)``, in which the errors of an estimator are of one size from focus to
    the far end and in which planes near focus, where y is steepest, determine where it is; each
    plane weighs by its own interval, and single wrong ones count for little (Cauchy's loss). The
    standard errors follow from the curvature at the optimum, and grow with scatter beyond the
    planes' own intervals and with the correlation of neighbouring residuals, as what a texture
    does to one plane it does to the next.

    All planes are fitted, and the half and the quarter that seem nearest to focus. The focus
    position is that of the fit to the most planes with which all others agree (Lepskii, Theory
    Probab. Appl. 35, 1991): far planes lessen the noise where both sides of focus are alike, and
    count for nothing where they are not. The scale and the floor are those of the widest fit.

    Parameters
    ----------
    z : array_like, shape (planes,)
        Positions, in any unit.
    distance_dof : array_like, shape (planes,)
        Predicted distance from focus, depths of field. Planes that are not finite are left out.
    interval_dof : array_like, shape (planes, 2)
        Interval that holds each distance with a probability of `ONE_SIGMA`, depths of field. Its
        ends say more than a standard deviation, which a long tail makes large.
    scale : float, optional
        Length of one depth of field in the unit of the positions, where the optics tell. The fit
        may still stretch it by some 12 %. Without it the scale is fitted freely.

    Returns
    -------
    FocusFit or None
        None if fewer than three planes are left, or if their distances do not tell where focus
        is: the standard error would exceed half the stack's length, or focus seems to lie beyond
        an end of the stack by more than half that length (with a scale, by more than the planes
        are predicted to be away).
    """
    at, d = np.asarray(z, dtype=float), np.asarray(distance_dof, dtype=float)
    ends = np.asarray(interval_dof, dtype=float).reshape(-1, 2)
    good = np.isfinite(at) & np.isfinite(d) & np.isfinite(ends).all(axis=1)
    order = np.flatnonzero(good)[np.argsort(at[good], kind="stable")]
    at, d = at[order], np.clip(d[order], 0, U_MAX_DOF)
    spread = np.ptp(to_y(ends[order]), axis=1) / 2
    if at.size < FEWEST_PLANES or at[0] == at[-1]:
        return None
    fits = [_fitted(at, d, spread, scale)]
    nearest = np.argsort(d, kind="stable")
    for share in NEAREST_SHARES:
        kept = np.sort(nearest[: round(share * at.size)])
        if kept.size >= FEWEST_OF_A_SHARE:
            fits.append(_fitted(at[kept], d[kept], spread[kept], scale))
    return _widest_agreed([fit for fit in fits if fit])


def _widest_agreed(fits: list[FocusFit]) -> FocusFit | None:
    """Return the widest fit, its position that of the widest one that no narrower one refutes."""
    for index, fit in enumerate(fits):
        narrower = fits[index + 1 :]
        if all(abs(fit.z - other.z) <= AGREE_SIGMAS * other.std for other in narrower):
            shift = max((abs(fit.z - other.z) for other in narrower), default=0.0)
            return replace(fits[0], z=fit.z, std=hypot(fit.std, shift))
    return None


def _fitted(z: NDArray, d: NDArray, spread: NDArray, scale: float | None) -> FocusFit | None:
    shape = VShape(z, d, spread, scale)
    best = min((shape.refined(start) for start in shape.starts()), key=lambda fit: fit.cost)
    centre, log_scale, floor = best.x
    covariance = shape.covariance(best)
    std_z = shape.span * sqrt(covariance[0, 0])
    at_limit = abs(centre) > (1 - NEAR_LIMIT) * shape.reach
    if at_limit or not std_z <= LARGEST_SHARE * shape.span:
        return None
    std_log = sqrt(covariance[1, 1])
    known = std_log <= LARGEST_LOG_SCALE
    fitted = shape.span * float(np.exp(log_scale))
    return FocusFit(
        z=shape.middle + shape.span * float(centre),
        std=std_z,
        scale=fitted if known else None,
        scale_std=fitted * std_log if known else None,
        floor_dof=float(floor),
    )
