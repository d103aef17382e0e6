"""One picture of a run over a field: its frames, and where its cells come into focus."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .figure import empty_figure, show_frames

__all__ = ["field_figure"]


def field_figure(
    first: NDArray[np.number],
    last: NDArray[np.number],
    positions: Sequence[float],
    heights: NDArray[np.floating],
    *,
    unit: str,
    title: str,
    decimals: int = 2,
    figure: Figure | None = None,
) -> Figure:
    """Draw the first frame, the last frame, and a map of the cells.

    Parameters
    ----------
    first, last : numpy.ndarray
        Frames, shape (rows, columns).
    positions : sequence of float
        Stage readback of each step; at least one.
    heights : numpy.ndarray
        Where each cell of the field comes into focus, NaN where it does not tell, shape
        (rows, columns) of cells.
    unit : str
        Of positions and heights.
    title : str
        What ran, and how it ended.
    decimals : int
        Decimals of the positions.
    figure : matplotlib.figure.Figure, optional
        Draw over this one. Default: a new one.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    figure = empty_figure(figure)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.2))
    ends = (positions[0], positions[-1])
    show_frames((left, middle), (first, last), ends, unit=unit, decimals=decimals)
    known = np.isfinite(heights)
    low, high = (heights[known].min(), heights[known].max()) if known.any() else (0.0, 1.0)
    drawn = right.imshow(heights, cmap="viridis", vmin=low, vmax=max(high, low + 10.0**-decimals))
    # What does not tell is not drawn.
    right.set_facecolor("0.9")
    right.set_xticks([])
    right.set_yticks([])
    right.set_title(f"cells: {known.mean():.0%} tell where they are in focus", fontsize=11)
    figure.colorbar(drawn, ax=right, label=f"in focus at ({unit})", pad=0.01)
    figure.suptitle(title, fontsize=12)
    return figure
