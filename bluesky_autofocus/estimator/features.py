"""A frame becomes numbers for the networks: some tiles for the summary, all for the map."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .pyramid import LEVELS, STRIDES_PX, as_float, cut_tiles, level_grid, reduced_levels
from .spectra import BANDS, TILE, log_power, tile_power

__all__ = ["SUMMARY_SIZE", "MapFeatures", "map_features", "summary_features"]

SUMMARY_TILES = (5, 4, 3, 3, 2)
"""Greatest number of tiles along each axis, by level."""

SUMMARY_SIZE = LEVELS * (2 * BANDS + 1)
"""Per level: log of the mean power, mean of the log power, and whether the level is there."""

# From this level on the frame is reduced as a whole, by eight at once and from every second row:
# half the memory traffic, and noise is averaged over 32 pixels still.
WHOLE = 3


def summary_features(frame: NDArray[np.number], device: str = "cpu") -> torch.Tensor:
    """Features of a frame from some 60 of its tiles.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols), at least 64 each.
    device : str, default "cpu"
        Where to compute.

    Returns
    -------
    torch.Tensor
        Shape (`SUMMARY_SIZE`,), float32.
    """
    levels = [*_local_levels(frame, device), *_whole_levels(frame, device)]
    parts = []
    for tiles in levels:
        if tiles.shape[0] == 0:
            parts.append(torch.zeros(2 * BANDS + 1, device=device))
            continue
        power, _ = tile_power(tiles)
        parts += [log_power(power.mean(0)), log_power(power).mean(0), power.new_ones(1)]
    return torch.cat(parts)


def _sampled(size_px: int, level: int, most: int) -> NDArray[np.intp]:
    """First pixels of at most `most` tiles along an axis, in pixels of the level."""
    size = size_px >> level
    if size < TILE:
        return np.zeros(0, dtype=np.intp)
    # No more than overlap by half.
    count = min(most, max(1, 2 * size // TILE - 1))
    return np.rint((np.arange(count) + 0.5) / count * (size - TILE)).astype(np.intp)


def _local_levels(frame: NDArray[np.number], device: str) -> list[torch.Tensor]:
    """Tiles of the fine levels, each cut from the frame and reduced by itself."""
    out = []
    for level in range(WHOLE):
        rows = _sampled(frame.shape[0], level, SUMMARY_TILES[level]) << level
        cols = _sampled(frame.shape[1], level, SUMMARY_TILES[level]) << level
        size = TILE << level
        cut = np.empty((rows.size * cols.size, size, size), dtype=np.float32)
        for k, (r, c) in enumerate((r, c) for r in rows for c in cols):
            cut[k] = frame[r : r + size, c : c + size]
        tiles = torch.from_numpy(cut).to(device)
        for _ in range(level):
            tiles = tiles[:, 0::2] + tiles[:, 1::2]
            tiles = (tiles[:, :, 0::2] + tiles[:, :, 1::2]).mul_(0.25)
        out.append(tiles)
    return out


def _whole_levels(frame: NDArray[np.number], device: str) -> list[torch.Tensor]:
    """Tiles of the coarse levels, cut from the reduced frame."""
    block = 1 << WHOLE
    rows, cols = frame.shape[0] // block, frame.shape[1] // block
    if min(rows, cols) < TILE:
        return [torch.zeros(0, TILE, TILE, device=device)] * (LEVELS - WHOLE)
    lines = frame[: rows * block].reshape(rows, block, frame.shape[1])
    total = as_float(lines[:, 0, : cols * block], device)
    for line in range(2, block, 2):
        total += as_float(lines[:, line, : cols * block], device)
    reduced = total.view(rows, cols, block).sum(2).mul_(2 / block**2)
    out = []
    for level in range(WHOLE, LEVELS):
        r = _sampled(frame.shape[0], level, SUMMARY_TILES[level])
        c = _sampled(frame.shape[1], level, SUMMARY_TILES[level])
        if r.size == 0 or c.size == 0:
            out.append(reduced.new_zeros((0, TILE, TILE)))
            continue
        if level > WHOLE:
            h, w = reduced.shape[0] // 2 * 2, reduced.shape[1] // 2 * 2
            pairs = reduced[0:h:2, :w] + reduced[1:h:2, :w]
            reduced = (pairs[:, 0::2] + pairs[:, 1::2]).mul_(0.25)
        # `>>` of the frame and of the reduced frame agree: both round down.
        windows = reduced.unfold(0, TILE, 1).unfold(1, TILE, 1)
        place = torch.as_tensor(r, device=device)[:, None], torch.as_tensor(c, device=device)
        out.append(windows[place].reshape(-1, TILE, TILE))
    return out


@dataclass(frozen=True)
class MapFeatures:
    """Features of every cell of a frame at each level.

    Parameters
    ----------
    levels : tuple of torch.Tensor
        Log power, shape (`BANDS`, rows, cols) with the level's own rows and columns; 0 × 0 where
        no tile fits.
    """

    levels: tuple[torch.Tensor, ...]


def map_features(frame: NDArray[np.number], device: str = "cpu") -> MapFeatures:
    """Features of all tiles at all levels.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols), at least 64 each.
    device : str, default "cpu"
        Where to compute.

    Returns
    -------
    MapFeatures
        Rows and columns of level k are those of `pyramid.level_grid` with its stride.
    """
    pyramid = reduced_levels(frame, device)
    out = []
    for level, stride in enumerate(STRIDES_PX):
        rows = level_grid(frame.shape[0], level, stride)
        cols = level_grid(frame.shape[1], level, stride)
        if rows.size == 0 or cols.size == 0:
            out.append(torch.zeros(BANDS, 0, 0, device=device))
            continue
        features = torch.empty((rows.size, cols.size, BANDS), device=device)
        for k, row in enumerate(rows):
            if level == 0:
                # The frame itself is made real one strip of tiles at a time.
                strip = as_float(frame[row : row + TILE], device)
                tiles = cut_tiles(strip, np.zeros(1, dtype=np.intp), cols)
            else:
                tiles = cut_tiles(pyramid[level - 1], row[None], cols)
            power, _ = tile_power(tiles)
            features[k] = log_power(power)
        out.append(features.permute(2, 0, 1))
    return MapFeatures(tuple(out))
