"""Local power spectra: tiles of a frame become log power by radius and direction.

Everything is measured relative to the square of the tile's mean, so that more light or a larger
gain changes nothing but the noise.
"""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = [
    "BANDS",
    "RINGS",
    "SECTORS",
    "TILE",
    "band_sums",
    "log_power",
    "relative_power",
    "tile_power",
]

TILE = 64
"""Rows and columns of a tile, in pixels of its level."""

RINGS = 35
"""Rings of the spectrum: radius 1 to 32 cycles a tile, one each, and three in the corners."""

RING_EDGES = (*(np.arange(33) + 0.5), 36.5, 40.5, 46.0)
SECTOR_EDGES = (1.5, 3.5, 6.5, 11.5, 18.5, 28.0, 46.0)
SECTORS = 4
BANDS = RINGS + SECTORS * (len(SECTOR_EDGES) - 1)
"""Values of a tile: its rings, then for wider rings the four directions, strongest first."""

# A tile whose relative power in a band is below this has none: rounding of float32 is near 1e-9.
FLOOR = 1e-9
# Transforms are done some tiles at a time, so that they stay in the cache and memory is bounded.
CHUNK = 48


@lru_cache(maxsize=8)
def _hann(device: str) -> torch.Tensor:
    window = np.hanning(TILE + 1)[:TILE]
    window = np.outer(window, window)
    window /= np.sqrt((window**2).mean())
    return torch.as_tensor(window, dtype=torch.float32, device=device)


def _weights() -> NDArray[np.float64]:
    """Shares of each frequency of the half plane in each band, scaled to mean power."""
    ky = np.fft.fftfreq(TILE, 1 / TILE)[:, None]
    kx = np.arange(TILE // 2 + 1)[None, :]
    # All but the first and the last column stand for their mirror image, too.
    count = np.where((kx == 0) | (kx == TILE // 2), 1.0, 2.0) * np.ones_like(ky)
    radius = np.hypot(ky, kx)
    angle = np.arctan2(ky, kx) % np.pi
    sector = np.floor(angle / (np.pi / SECTORS) + 0.5).astype(int) % SECTORS
    columns = []
    for low, high in zip(RING_EDGES[:-1], RING_EDGES[1:], strict=True):
        columns.append(count * ((radius > low) & (radius <= high)))
    for low, high in zip(SECTOR_EDGES[:-1], SECTOR_EDGES[1:], strict=True):
        ring = (radius > low) & (radius <= high)
        columns += [count * (ring & (sector == k)) for k in range(SECTORS)]
    weights = np.stack([c.ravel() / c.sum() for c in columns], axis=1)
    # Real and imaginary parts lie side by side; power of a white tile of unit variance is 1.
    return np.repeat(weights, 2, axis=0) / TILE**2


@lru_cache(maxsize=8)
def _band_matrix(device: str) -> torch.Tensor:
    return torch.as_tensor(_weights(), dtype=torch.float32, device=device)


def band_sums(tiles: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean power of each tile in each band, and the mean of its pixels.

    Parameters
    ----------
    tiles : torch.Tensor
        Shape (n, 64, 64), float32.

    Returns
    -------
    power : torch.Tensor
        Shape (n, `BANDS`), directions in order of their angle.
    mean : torch.Tensor
        Shape (n,).
    """
    device = str(tiles.device)
    window, matrix = _hann(device), _band_matrix(device)
    power = tiles.new_empty((tiles.shape[0], BANDS))
    mean = tiles.mean(dim=(1, 2))
    for first in range(0, tiles.shape[0], CHUNK):
        part = slice(first, first + CHUNK)
        windowed = (tiles[part] - mean[part, None, None]).mul_(window)
        parts = torch.view_as_real(torch.fft.rfft2(windowed)).square_()
        torch.mm(parts.flatten(1), matrix, out=power[part])
    return power, mean


def relative_power(power: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Power relative to the square of the mean, the strongest direction first.

    Parameters
    ----------
    power, mean : torch.Tensor
        From `band_sums`, shape (..., `BANDS`) and (...). The former is changed.

    Returns
    -------
    torch.Tensor
        Shape (..., `BANDS`), 0 and more. White noise of relative variance v gives v in every band.
    """
    power /= mean.clamp_min(1e-6).square()[..., None]
    sectors = power[..., RINGS:].unflatten(-1, (-1, SECTORS))
    power[..., RINGS:] = sectors.sort(dim=-1, descending=True).values.flatten(-2)
    return power


def tile_power(tiles: torch.Tensor) -> torch.Tensor:
    """Mean power of each tile in each band, relative to the square of its mean.

    Parameters
    ----------
    tiles : torch.Tensor
        Shape (n, 64, 64), float32.

    Returns
    -------
    torch.Tensor
        Shape (n, `BANDS`); see `relative_power`.
    """
    return relative_power(*band_sums(tiles))


def log_power(power: torch.Tensor) -> torch.Tensor:
    """Natural logarithm of power, with a floor.

    Parameters
    ----------
    power : torch.Tensor
        Relative power, any shape.

    Returns
    -------
    torch.Tensor
        Same shape.
    """
    return (power + FLOOR).log()
