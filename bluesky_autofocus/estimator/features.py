"""A frame becomes numbers for the networks: some tiles for the summary, all for the map."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .pyramid import (
    LEVELS,
    STRIDES_PX,
    as_float,
    cut_tiles,
    even_runs,
    level_grid,
    reduce_by_two,
    reduced_levels,
)
from .spectra import BANDS, TILE, band_sums, log_power, relative_power, tile_power
from .whole import WHOLE_PLANES, WHOLE_RINGS, WHOLE_SIDE, reduced_whole, whole_spectrum

__all__ = [
    "LEVEL_SIZE",
    "SUMMARY_SIZE",
    "MapFeatures",
    "SummaryParts",
    "map_features",
    "summary_features",
    "summary_parts",
]

SUMMARY_TILES = (5, 4, 3, 3, 2)
"""Greatest number of tiles along each axis, by level."""

LEVEL_SIZE = 2 * BANDS + 1
"""Per level: log of the mean power, mean of the log power, and whether the level is there."""

SUMMARY_SIZE = LEVELS * LEVEL_SIZE + WHOLE_PLANES * WHOLE_RINGS + 1
"""The levels, the spectrum of the whole frame, and the logarithm of its shorter side."""

SIDE_SCALE_PX = 1024

# From this level on the frame is reduced as a whole, by eight at once and from every second row:
# half the memory traffic, and noise is averaged over 32 pixels still.
WHOLE = 3


def summary_features(frame: NDArray[np.number], device: str = "cpu") -> torch.Tensor:
    """Features of a frame from some 60 of its tiles, and from the whole of it, reduced.

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
    reduced = _reduced_by_eight(frame, device)
    parts = []
    for tiles in (*_local_levels(frame, device), *_coarse_levels(frame, reduced)):
        if tiles.shape[0] == 0:
            parts.append(torch.zeros(LEVEL_SIZE, device=device))
            continue
        power = tile_power(tiles)
        parts += [log_power(power.mean(0)), log_power(power).mean(0), power.new_ones(1)]
    fine = 2 * min(reduced.shape) >= WHOLE_SIDE
    whole = reduced_whole(reduced if fine else as_float(frame, device))
    halved = min(frame.shape) // min(whole.shape)
    side = np.log((min(whole.shape) << (halved.bit_length() - 1)) / SIDE_SCALE_PX)
    parts += [whole_spectrum(whole).flatten(), whole.new_full((1,), side)]
    return torch.cat(parts)


@dataclass(frozen=True)
class SummaryParts:
    """Features of frames, taken apart.

    Parameters
    ----------
    levels : torch.Tensor
        Shape (n, `LEVELS`, `LEVEL_SIZE`).
    whole : torch.Tensor
        Shape (n, `WHOLE_PLANES`, `WHOLE_RINGS`).
    log_side : torch.Tensor
        Natural logarithm of the shorter side over 1024 pixels, shape (n, 1).
    """

    levels: torch.Tensor
    whole: torch.Tensor
    log_side: torch.Tensor


def summary_parts(features: torch.Tensor) -> SummaryParts:
    """Take features of frames apart.

    Parameters
    ----------
    features : torch.Tensor
        From `summary_features`, shape (n, `SUMMARY_SIZE`).

    Returns
    -------
    SummaryParts
        Views of them.
    """
    end = LEVELS * LEVEL_SIZE
    return SummaryParts(
        features[:, :end].reshape(-1, LEVELS, LEVEL_SIZE),
        features[:, end:-1].reshape(-1, WHOLE_PLANES, WHOLE_RINGS),
        features[:, -1:],
    )


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


def _reduced_by_eight(frame: NDArray[np.number], device: str) -> torch.Tensor:
    """Average blocks of 8 × 8 pixels, of which every second row is read."""
    block = 1 << WHOLE
    rows, cols = frame.shape[0] // block, frame.shape[1] // block
    lines = frame[: rows * block].reshape(rows, block, frame.shape[1])
    total = as_float(lines[:, 0, : cols * block], device)
    for line in range(2, block, 2):
        total += as_float(lines[:, line, : cols * block], device)
    return total.view(rows, cols, block).sum(2).mul_(2 / block**2)


def _coarse_levels(frame: NDArray[np.number], reduced: torch.Tensor) -> list[torch.Tensor]:
    """Tiles of the coarse levels, cut from the reduced frame."""
    out = []
    for level in range(WHOLE, LEVELS):
        r = _sampled(frame.shape[0], level, SUMMARY_TILES[level])
        c = _sampled(frame.shape[1], level, SUMMARY_TILES[level])
        if r.size == 0 or c.size == 0:
            out.append(reduced.new_zeros((0, TILE, TILE)))
            continue
        if level > WHOLE:
            reduced = reduce_by_two(reduced)
        # `>>` of the frame and of the reduced frame agree: both round down.
        windows = reduced.unfold(0, TILE, 1).unfold(1, TILE, 1)
        device = reduced.device
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
        power = torch.empty((rows.size, cols.size, BANDS), device=device)
        mean = torch.empty((rows.size, cols.size), device=device)
        runs = even_runs(cols)
        for k, row in enumerate(rows):
            if level == 0:
                # The frame itself is made real one strip of tiles at a time.
                strip = as_float(frame[row : row + TILE], device)
            else:
                strip = pyramid[level - 1][row : row + TILE]
            power[k], mean[k] = band_sums(cut_tiles(strip, runs))
        out.append(log_power(relative_power(power, mean)).permute(2, 0, 1))
    return MapFeatures(tuple(out))
