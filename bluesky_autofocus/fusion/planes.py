"""The planes of a stack as the fusion reads them: one at a time, each checked as it comes."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import FusionError
from ..imaging import luma

__all__ = ["Planes", "PlaneReader", "checked_positions", "grey"]

FEWEST_PLANES = 2
LEAST_SIDE_PX = 32


class Planes(Protocol):
    """Planes by number: an array (n, rows, cols), a list, or anything that loads them."""

    def __len__(self) -> int:
        """Count the planes."""
        ...

    def __getitem__(self, index: int, /) -> NDArray[np.number]:
        """Return one plane, shape (rows, cols) or (rows, cols, 3)."""
        ...


def checked_positions(planes: Planes, positions: ArrayLike) -> NDArray[np.float64]:
    """Check that there is one rising position for each of at least two planes.

    Parameters
    ----------
    planes : Planes
        The stack; nothing is read of it but its length.
    positions : array_like
        Position of each plane, µm or depths of field.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64.

    Raises
    ------
    FusionError
        If there are too few planes, or the positions are not finite, not rising, or not as many.
    """
    z = np.asarray(positions, dtype=float)
    if len(planes) < FEWEST_PLANES:
        raise FusionError(
            f"The stack has {len(planes)} planes; it takes at least {FEWEST_PLANES} to choose "
            "between. Take more planes."
        )
    if z.shape != (len(planes),):
        raise FusionError(
            f"positions has shape {z.shape} for {len(planes)} planes. Give one number a plane."
        )
    if not np.isfinite(z).all():
        raise FusionError(
            f"The position of plane {int(np.argmin(np.isfinite(z)))} is not finite. "
            "Give the position of every plane as a number."
        )
    if (np.diff(z) <= 0).any():
        k = int(np.argmax(np.diff(z) <= 0))
        raise FusionError(
            f"Plane {k + 1} at {z[k + 1]:g} does not lie above plane {k} at {z[k]:g}. Sort the "
            "planes by position, and leave out all but one of those at the same position."
        )
    return z


class PlaneReader:
    """Reads planes and checks that they fit one another.

    Parameters
    ----------
    planes : Planes
        The stack.

    Raises
    ------
    FusionError
        If the first plane is not an image that can be fused.
    """

    def __init__(self, planes: Planes) -> None:
        self._planes = planes
        first = np.asarray(planes[0])
        if first.ndim not in (2, 3) or (first.ndim == 3 and first.shape[2] != 3):
            raise FusionError(
                f"Plane 0 has shape {first.shape}; it must be (rows, cols) or (rows, cols, 3). "
                "Give grey planes, or colour without opacity."
            )
        if min(first.shape[:2]) < LEAST_SIDE_PX:
            raise FusionError(
                f"Plane 0 has {first.shape[0]} × {first.shape[1]} pixels; at least "
                f"{LEAST_SIDE_PX} a side are needed. Give larger frames."
            )
        if first.dtype.kind not in "uif":
            raise FusionError(
                f"Plane 0 has pixels of type {first.dtype}; they must be integers or floating "
                "point. Convert the planes."
            )
        self.shape = first.shape
        self.rows, self.cols = first.shape[:2]
        self.dtype = first.dtype

    def __len__(self) -> int:
        """Count the planes."""
        return len(self._planes)

    def __getitem__(self, index: int) -> NDArray[np.number]:
        """Return one plane, checked.

        Parameters
        ----------
        index : int
            From 0.

        Returns
        -------
        numpy.ndarray
            As it is in the stack.

        Raises
        ------
        FusionError
            If its shape or type is not that of the first plane, or a pixel is not finite.
        """
        plane = np.asarray(self._planes[index])
        if plane.shape != self.shape or plane.dtype != self.dtype:
            raise FusionError(
                f"Plane {index} is {plane.dtype} of shape {plane.shape}, and plane 0 is "
                f"{self.dtype} of shape {self.shape}. Give planes of one shape and type."
            )
        if plane.dtype.kind == "f" and not np.isfinite(plane).all():
            raise FusionError(
                f"Plane {index} has pixels that are not finite. Replace them, or leave it out."
            )
        return plane

    def __iter__(self) -> Iterator[NDArray[np.number]]:
        """Read all planes in turn.

        Yields
        ------
        numpy.ndarray
            One plane.
        """
        for index in range(len(self)):
            yield self[index]


def grey(plane: NDArray[np.number]) -> NDArray[np.float32]:
    """Return the brightness of a plane.

    Parameters
    ----------
    plane : numpy.ndarray
        Shape (rows, cols) or (rows, cols, 3).

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols), float32, in the plane's grey levels.
    """
    return np.asarray(luma(plane.astype(np.float32)), dtype=np.float32)
