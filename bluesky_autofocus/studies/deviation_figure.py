"""Picture of the supplement's figure 2: deviation, STD and RMSE."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from .deviation import DistanceDeviation, distance_deviations, sharpness_deviations
from .measured_stack import MeasuredStack
from .print_figure import defocus_axis, print_figure

__all__ = ["deviation_figure"]

# A less severe, a middle and a severe defocus.
SHOWN_DOF = (2.0, 8.0, 32.0)
MOST_COLUMNS, FEWEST_COLUMNS = 25, 5
POINTS = 200
SPAN_SIGMAS = 4


def deviation_figure(stacks: Sequence[MeasuredStack]) -> Figure:
    """Draw how far predictions scatter.

    Above, the histogram of predicted less true distance at up to three distances, with its normal
    distribution; below, its standard deviation against the true sharpness, and the error of
    sharpness against the position.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        Stacks of flat samples.

    Returns
    -------
    matplotlib.figure.Figure
        Panels a to c, 7 x 5 inches.
    """
    figure = print_figure(7.0, 5.0)
    above, below = figure.subfigures(2, 1, squeeze=False)[:, 0]
    by_distance = distance_deviations(stacks)
    shown = _shown(by_distance)
    panels = above.subplots(1, max(len(shown), 1), squeeze=False)[0]
    for axes, one in zip(panels, shown, strict=False):
        _draw_histogram(axes, one)
    panels[0].set_title("(a)", loc="left", fontsize=10)
    panels[0].set_ylabel("predictions (count)")
    left, right = below.subplots(1, 2)
    _draw_std(left, by_distance)
    _draw_rmse(right, stacks)
    return figure


def _shown(found: list[DistanceDeviation]) -> list[DistanceDeviation]:
    """Return the ranges nearest to the distances that are to be shown, each once."""
    if not found:
        return []
    distances = np.log([max(one.distance_dof, 1e-3) for one in found])
    nearest = [int(np.argmin(np.abs(distances - np.log(u)))) for u in SHOWN_DOF]
    return [found[k] for k in sorted(set(nearest))]


def _draw_histogram(axes: Axes, one: DistanceDeviation) -> None:
    values = one.deviations_dof
    columns = int(np.clip(np.sqrt(values.size) * 1.5, FEWEST_COLUMNS, MOST_COLUMNS))
    _, edges, _ = axes.hist(values, columns, color="tab:blue", alpha=0.8)
    if one.std_dof > 0:
        reach = SPAN_SIGMAS * one.std_dof
        at = np.linspace(
            min(edges[0], one.mean_dof - reach), max(edges[-1], one.mean_dof + reach), POINTS
        )
        width = edges[1] - edges[0]
        fitted = values.size * width * norm.pdf(at, one.mean_dof, one.std_dof)
        axes.plot(at, fitted, color="tab:red", lw=1.2)
    axes.set_xlabel("predicted − true distance (DoF)")
    axes.set_title(f"at {one.distance_dof:.3g} DoF, σ = {one.std_dof:.2g}", fontsize=8, loc="right")


def _draw_std(axes: Axes, found: list[DistanceDeviation]) -> None:
    axes.plot([one.sharpness for one in found], [one.std_dof for one in found], "o-", ms=4, lw=1)
    axes.set_yscale("log" if any(one.std_dof > 0 for one in found) else "linear")
    axes.set_xlabel("focus level (true sharpness, 1 in focus)")
    axes.set_ylabel("STD of distance (DoF)")
    axes.set_title("(b)", loc="left", fontsize=10)


def _draw_rmse(axes: Axes, stacks: Sequence[MeasuredStack]) -> None:
    found = sharpness_deviations(stacks)
    axes.plot([one.u_dof for one in found], [one.rmse for one in found], "o-", ms=4, lw=1)
    defocus_axis(axes, max((abs(one.u_dof) for one in found), default=1.0))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("RMSE of sharpness (0 to 1)")
    axes.set_title("(c)", loc="left", fontsize=10)
