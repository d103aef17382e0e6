"""One picture of an autofocus run: its first frame, its last frame, and each step between."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

__all__ = ["empty_figure", "focus_figure", "save_figure", "show_frames"]

# Of the pixels, this share may be clipped at either end of the grey scale.
CLIPPED_PERCENT = 0.5
LOGARITHMIC_FROM = 10.0


def focus_figure(
    first: NDArray[np.number],
    last: NDArray[np.number],
    positions: Sequence[float],
    sharpness: Sequence[float],
    *,
    unit: str,
    title: str,
    measure: str,
    reference: tuple[float, str] | None = None,
    decimals: int = 2,
    figure: Figure | None = None,
) -> Figure:
    """Draw the first frame, the last frame, and the focus measure at each step.

    Both frames have the same grey scale. The axis of the focus measure is logarithmic where it
    spans more than a factor of ten, since its tails are what a search far from focus goes by.

    Parameters
    ----------
    first, last : ndarray
        Frames, shape (rows, columns).
    positions, sharpness : sequence of float
        Stage readback and focus measure of each step, in the order in which they were taken; at
        least one. Steps whose measure is not a number are left out of the curve.
    unit : str
        The stage's unit.
    title : str
        What ran, and how it ended.
    measure : str
        Name of the focus measure.
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
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.5))
    ends = (positions[0], positions[-1])
    show_frames((left, middle), (first, last), ends, unit=unit, decimals=decimals)
    _draw_curve(right, positions, sharpness)
    if reference is not None:
        right.axvline(reference[0], color="tab:green", lw=1, ls="--", label=reference[1], zorder=0)
    right.set_xlabel(f"stage position ({unit})")
    right.set_ylabel(f"sharpness ({measure})")
    # Above the axes, where it covers no step.
    right.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    figure.suptitle(title, fontsize=12)
    return figure


def empty_figure(figure: Figure | None = None) -> Figure:
    """Return an empty picture; a new one needs no display.

    Parameters
    ----------
    figure : matplotlib.figure.Figure, optional
        Wipe this one. Default: make one.

    Returns
    -------
    matplotlib.figure.Figure
        13 x 4.4 inches if it is new.
    """
    if figure is not None:
        figure.clear()
        return figure
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def show_frames(
    axes: tuple[Axes, Axes],
    frames: tuple[NDArray[np.number], NDArray[np.number]],
    positions: tuple[float, float],
    *,
    unit: str,
    decimals: int,
) -> None:
    """Show the first and the last frame with one grey scale.

    Parameters
    ----------
    axes : (Axes, Axes)
        Where to draw them.
    frames : (numpy.ndarray, numpy.ndarray)
        The first frame and the last, shape (rows, columns).
    positions : (float, float)
        Where they were taken, in the stage's unit.
    unit : str
        That unit.
    decimals : int
        Decimals of the positions.
    """
    pixels = np.concatenate([np.ravel(frame) for frame in frames])
    low, high = np.percentile(pixels, (CLIPPED_PERCENT, 100 - CLIPPED_PERCENT))
    for place, frame, at, which in zip(axes, frames, positions, ("first", "last"), strict=True):
        place.imshow(frame, cmap="gray", vmin=low, vmax=max(high, low + 1))
        place.set_title(f"{which} frame: {at:.{decimals}f} {unit}", fontsize=11)
        place.set_axis_off()


def _draw_curve(axes: Axes, positions: ArrayLike, sharpness: ArrayLike) -> None:
    """Draw the steps, coloured by their number, joined in order of position."""
    at, values = np.asarray(positions, float), np.asarray(sharpness, float)
    number = np.arange(1, at.size + 1)
    seen = np.isfinite(values)
    order = np.flatnonzero(seen)[np.argsort(at[seen])]
    axes.plot(at[order], values[order], color="0.8", lw=1, zorder=1)
    steps = axes.scatter(
        at[seen], values[seen], c=number[seen], cmap="viridis", s=28, zorder=2,
        vmin=1, vmax=max(at.size, 2),
    )  # fmt: skip
    axes.figure.colorbar(steps, ax=axes, label="step", pad=0.01, ticks=MaxNLocator(integer=True))
    for index, marker, colour, said in (
        (0, "s", "tab:blue", "first"),
        (-1, "o", "tab:red", "last"),
    ):
        axes.plot(
            at[index], values[index], marker, ms=12, mfc="none", mec=colour, mew=1.5, label=said
        )
    if seen.any() and values[seen].min() > 0:
        spans = values[seen].max() / values[seen].min()
        axes.set_yscale("log" if spans > LOGARITHMIC_FROM else "linear")


def save_figure(figure: Figure, path: Path) -> Path:
    """Save a figure as PNG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The picture.
    path : Path
        Where to; the folder is made.

    Returns
    -------
    Path
        Where it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, format="png")
    return path
