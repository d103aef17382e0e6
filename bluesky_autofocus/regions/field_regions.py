"""Altitudes and regions of a field, as labels of its cells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

from .cell_spectra import CELL_PX, CellGrid
from .region import UNKNOWN, Altitude, Region

__all__ = ["FieldRegions"]

LEAST_REGION = 4


@dataclass(frozen=True, eq=False)
class FieldRegions:
    """Altitudes and regions of a field.

    Parameters
    ----------
    grid : CellGrid
        Where the cells lie.
    labels : numpy.ndarray of int
        Altitude of each cell, `UNKNOWN` where it tells of none, shape (rows, cols).
    altitudes : tuple of Altitude
        By their labels, in order of the focus position that the labels were given for.
    """

    grid: CellGrid
    labels: NDArray[np.intp]
    altitudes: tuple[Altitude, ...]

    @property
    def unknown_fraction(self) -> float:
        """Share of the cells that tell of no altitude."""
        return float((self.labels == UNKNOWN).mean())

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """Neighbouring cells of one altitude, the largest first."""
        # A label of 0 is the background to scikit-image.
        parts = np.asarray(label(self.labels + 1, connectivity=1))
        masks = [parts == k for k in range(1, int(parts.max(initial=0)) + 1)]
        masks = [mask for mask in masks if mask.sum() >= LEAST_REGION]
        masks.sort(key=lambda mask: -int(mask.sum()))
        return tuple(self._region(k, mask) for k, mask in enumerate(masks, start=1))

    def only(self, kept: Sequence[int]) -> "FieldRegions":
        """Return the field with some of its altitudes, numbered anew; other cells are unknown.

        Parameters
        ----------
        kept : sequence of int
            Labels of the altitudes to keep.

        Returns
        -------
        FieldRegions
            The field.
        """
        # The last place is that of unknown cells, whose label is -1.
        place = np.full(len(self.altitudes) + 1, UNKNOWN)
        place[list(kept)] = np.arange(len(kept))
        altitudes = (replace(self.altitudes[old], label=k) for k, old in enumerate(kept))
        return FieldRegions(self.grid, place[self.labels], tuple(altitudes))

    def at(self, row_px: float, column_px: float) -> int:
        """Return the altitude at a point of the frame.

        Parameters
        ----------
        row_px, column_px : float
            The point, frame pixels.

        Returns
        -------
        int
            Label of the altitude, or `UNKNOWN`.
        """
        row = int(np.abs(self.grid.row_px - row_px).argmin())
        col = int(np.abs(self.grid.col_px - column_px).argmin())
        return int(self.labels[row, col])

    def within(self, box_px: Sequence[float]) -> int:
        """Return the altitude that most cells of a part of the frame have.

        Parameters
        ----------
        box_px : (float, float, float, float)
            Row, column, rows and columns, frame pixels.

        Returns
        -------
        int
            Label of the altitude, or `UNKNOWN` if no cell in it tells of one.
        """
        top, left, rows, cols = box_px
        half = CELL_PX / 2
        row = (self.grid.row_px + half > top) & (self.grid.row_px - half < top + rows)
        col = (self.grid.col_px + half > left) & (self.grid.col_px - half < left + cols)
        inside = self.labels[np.ix_(row, col)]
        known = inside[inside != UNKNOWN]
        return int(np.bincount(known).argmax()) if known.size else UNKNOWN

    def _region(self, number: int, cells: NDArray[np.bool_]) -> Region:
        rows, cols = np.nonzero(cells)
        top, bottom = (float(self.grid.row_px[k]) for k in (rows.min(), rows.max()))
        left, right = (float(self.grid.col_px[k]) for k in (cols.min(), cols.max()))
        row, col = (max(round(edge - CELL_PX / 2), 0) for edge in (top, left))
        return Region(
            number=number,
            altitude=int(self.labels[rows[0], cols[0]]),
            cells=cells,
            centre_px=(float(self.grid.row_px[rows].mean()), float(self.grid.col_px[cols].mean())),
            box_px=(
                row,
                col,
                min(round(bottom + CELL_PX / 2), self.grid.rows_px) - row,
                min(round(right + CELL_PX / 2), self.grid.cols_px) - col,
            ),
            area_fraction=float(cells.mean()),
        )
