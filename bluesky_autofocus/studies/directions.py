"""Figure 5 of the supplement: on which side of focus an end-to-end network believes a frame."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .deviation import EDGES_DOF
from .measured_stack import MeasuredStack, provenance
from .print_figure import defocus_axis, print_figure
from .table import Row

__all__ = [
    "DIRECTION_FROM_DOF",
    "direction_table",
    "directions_figure",
    "signed_distances",
    "wrong_share",
]

DIRECTION_FROM_DOF = 0.5
"""Within the depth of field there is no direction to be wrong about."""

POINTS = 400
ROOM = 1.15


def signed_distances(
    stacks: Sequence[MeasuredStack],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the true and the stated signed distance of every frame that has both.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        Depths of field, shape (frames,).
    """
    true = np.concatenate([stack.u_dof for stack in stacks])
    said = np.concatenate([stack.end_to_end_dof for stack in stacks])
    known = np.isfinite(said)
    return true[known], said[known]


def wrong_share(true_dof: NDArray[np.float64], said_dof: NDArray[np.float64]) -> float:
    """Return the share of frames beyond the depth of field whose direction is wrong.

    Parameters
    ----------
    true_dof, said_dof : numpy.ndarray
        Signed distances, shape (frames,).

    Returns
    -------
    float
        0 to 1; NaN without frames.
    """
    beyond = np.abs(true_dof) > DIRECTION_FROM_DOF
    if not beyond.any():
        return float("nan")
    return float((true_dof[beyond] * said_dof[beyond] <= 0).mean())


def direction_table(stacks: Sequence[MeasuredStack]) -> list[Row]:
    """Return the numbers of figure 5: one row a range of distances.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    list of Row
        Share of wrong directions and error of the distance without its sign.
    """
    true, said = signed_distances(stacks)
    rows: list[Row] = []
    for low, high in zip(EDGES_DOF[1:-1], EDGES_DOF[2:], strict=True):
        inside = (np.abs(true) > low) & (np.abs(true) <= high)
        if not inside.any():
            continue
        u, d = true[inside], said[inside]
        rows.append(
            {
                "low_dof": low,
                "high_dof": high,
                "frames": int(inside.sum()),
                "wrong_directions": wrong_share(u, d),
                "median_distance_dof": float(np.median(np.abs(d))),
                "median_error_dof": float(np.median(np.abs(np.abs(d) - np.abs(u)))),
                **provenance(stacks),
            }
        )
    return rows


def directions_figure(stacks: Sequence[MeasuredStack]) -> Figure:
    """Draw what an end-to-end network says of each frame, and the scaled sharpness curve.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    matplotlib.figure.Figure
        4.6 x 3.4 inches. Within the depth of field, where there is no direction, points are grey.
    """
    figure = print_figure(4.6, 3.4)
    axes = figure.subplots()
    true, said = signed_distances(stacks)
    beyond = np.abs(true) > DIRECTION_FROM_DOF
    wrong = beyond & (true * said <= 0)
    for which, colour, label in (
        (beyond & ~wrong, "tab:blue", "direction right"),
        (wrong, "tab:red", "direction wrong"),
        (~beyond, "0.6", "within the depth of field"),
    ):
        axes.plot(true[which], said[which], "o", ms=2.5, alpha=0.7, color=colour, label=label)
    farthest = float(np.abs(true).max()) if true.size else 1.0
    top = max(float(np.abs(said).max()) if said.size else 1.0, farthest)
    at = np.concatenate([[0.0], np.geomspace(0.01, farthest, POINTS)])
    at = np.concatenate([-at[:0:-1], at])
    curve = stacks[0].source.optics.sharpness(at)
    right = axes.twinx()
    right.plot(at, curve, color="tab:green", lw=1.2, label="sharpness, scaled")
    right.set_ylim(0, ROOM)
    right.set_ylabel("sharpness (0 to 1)")
    defocus_axis(axes, farthest)
    axes.set_xlabel("true distance from focus (depths of field)")
    axes.set_yscale("symlog", linthresh=1.0, linscale=0.6)
    axes.set_ylim(-ROOM * top, ROOM * top)
    axes.set_ylabel("predicted distance (depths of field)")
    lines = [*axes.get_lines(), *right.get_lines()]
    figure.legend(handles=lines, fontsize=7, ncols=2, loc="outside upper center", frameon=False)
    return figure
