"""The picture of a fused stack: the sharp image, and its heights."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .figure import CLIPPED_PERCENT, empty_figure

__all__ = ["fused_figure"]

MOST_PIXELS = 1024


def fused_figure(
    image: NDArray[np.number],
    height: NDArray[np.floating],
    *,
    unit: str,
    title: str,
    figure: Figure | None = None,
) -> Figure:
    """Draw a fused image beside its heights.

    Parameters
    ----------
    image : numpy.ndarray
        Shape (rows, cols) or (rows, cols, 3).
    height : numpy.ndarray
        Shape (rows, cols), NaN where it is not told: left white.
    unit : str
        Of the heights.
    title : str
        What was fused.
    figure : matplotlib.figure.Figure, optional
        Draw over this one. Default: a new one.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    figure = empty_figure(figure)
    every = -(-max(height.shape) // MOST_PIXELS)
    shown, heights = image[::every, ::every], height[::every, ::every]
    left, right = figure.subplots(1, 2)
    low, high = np.percentile(shown, (CLIPPED_PERCENT, 100 - CLIPPED_PERCENT))
    scaled = np.clip((shown - low) / max(high - low, 1e-12), 0, 1)
    left.imshow(scaled, cmap="gray", vmin=0, vmax=1)
    left.set_title("all in focus", fontsize=11)
    known = heights[np.isfinite(heights)]
    ends = np.percentile(known, (CLIPPED_PERCENT, 100 - CLIPPED_PERCENT)) if known.size else (0, 1)
    drawn = right.imshow(heights, cmap="viridis", vmin=ends[0], vmax=max(ends[1], ends[0] + 1e-9))
    right.set_title("height" if known.size else "height: told nowhere", fontsize=11)
    figure.colorbar(drawn, ax=right, label=f"focus position ({unit})", pad=0.01)
    for axes in (left, right):
        axes.set_xticks([])
        axes.set_yticks([])
    figure.suptitle(title, fontsize=12)
    return figure
