"""A frame at several scales, and where its tiles lie.

Level k has pixels of 2ᵏ × 2ᵏ frame pixels, so a tile of 64 pixels sees 64, 128, 256, 512 and
1024 pixels of the frame: blur discs from below a pixel to a thousand.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from .spectra import TILE

__all__ = [
    "LEVELS",
    "STRIDES_PX",
    "as_float",
    "cell_centres",
    "cut_tiles",
    "even_runs",
    "level_grid",
    "reduce_by_two",
    "reduced_levels",
]

LEVELS = 5
"""Levels: tiles of 64 to 1024 frame pixels."""

STRIDES_PX = (64, 64, 128, 256, 512)
"""Distance between the tiles of a map at each level, in frame pixels."""

# Rows of the first reduced level that are computed at a time.
STRIP_ROWS = 128


def reduce_by_two(image: torch.Tensor) -> torch.Tensor:
    """Average blocks of 2 × 2 pixels; an odd last row or column is left out.

    Parameters
    ----------
    image : torch.Tensor
        Shape (rows, cols), float32.

    Returns
    -------
    torch.Tensor
        Shape (rows // 2, cols // 2).
    """
    rows, cols = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    pairs = image[0:rows:2, :cols] + image[1:rows:2, :cols]
    return (pairs[:, 0::2] + pairs[:, 1::2]).mul_(0.25)


def cell_centres(size_px: int, stride_px: int) -> NDArray[np.float64]:
    """Centres of the cells along one axis: as many as fit, evenly about the middle.

    Parameters
    ----------
    size_px : int
        Rows or columns of the frame.
    stride_px : int
        Distance between cells.

    Returns
    -------
    numpy.ndarray
        Centres in frame pixels; at least one.
    """
    count = max(1, size_px // stride_px)
    reach = (count - 1) / 2 * stride_px
    return np.linspace(size_px / 2 - reach, size_px / 2 + reach, count)


def level_grid(size_px: int, level: int, stride_px: int) -> NDArray[np.intp]:
    """First pixels of the tiles along one axis, in pixels of the level.

    Parameters
    ----------
    size_px : int
        Rows or columns of the frame.
    level : int
        Level of the pyramid.
    stride_px : int
        Distance between cells, frame pixels.

    Returns
    -------
    numpy.ndarray
        One for each of `cell_centres`, moved inwards where the tile would leave the frame; empty
        if no tile fits.
    """
    size = size_px >> level
    if size < TILE:
        return np.zeros(0, dtype=np.intp)
    centres = cell_centres(size_px, stride_px) / 2**level
    return np.clip(np.rint(centres - TILE / 2), 0, size - TILE).astype(np.intp)


def as_float(part: NDArray[np.number], device: str) -> torch.Tensor:
    """Make grey levels real numbers, float32, wherever they shall be computed with.

    Parameters
    ----------
    part : numpy.ndarray
        Grey levels of any numeric type, any shape.
    device : str
        Where to.

    Returns
    -------
    torch.Tensor
        Same shape.
    """
    # uint16 has no arithmetic in torch, and int32 would cost a second copy.
    return torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32)).to(device)


def reduced_levels(frame: NDArray[np.number], device: str) -> list[torch.Tensor]:
    """Reduce a frame by two again and again, without making the whole of it real at once.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).
    device : str
        Where to compute.

    Returns
    -------
    list of torch.Tensor
        Shape (rows >> k, cols >> k) for level k from 1, float32.
    """
    rows, cols = frame.shape[0] // 2, frame.shape[1] // 2
    first = torch.empty((rows, cols), device=device)
    for top in range(0, rows, STRIP_ROWS):
        end = min(rows, top + STRIP_ROWS)
        first[top:end] = reduce_by_two(as_float(frame[2 * top : 2 * end], device))
    images = [first]
    for _ in range(LEVELS - 2):
        images.append(reduce_by_two(images[-1]))
    return images


def even_runs(first_px: NDArray[np.intp]) -> list[tuple[slice, slice]]:
    """Divide places along an axis into runs that are evenly spaced.

    Parameters
    ----------
    first_px : numpy.ndarray
        First pixels of tiles, ascending, as `level_grid` gives them.

    Returns
    -------
    list of (slice, slice)
        Of each run the tiles, and their first pixels.
    """
    runs, begin = [], 0
    while begin < first_px.size:
        end = begin + 1
        step = int(first_px[end] - first_px[begin]) if end < first_px.size else 1
        while end < first_px.size and first_px[end] - first_px[end - 1] == step > 0:
            end += 1
        places = slice(int(first_px[begin]), int(first_px[end - 1]) + 1, max(step, 1))
        runs.append((slice(begin, end), places))
        begin = end
    return runs


def cut_tiles(strip: torch.Tensor, runs: list[tuple[slice, slice]]) -> torch.Tensor:
    """Cut a row of tiles.

    Parameters
    ----------
    strip : torch.Tensor
        The 64 rows of an image that the tiles cover, shape (64, cols).
    runs : list of (slice, slice)
        Where, from `even_runs`.

    Returns
    -------
    torch.Tensor
        Shape (n, 64, 64).
    """
    windows = strip.unfold(1, TILE, 1).transpose(0, 1)
    out = strip.new_empty(runs[-1][0].stop, TILE, TILE)
    for tiles, places in runs:
        out[tiles] = windows[places]
    return out
