"""One picture of an autofocus run: where it began, where it ended, and each step between."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

__all__ = ["focus_figure", "save_figure"]


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
) -> Figure:
    """Draw the first frame, the last frame, and the focus measure at each step.

    Parameters
    ----------
    first, last : ndarray
        Frames, shape (rows, columns).
    positions, sharpness : sequence of float
        Stage readback and focus measure of each step, in the order in which they were taken.
    unit : str
        The stage's unit.
    title : str
        What ran, and how it ended.
    measure : str
        Name of the focus measure.
    reference : (float, str), optional
        A position to mark, and what it is.

    Returns
    -------
    matplotlib.figure.Figure
        The picture, 13 x 4.4 inches.
    """
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.5))
    for axes, frame, said in (
        (left, first, f"start: {positions[0]:.5g} {unit}"),
        (middle, last, f"end: {positions[-1]:.5g} {unit}"),
    ):
        low, high = np.percentile(frame, (0.5, 99.5))
        axes.imshow(frame, cmap="gray", vmin=low, vmax=max(high, low + 1))
        axes.set_title(said, fontsize=10)
        axes.set_axis_off()
    order = np.argsort(positions)
    right.plot(np.take(positions, order), np.take(sharpness, order), color="0.8", lw=1, zorder=1)
    steps = right.scatter(
        positions,
        sharpness,
        c=np.arange(1, len(positions) + 1),
        cmap="viridis",
        s=28,
        zorder=2,
    )
    figure.colorbar(steps, ax=right, label="step", pad=0.01)
    right.plot(positions[-1], sharpness[-1], "o", ms=13, mfc="none", mec="tab:red", label="end")
    if reference is not None:
        right.axvline(reference[0], color="tab:green", lw=1, ls="--", label=reference[1])
    right.set_xlabel(f"stage position ({unit})")
    right.set_ylabel(f"sharpness ({measure})")
    right.legend(fontsize=8, loc="upper left")
    figure.suptitle(title, fontsize=11)
    return figure


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
    figure.savefig(path, dpi=110)
    return path
