"""Figure 4 of the supplement: a frame of a sample with several altitudes, and its sharpness map."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .print_figure import print_figure
from .table import Row

if TYPE_CHECKING:
    from ..estimator import SharpnessMap
    from ..regions import FieldRegions

__all__ = ["map_figure", "map_table"]

CLIPPED_PERCENT = 0.5


def map_table(said: "SharpnessMap") -> list[Row]:
    """Return the numbers of figure 4: one row a cell.

    Parameters
    ----------
    said : SharpnessMap
        What the estimator says of the frame.

    Returns
    -------
    list of Row
        Centre of each cell, its sharpness and its distance.
    """
    return [
        {
            "row_px": float(row),
            "col_px": float(col),
            "sharpness": float(said.sharpness[i, j]),
            "sharpness_std": float(said.sharpness_std[i, j]),
            "distance_dof": float(said.distance_dof[i, j]),
            "good": bool(said.valid[i, j]),
        }
        for i, row in enumerate(said.row_px)
        for j, col in enumerate(said.col_px)
    ]


def map_figure(
    frame: NDArray[np.number],
    said: "SharpnessMap",
    sample_pixel_um: float,
    title: str,
    regions: "FieldRegions | None" = None,
) -> Figure:
    """Draw a frame beside its sharpness map.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).
    said : SharpnessMap
        What the estimator says of it; cells without good numbers are left white.
    sample_pixel_um : float
        Pixel on the sample, µm.
    title : str
        What is shown.
    regions : FieldRegions, optional
        Altitudes to label, each at its largest region; of the same cells.

    Returns
    -------
    matplotlib.figure.Figure
        7 x 3.2 inches.
    """
    figure = print_figure(7.0, 3.2)
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    rows, cols = frame.shape
    extent = (0.0, cols * sample_pixel_um, rows * sample_pixel_um, 0.0)
    low, high = np.percentile(frame, (CLIPPED_PERCENT, 100 - CLIPPED_PERCENT))
    left.imshow(frame, cmap="gray", vmin=low, vmax=max(high, low + 1), extent=extent)
    shown = np.where(said.valid, said.sharpness, np.nan)
    picture = right.imshow(shown, cmap="viridis", vmin=0, vmax=1, extent=extent)
    figure.colorbar(picture, ax=right, label="sharpness (0 to 1)")
    for number, altitude in enumerate(regions.altitudes if regions else ()):
        parts = [part for part in regions.regions if part.altitude == number] if regions else []
        if parts:
            rows_in, cols_in = np.nonzero(parts[0].cells)
            for axes in (left, right):
                axes.text(
                    float(said.col_px[cols_in].mean()) * sample_pixel_um,
                    float(said.row_px[rows_in].mean()) * sample_pixel_um,
                    f"{round(altitude.focus_dof, 1) + 0.0:+.1f} DoF",
                    ha="center", va="center", fontsize=7,
                    bbox={"facecolor": "white", "alpha": 0.8, "pad": 1.5, "linewidth": 0},
                )  # fmt: skip
    for axes, letter in ((left, "a"), (right, "b")):
        axes.set_xlabel("x on the sample (µm)")
        axes.set_title(f"({letter})", loc="left", fontsize=10)
    left.set_ylabel("y on the sample (µm)")
    figure.suptitle(title, fontsize=9)
    return figure
