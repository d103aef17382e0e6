"""A part of the frame: what is to come into focus, where the rest may lie at other heights."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from operator import index
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .errors import RegionError

__all__ = ["LEAST_SIDE_PX", "FrameRegion"]

LEAST_SIDE_PX = 64
"""Fewest rows and columns that sharpness can be told from."""


@dataclass(frozen=True)
class FrameRegion:
    """A region of interest, in pixels of the frame.

    Parameters
    ----------
    row, column : int
        First row and column, counted from 0 at the top left.
    rows, columns : int
        How many, at least 64 each.

    Raises
    ------
    RegionError
        If it begins before the frame, or is too small.
    """

    row: int
    column: int
    rows: int
    columns: int

    def __post_init__(self) -> None:
        if min(self.row, self.column) < 0:
            raise RegionError(
                f"The region {list(astuple(self))} begins at row {self.row} and column "
                f"{self.column}; both are counted from 0."
            )
        if min(self.rows, self.columns) < LEAST_SIDE_PX:
            raise RegionError(
                f"The region {list(astuple(self))} has {self.rows} × {self.columns} pixels; it "
                f"needs {LEAST_SIDE_PX} each way at least. Give [row, column, rows, columns]."
            )

    @classmethod
    def of(cls, values: Sequence[int]) -> Self:
        """Make a region of four numbers.

        Parameters
        ----------
        values : sequence of int
            Row, column, rows, columns.

        Returns
        -------
        FrameRegion
            The region.

        Raises
        ------
        RegionError
            If they are not four whole numbers that make one.
        """
        try:
            row, column, rows, columns = (index(value) for value in values)
        except (TypeError, ValueError) as error:
            raise RegionError(
                f"The region is {values!r}; give four whole numbers: [row, column, rows, columns], "
                "in pixels."
            ) from error
        return cls(row, column, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def check(self, frame_shape: Sequence[int]) -> None:
        """Make sure that it lies in the frames.

        Parameters
        ----------
        frame_shape : (int, int)
            Rows and columns of the frames.

        Raises
        ------
        RegionError
            If it does not.
        """
        rows, columns = frame_shape[:2]
        if self.row + self.rows > rows or self.column + self.columns > columns:
            raise RegionError(
                f"The region {self.as_list()} ends at row {self.row + self.rows} and column "
                f"{self.column + self.columns}, and the frame has {rows} × {columns} pixels. Give "
                "[row, column, rows, columns] inside it."
            )

    def cut(self, frame: NDArray[np.number]) -> NDArray[np.number]:
        """Return the pixels of a frame that lie in it.

        Parameters
        ----------
        frame : numpy.ndarray
            Shape (rows, columns).

        Returns
        -------
        numpy.ndarray
            Shape `shape`; contiguous.

        Raises
        ------
        RegionError
            If it does not lie in the frame.
        """
        self.check(frame.shape)
        rows = slice(self.row, self.row + self.rows)
        return np.ascontiguousarray(frame[rows, self.column : self.column + self.columns])

    def as_list(self) -> list[int]:
        """Return row, column, rows and columns, for documents."""
        return list(astuple(self))
