"""One picture of a search by belief: its frames, and how the belief shrank from step to step."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .belief import Posterior, recorded_observation
from .figure import empty_figure, show_frames
from .scale import Scale
from .search import Window
from .search.belief import BeliefSearch
from .verdict import Side

__all__ = ["belief_figure", "recorded_posteriors", "recorded_search"]

BINS = 240
# Half the width of the closer view, depths of field.
NEAR_DOF = 4.0
HEIGHT = 0.85


def recorded_search(start: Mapping[str, Any]) -> BeliefSearch:
    """Make the search by belief that a run began with.

    Parameters
    ----------
    start : mapping
        Start document of a run of the search by belief.

    Returns
    -------
    BeliefSearch
        Without any frame yet.
    """
    said = start["autofocus"]
    scale = Scale(said["depth_of_field"], said["unit"])
    # Older runs took frames all over the window, and do not say so.
    window = Window(*(scale.to_dof(end) for end in said.get("searched", said["window"])))
    return BeliefSearch(
        window=window,
        start_dof=window.clip(scale.to_dof(said["start"])),
        approach=Side(said["approach"]["side"]),
    )


def recorded_posteriors(
    start: Mapping[str, Any], events: Sequence[Mapping[str, Any]], *, stage: str, sensor: str
) -> list[Posterior]:
    """Work out again what was believed after each recorded frame.

    Parameters
    ----------
    start : mapping
        Start document of a run of the search by belief.
    events : sequence of mapping
        Data of its primary events, in order.
    stage, sensor : str
        Data key of the readback, and name of the estimator's sensor.

    Returns
    -------
    list of Posterior
        One a frame, positions in depths of field.
    """
    said = start["autofocus"]
    scale = Scale(said["depth_of_field"], said["unit"])
    search = recorded_search(start)
    out = []
    for data in events:
        position = scale.to_dof(float(data[stage]))
        search = search.ingest(position, recorded_observation(data, sensor))
        out.append(search.belief.posterior)
    return out


def belief_figure(
    first: NDArray[np.number],
    last: NDArray[np.number],
    positions: Sequence[float],
    posteriors: Sequence[Posterior],
    *,
    scale: Scale,
    window: tuple[float, float],
    title: str,
    reference: tuple[float, str] | None = None,
    decimals: int = 2,
    figure: Figure | None = None,
) -> Figure:
    """Draw the first frame, the last frame, and the belief after each step.

    Parameters
    ----------
    first, last : numpy.ndarray
        Frames, shape (rows, columns).
    positions : sequence of float
        Stage readback of each step, in the stage's unit; at least one.
    posteriors : sequence of Posterior
        Belief after each step, in depths of field.
    scale : Scale
        Depth of field and unit of the stage.
    window : (float, float)
        Where the stage could go, in its unit.
    title : str
        What ran, and how it ended.
    reference : (float, str), optional
        A position to mark, and what it is.
    decimals : int
        Decimals of the positions.
    figure : matplotlib.figure.Figure, optional
        Draw over this one. Default: a new one.

    Returns
    -------
    matplotlib.figure.Figure
        The picture, 13 x 4.4 inches if it is new.
    """
    figure = empty_figure(figure)
    left, middle, whole, near = figure.subplots(1, 4, width_ratios=(1, 1, 0.9, 0.75))
    ends = (positions[0], positions[-1])
    show_frames((left, middle), (first, last), ends, unit=scale.unit, decimals=decimals)
    final = scale.to_stage(posteriors[-1].best_dof)
    reach = NEAR_DOF * scale.depth_of_field
    for axes, ends in ((whole, window), (near, (final - reach, final + reach))):
        _draw_steps(axes, positions, posteriors, scale, ends)
        if reference is not None:
            axes.axvline(reference[0], color="tab:green", lw=1, ls="--", zorder=0)
        axes.set_xlabel(f"focus position ({scale.unit})")
    whole.set_yticks(range(len(positions)), [str(k + 1) for k in range(len(positions))])
    whole.set_ylabel("after frame")
    near.set_yticks(range(len(positions)), [f"{p.best_mass:.0%}" for p in posteriors], fontsize=9)
    near.yaxis.tick_right()
    whole.set_title("probability of the focus", fontsize=11)
    near.set_title("near the end; within ½ DoF", fontsize=11)
    said = "red: where the frame was taken"
    if reference is not None:
        said += f"; green: {reference[1]}"
    figure.suptitle(title, fontsize=12)
    figure.supxlabel(said, fontsize=9, color="0.3", x=0.75)
    return figure


def _draw_steps(
    axes: Axes,
    positions: Sequence[float],
    posteriors: Sequence[Posterior],
    scale: Scale,
    ends: tuple[float, float],
) -> None:
    """Draw one line a step from the top down, each as high as its own greatest probability."""
    edges = np.linspace(*ends, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    for step, (at, posterior) in enumerate(zip(positions, posteriors, strict=True)):
        # Each probability is spread over its cell: bins may be finer than the grid.
        borders = posterior.borders_dof * scale.depth_of_field
        total = np.concatenate([[0.0], np.cumsum(posterior.mass)])
        share = np.diff(np.interp(edges, borders, total))
        height = HEIGHT * share / max(float(share.max()), 1e-12)
        axes.fill_between(middles, step, step - height, color="tab:blue", alpha=0.6, lw=0)
        axes.plot(middles, step - height, color="tab:blue", lw=0.8)
        if ends[0] <= at <= ends[1]:
            axes.plot([at, at], [step, step - HEIGHT], color="tab:red", lw=1.4)
    axes.set_xlim(*ends)
    axes.set_ylim(len(positions) - 0.9, -1)
