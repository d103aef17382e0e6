"""Other textures than the simulated ones, made of their spectra.

The power of a frame is that of the texture times that of the transfer function. A smooth factor on
the power at every frequency is therefore a frame of another texture, as blurred as before. It tilts
the noise, too, as a camera's own processing does.
"""

from dataclasses import dataclass
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

__all__ = ["Tilt", "draw_tilt", "tilted", "tilted_levels"]

TILTED_SHARE = 0.7
# Standard deviations: of the slope of log power over log frequency, and of each wave over it.
SLOPE, WAVE = 0.3, 0.3
WAVES = 3
# The axis of log frequency, cycles a pixel.
LOWEST, HIGHEST = log(1 / SIDE_SCALE_PX), log(0.7)


@dataclass(frozen=True)
class Tilt:
    """Smooth changes of log power over log frequency, one for each of n frames.

    Parameters
    ----------
    draw : torch.Tensor
        Of the slope and of each wave, standard normal, shape (n, 1 + `WAVES`).
    phase : torch.Tensor
        Of the waves, radians, shape (n, `WAVES`).
    chosen : torch.Tensor
        One for a frame that is changed, else zero, shape (n, 1).
    """

    draw: Tensor
    phase: Tensor
    chosen: Tensor

    def at(self, log_frequency: Tensor) -> Tensor:
        """Return what is added to log power.

        Parameters
        ----------
        log_frequency : torch.Tensor
            Natural logarithm of cycles a pixel, shape (n, m) or (m,).

        Returns
        -------
        torch.Tensor
            Shape (n, m).
        """
        along = ((log_frequency - LOWEST) / (HIGHEST - LOWEST)).clamp(-0.2, 1.1)
        added = SLOPE * (HIGHEST - LOWEST) * self.draw[:, :1] * (along - 0.5)
        for k in range(WAVES):
            wave = torch.cos((k + 1) * pi * along + self.phase[:, k : k + 1])
            added = added + WAVE * self.draw[:, k + 1 : k + 2] * wave
        return added * self.chosen


def draw_tilt(n: int, device: torch.device | str = "cpu") -> Tilt:
    """Draw a change for each of some frames.

    Parameters
    ----------
    n : int
        How many.
    device : str, default "cpu"
        Where they shall be.

    Returns
    -------
    Tilt
        What is drawn follows torch's seed.
    """
    draw = torch.randn(n, 1 + WAVES, device=device)
    phase = 2 * pi * torch.rand(n, WAVES, device=device)
    return Tilt(draw, phase, (torch.rand(n, 1, device=device) < TILTED_SHARE).float())


def tilted(features: Tensor, tilt: Tilt) -> Tensor:
    """Give frames another texture.

    Parameters
    ----------
    features : torch.Tensor
        From `features.summary_features`, shape (n, `SUMMARY_SIZE`).
    tilt : Tilt
        Of n frames.

    Returns
    -------
    torch.Tensor
        Same shape.
    """
    parts = summary_parts(features)
    of_bands, of_whole, is_power = (torch.from_numpy(p).to(features.device) for p in _spectra())
    level = torch.cat([of_bands, of_bands, of_bands[:1]])
    of_tiles = torch.cat([level - k * log(2) for k in range(LEVELS)])
    frequency = torch.cat(
        [
            of_tiles.expand(len(features), -1),
            of_whole - parts.log_side,
            torch.zeros_like(parts.log_side),
        ],
        1,
    )
    # A level that is not there stays so.
    there = parts.levels[:, :, -1].repeat_interleave(LEVEL_SIZE, dim=1)
    there = nn.functional.pad(there, (0, SUMMARY_SIZE - there.shape[1]), value=1.0)
    return features + tilt.at(frequency) * is_power * there


def tilted_levels(levels: tuple[Tensor, ...], tilt: Tilt) -> tuple[Tensor, ...]:
    """Give the cells of frames another texture, the same all over a frame.

    Parameters
    ----------
    levels : tuple of torch.Tensor
        From `features.map_features`, shape (n, `BANDS`, rows, cols) by level.
    tilt : Tilt
        Of n frames.

    Returns
    -------
    tuple of torch.Tensor
        Same shapes.
    """
    of_bands = torch.from_numpy(_spectra()[0]).to(levels[0].device)
    return tuple(
        level + tilt.at(of_bands - k * log(2))[:, :, None, None] for k, level in enumerate(levels)
    )


@lru_cache(maxsize=1)
def _spectra() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log frequency of a tile's bands, and of the whole frame's at side 1024; what is power."""
    sectors = np.add(SECTOR_EDGES[:-1], SECTOR_EDGES[1:]) / 2
    band = np.concatenate([log_radius_of_rings().numpy(), np.repeat(np.log(sectors), SECTORS)])
    whole = np.tile(np.log(np.arange(1, WHOLE_RINGS + 1) / SIDE_SCALE_PX), WHOLE_PLANES)
    is_power = np.ones(SUMMARY_SIZE)
    is_power[LEVEL_SIZE - 1 : LEVELS * LEVEL_SIZE : LEVEL_SIZE] = 0
    is_power[-1] = 0
    bands, whole, is_power = (p.astype(np.float32) for p in (band - log(TILE), whole, is_power))
    return bands, whole, is_power
