"""Other textures than the simulated ones, made of their spectra.

The power of a frame is that of the texture times that of the transfer function. A smooth factor on
the power at every frequency is therefore a frame of another texture, as blurred as before. It tilts
the noise, too, as a camera's own processing does.
"""

from functools import lru_cache
from math import log, pi

import numpy as np
import torch
from torch import Tensor, nn

from ..features import LEVEL_SIZE, SIDE_SCALE_PX, SUMMARY_SIZE, summary_parts
from ..pyramid import LEVELS
from ..ring_axis import log_radius_of_rings
from ..spectra import SECTOR_EDGES, SECTORS, TILE
from ..whole import WHOLE_PLANES, WHOLE_RINGS

__all__ = ["tilted"]

TILTED_SHARE = 0.7
# Standard deviations: of the slope of log power over log frequency, and of each wave over it.
SLOPE, WAVE = 0.3, 0.3
WAVES = 3
# The axis of log frequency, cycles a pixel.
LOWEST, HIGHEST = log(1 / SIDE_SCALE_PX), log(0.7)


def tilted(features: Tensor) -> Tensor:
    """Give most frames another texture.

    Parameters
    ----------
    features : torch.Tensor
        From `features.summary_features`, shape (n, `SUMMARY_SIZE`).

    Returns
    -------
    torch.Tensor
        Same shape. What is drawn follows torch's seed.
    """
    n, device = features.shape[0], features.device
    parts = summary_parts(features)
    of_tiles, of_whole, is_power = (torch.from_numpy(p).to(device) for p in _log_frequencies())
    frequency = torch.cat(
        [of_tiles.expand(n, -1), of_whole - parts.log_side, torch.zeros_like(parts.log_side)], 1
    )
    along = ((frequency - LOWEST) / (HIGHEST - LOWEST)).clamp(-0.2, 1.1)
    draw = torch.randn(n, 1 + WAVES, device=device)
    phase = 2 * pi * torch.rand(n, WAVES, device=device)
    added = SLOPE * (HIGHEST - LOWEST) * draw[:, :1] * (along - 0.5)
    for k in range(WAVES):
        wave = torch.cos((k + 1) * pi * along + phase[:, k : k + 1])
        added = added + WAVE * draw[:, k + 1 : k + 2] * wave
    # A level that is not there stays so.
    there = parts.levels[:, :, -1].repeat_interleave(LEVEL_SIZE, dim=1)
    there = nn.functional.pad(there, (0, SUMMARY_SIZE - there.shape[1]), value=1.0)
    chosen = (torch.rand(n, 1, device=device) < TILTED_SHARE).float()
    return features + added * is_power * there * chosen


@lru_cache(maxsize=1)
def _log_frequencies() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log frequency of the tiles' bands, and of the whole frame's at side 1024; what is power."""
    sectors = np.add(SECTOR_EDGES[:-1], SECTOR_EDGES[1:]) / 2
    band = np.concatenate([log_radius_of_rings().numpy(), np.repeat(np.log(sectors), SECTORS)])
    level = np.concatenate([band, band, [0.0]]) - log(TILE)
    tiles = np.concatenate([level - k * log(2) for k in range(LEVELS)])
    whole = np.tile(np.log(np.arange(1, WHOLE_RINGS + 1) / SIDE_SCALE_PX), WHOLE_PLANES)
    is_power = np.ones(SUMMARY_SIZE)
    is_power[LEVEL_SIZE - 1 : LEVELS * LEVEL_SIZE : LEVEL_SIZE] = 0
    is_power[-1] = 0
    tiles, whole, is_power = (part.astype(np.float32) for part in (tiles, whole, is_power))
    return tiles, whole, is_power
