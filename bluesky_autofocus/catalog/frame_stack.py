"""A recorded run's frames, read one by one."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CatalogError
from .node_copy import files_of

if TYPE_CHECKING:
    from tiled.client.array import ArrayClient

__all__ = ["FrameStack"]


class FrameStack:
    """A run's frames, each read when asked for.

    Parameters
    ----------
    array : ArrayClient
        Tiled's array, of shape (N, H, W) or, as areaDetector files have it, (N, 1, H, W).
    rows : sequence of int, optional
        Which of its N frames count, in order. Default: all.
    """

    def __init__(self, array: "ArrayClient", rows: Sequence[int] | None = None) -> None:
        if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[1] != 1):
            raise CatalogError(
                f"Frames of shape {array.shape} cannot be read as one image an event: they must "
                "be (N, H, W) or (N, 1, H, W). Ask for another key."
            )
        self._array = array
        self._rows = range(array.shape[0]) if rows is None else rows

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N, H, W)."""
        return (len(self._rows), *self._array.shape[-2:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The pixels' type, as stored."""
        return self._array.dtype

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._rows)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Read one frame after the other."""
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int | slice) -> NDArray[Any]:
        """Read one frame of shape (H, W), or a range of them of shape (n, H, W)."""
        if isinstance(index, slice):
            rows = self._rows[index]
            first = rows[0] if rows else 0
            if list(rows) == list(range(first, first + len(rows))):
                frames = self._read(slice(first, first + len(rows)))
            else:
                frames = [self._read(row) for row in rows]
            return np.asarray(frames, self.dtype).reshape(-1, *self.shape[1:])
        if not -len(self) <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        return self._read(self._rows[index]).reshape(self.shape[1:])

    def _read(self, rows: int | slice) -> NDArray[Any]:
        from httpx import HTTPStatusError

        try:
            return np.asarray(self._array[rows])
        except (OSError, HTTPStatusError) as error:
            reason = str(error).partition("\n")[0]
            raise CatalogError(
                f"The frames in {', '.join(files_of(self._array))} cannot be read ({reason}). If "
                "these files were deleted, the run has its numbers left and no frames; if they "
                "were moved, move them back."
            ) from error
