"""Recorded focal stacks: a folder of images and the stage position of each."""

from collections import OrderedDict
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import Self

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from .errors import FocalStackError
from .imaging.image_file import read_image
from .positions_file import POSITIONS_FILE, PlaneRow, read_positions

__all__ = ["FocalStack"]

FEWEST_PLANES = 3
CACHE_BYTES = 256 * 2**20


class FocalStack:
    """Planes of one sample, sorted by stage position and loaded when they are asked for.

    Made by `FocalStack.read`. Colour becomes Rec. 601 luma. Loaded planes are kept, up to 256 MiB.

    Parameters
    ----------
    folder : pathlib.Path
        Where the images are.
    files : sequence of pathlib.Path
        One image per plane, in order of position.
    positions : numpy.ndarray
        Stage position of each plane, strictly rising.
    unit : str
        Unit of the positions: ``um``, ``mm`` or ``index`` (only the order is known).
    shape : (int, int)
        Rows and columns of every plane.
    duplicates : tuple of str
        Files left out because an earlier line has the same position.
    """

    def __init__(
        self,
        folder: Path,
        files: list[Path],
        positions: NDArray[np.float64],
        *,
        unit: str,
        shape: tuple[int, int],
        duplicates: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.files = tuple(files)
        self.positions = positions
        self.positions.flags.writeable = False
        self.unit = unit
        self.shape = shape
        self.duplicates = duplicates
        self._cache: OrderedDict[int, NDArray[np.unsignedinteger]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """Read the list of planes; the images themselves are opened only to compare their sizes.

        Parameters
        ----------
        folder : path
            Holds ``positions.csv`` with the columns ``file,z,unit``, and the images.

        Returns
        -------
        FocalStack
            The stack, sorted by position. Of several planes at one position the first listed
            stays; the others are named in `duplicates`.

        Raises
        ------
        FocalStackError
            If folder, list or an image is missing or malformed, with the line and what to do.
        """
        folder = Path(folder).expanduser()
        rows, unit = read_positions(folder)
        kept: dict[float, PlaneRow] = {}
        duplicates = []
        for row in rows:
            if row.z in kept:
                duplicates.append(row.path.name)
            else:
                kept[row.z] = row
        if len(kept) < FEWEST_PLANES:
            raise FocalStackError(
                f"{folder} has {len(kept)} planes at different positions; a focal stack needs at "
                f"least {FEWEST_PLANES}. Add planes to {POSITIONS_FILE}."
            )
        ordered = sorted(kept.values(), key=lambda row: row.z)
        return cls(
            folder,
            [row.path for row in ordered],
            np.array([row.z for row in ordered]),
            unit=unit,
            shape=_common_shape(ordered),
            duplicates=tuple(duplicates),
        )

    def __len__(self) -> int:
        """Count the planes."""
        return len(self.files)

    def plane(self, index: int) -> NDArray[np.unsignedinteger]:
        """Return one plane.

        Parameters
        ----------
        index : int
            Place in the order of positions, from 0.

        Returns
        -------
        numpy.ndarray
            Shape `shape`, uint8 or uint16 as in the file; not to be written to.

        Raises
        ------
        FocalStackError
            If there is no such plane or its file cannot be read.
        """
        if not 0 <= index < len(self):
            raise FocalStackError(
                f"There is no plane {index} in {self.folder}. Give 0 to {len(self) - 1}."
            )
        with self._lock:
            if index not in self._cache:
                self._cache[index] = self._load(self.files[index])
                size = self._cache[index].nbytes
                while len(self._cache) > max(2, CACHE_BYTES // size):
                    self._cache.popitem(last=False)
            self._cache.move_to_end(index)
            return self._cache[index]

    def nearest(self, z: float) -> NDArray[np.unsignedinteger]:
        """Return the plane whose position is nearest.

        Parameters
        ----------
        z : float
            Stage position in `unit`; of two equally near planes the lower one is taken.

        Returns
        -------
        numpy.ndarray
            As `plane`.

        Raises
        ------
        FocalStackError
            If the position is not finite or the file cannot be read.
        """
        return self.plane(int(np.argmin(np.abs(self.positions - _finite(z)))))

    def interpolated(self, z: float) -> NDArray[np.unsignedinteger]:
        """Blend the two planes about a position linearly.

        A blend is no optical image between the two: use it for smooth curves, not for truth.

        Parameters
        ----------
        z : float
            Stage position in `unit`; beyond the ends the end plane is returned.

        Returns
        -------
        numpy.ndarray
            Shape `shape`, dtype of the planes, rounded; at a plane's position that plane itself.

        Raises
        ------
        FocalStackError
            If the position is not finite or a file cannot be read.
        """
        place = float(np.interp(_finite(z), self.positions, np.arange(len(self))))
        lower = int(place)
        share = np.float32(place - lower)
        if share == 0:
            return self.plane(lower)
        below, above = self.plane(lower), self.plane(lower + 1)
        blend = np.rint(below * (1 - share) + above * share)
        return blend.astype(below.dtype)

    def _load(self, path: Path) -> NDArray[np.unsignedinteger]:
        try:
            pixels = read_image(path)
        except (OSError, ValueError, SyntaxError) as error:
            raise FocalStackError(
                f"{path} cannot be read: {error}. Replace the file, or take its line out of "
                f"{POSITIONS_FILE}."
            ) from error
        if pixels.shape != self.shape:
            raise FocalStackError(
                f"{path} has shape {pixels.shape}, the other planes {self.shape}. "
                "Give planes of one size."
            )
        # A copy that nobody else holds, in native byte order, so that it can be locked.
        for dtype in (np.uint8, np.uint16):
            if pixels.dtype == dtype:
                plane = np.array(pixels, dtype=dtype)
                plane.flags.writeable = False
                return plane
        raise FocalStackError(
            f"{path} has pixels of type {pixels.dtype}. Save the planes with 8 or 16 bits."
        )


def _finite(z: float) -> float:
    if not isfinite(z):
        raise FocalStackError(f"The position {z} is not finite. Give a stage position.")
    return z


def _common_shape(rows: list[PlaneRow]) -> tuple[int, int]:
    """Compare the sizes that the images announce."""
    shapes = {}
    for row in rows:
        try:
            shapes[_announced_shape(row.path)] = row
        except (OSError, ValueError, UnidentifiedImageError, tifffile.TiffFileError) as error:
            raise FocalStackError(
                f"Line {row.line}: {row.path} is not a readable image: {error}. "
                "Give PNG, JPEG or TIFF files."
            ) from error
    if len(shapes) > 1:
        said = ", ".join(f"{row.path.name} {shape}" for shape, row in shapes.items())
        raise FocalStackError(f"The planes have different shapes: {said}. Give planes of one size.")
    return next(iter(shapes))


def _announced_shape(path: Path) -> tuple[int, int]:
    if path.suffix.lower() in (".tif", ".tiff"):
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            return page.imagelength, page.imagewidth
    with Image.open(path) as image:
        return image.height, image.width
