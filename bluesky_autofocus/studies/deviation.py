"""Numbers of the supplement's figure 2: how far predictions scatter at each distance from focus."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .measured_stack import MeasuredStack, provenance
from .table import Row

__all__ = [
    "EDGES_DOF",
    "DistanceDeviation",
    "SharpnessDeviation",
    "deviation_table",
    "distance_deviations",
    "sharpness_deviations",
    "sharpness_table",
]

EDGES_DOF = (0.0, 0.5, 0.85, 1.25, 1.75, 2.5, 3.5, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 57.0)
"""Borders of ``|U|``, depths of field; the first range is the depth of field itself."""

FEWEST = 3


@dataclass(frozen=True)
class DistanceDeviation:
    """Predicted less true distance, of the frames in one range of distances.

    Parameters
    ----------
    low_dof, high_dof : float
        Borders of ``|U|``.
    deviations_dof : numpy.ndarray
        Predicted less true ``|U|``, shape (frames,).
    distance_dof, sharpness : float
        Mean true distance and mean true sharpness.
    mean_dof, std_dof : float
        Of the normal distribution that fits the deviations best.
    """

    low_dof: float
    high_dof: float
    deviations_dof: NDArray[np.float64]
    distance_dof: float
    sharpness: float
    mean_dof: float
    std_dof: float


@dataclass(frozen=True)
class SharpnessDeviation:
    """Error of sharpness, of the frames in one range of positions.

    Parameters
    ----------
    u_dof : float
        Mean true defocus, negative below focus.
    frames : int
        How many.
    rmse, bias : float
        Root-mean-square and mean error of sharpness.
    """

    u_dof: float
    frames: int
    rmse: float
    bias: float


def distance_deviations(stacks: Sequence[MeasuredStack]) -> list[DistanceDeviation]:
    """Collect the deviations of the distance by range, both sides of focus together.

    One frame does not tell the side, so neither does the prediction.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    list of DistanceDeviation
        From focus outwards; ranges with fewer than three frames are left out.
    """
    u = np.abs(np.concatenate([stack.u_dof for stack in stacks]))
    said = np.concatenate([stack.distance_dof for stack in stacks])
    sharpness = np.concatenate([stack.true_sharpness for stack in stacks])
    found = []
    for low, high in zip(EDGES_DOF[:-1], EDGES_DOF[1:], strict=True):
        # A frame at the border of the depth of field is in focus.
        inside = ((u > low) | (low == 0)) & (u <= high) & np.isfinite(said)
        if inside.sum() < FEWEST:
            continue
        deviations = said[inside] - u[inside]
        mean, std = norm.fit(deviations)
        found.append(
            DistanceDeviation(
                low,
                high,
                deviations,
                float(u[inside].mean()),
                float(sharpness[inside].mean()),
                float(mean),
                float(std),
            )
        )
    return found


def sharpness_deviations(stacks: Sequence[MeasuredStack]) -> list[SharpnessDeviation]:
    """Collect the errors of sharpness by range of position.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    list of SharpnessDeviation
        From below focus to above; ranges with fewer than three frames are left out.
    """
    u = np.concatenate([stack.u_dof for stack in stacks])
    error = np.concatenate([stack.sharpness - stack.true_sharpness for stack in stacks])
    # The depth of field is one range, not one on either side of the focus.
    edges = [*(-e for e in EDGES_DOF[:0:-1]), *EDGES_DOF[1:]]
    found = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = (u > low) & (u <= high) & np.isfinite(error)
        if inside.sum() < FEWEST:
            continue
        e = error[inside]
        found.append(
            SharpnessDeviation(
                float(u[inside].mean()), e.size, float(np.sqrt((e**2).mean())), float(e.mean())
            )
        )
    return found


def deviation_table(stacks: Sequence[MeasuredStack]) -> list[Row]:
    """Return the numbers of figures 2a and 2b: one row a range of distances.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    list of Row
        The normal distribution of each range.
    """
    return [
        {
            "low_dof": one.low_dof,
            "high_dof": one.high_dof,
            "frames": int(one.deviations_dof.size),
            "distance_dof": one.distance_dof,
            "true_sharpness": one.sharpness,
            "mean_deviation_dof": one.mean_dof,
            "std_dof": one.std_dof,
            **provenance(stacks),
        }
        for one in distance_deviations(stacks)
    ]


def sharpness_table(stacks: Sequence[MeasuredStack]) -> list[Row]:
    """Return the numbers of figure 2c: one row a range of positions.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    list of Row
        Errors of sharpness.
    """
    return [
        {
            "u_dof": one.u_dof,
            "frames": one.frames,
            "rmse_sharpness": one.rmse,
            "mean_error_sharpness": one.bias,
            **provenance(stacks),
        }
        for one in sharpness_deviations(stacks)
    ]
