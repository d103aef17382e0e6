"""How often the decision "in focus" is wrong."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest

__all__ = ["ErrorRate", "FocusDecision", "best_threshold", "error_rate", "focus_decision"]

INSIDE_DOF, BEYOND_DOF = 0.5, 1.0


@dataclass(frozen=True)
class ErrorRate:
    """Errors among trials.

    Parameters
    ----------
    errors, trials : int
        Counts.
    rate : float
        errors / trials; NaN without trials.
    upper : float
        Upper bound of the true rate, one-sided, 95 %, after Clopper and Pearson; it takes the
        trials for independent.
    """

    errors: int
    trials: int
    rate: float
    upper: float


@dataclass(frozen=True)
class FocusDecision:
    """Errors of the decision; between ½ and 1 depth of field either answer is right.

    Parameters
    ----------
    false_accept : ErrorRate
        Said to be in focus, of the frames beyond 1 depth of field.
    false_reject : ErrorRate
        Not said to be in focus, of the frames within ½ depth of field.
    """

    false_accept: ErrorRate
    false_reject: ErrorRate


def error_rate(wrong: ArrayLike) -> ErrorRate:
    """Count errors and bound their rate.

    Parameters
    ----------
    wrong : array_like of bool, shape (N,)
        Whether each trial went wrong.

    Returns
    -------
    ErrorRate
        With the exact binomial bound.
    """
    flags = np.asarray(wrong, dtype=bool)
    errors, trials = int(np.count_nonzero(flags)), int(flags.size)
    if trials == 0:
        return ErrorRate(0, 0, np.nan, np.nan)
    test = binomtest(errors, trials, alternative="less")
    upper = float(test.proportion_ci(confidence_level=0.95, method="exact").high)
    return ErrorRate(errors, trials, errors / trials, upper)


def focus_decision(u_dof: ArrayLike, in_focus: ArrayLike) -> FocusDecision:
    """Count false accepts and false rejects.

    Parameters
    ----------
    u_dof : array_like, shape (N,)
        True defocus, either sign, depths of field.
    in_focus : array_like of bool, shape (N,)
        What was said.

    Returns
    -------
    FocusDecision
        Both kinds of error.
    """
    u = np.abs(np.asarray(u_dof, dtype=float))
    said = np.asarray(in_focus, dtype=bool)
    return FocusDecision(
        false_accept=error_rate(said[u > BEYOND_DOF]),
        false_reject=error_rate(~said[u <= INSIDE_DOF]),
    )


def best_threshold(u_dof: ArrayLike, values: ArrayLike) -> float:
    """Return the threshold on a measure that decides best between within ½ and beyond 1.

    Parameters
    ----------
    u_dof : array_like, shape (N,)
        True defocus, either sign, depths of field; both kinds must occur.
    values : array_like, shape (N,)
        The measure, larger in focus.

    Returns
    -------
    float
        In focus is ``value >= threshold``; the sum of both error rates is least here.
    """
    u = np.abs(np.asarray(u_dof, dtype=float))
    value = np.asarray(values, dtype=float)
    inside, beyond = np.sort(value[u <= INSIDE_DOF]), np.sort(value[u > BEYOND_DOF])
    candidates = np.append(np.unique(value), np.inf)
    rejected = np.searchsorted(inside, candidates, side="left") / inside.size
    accepted = 1 - np.searchsorted(beyond, candidates, side="left") / beyond.size
    return float(candidates[np.argmin(rejected + accepted)])
