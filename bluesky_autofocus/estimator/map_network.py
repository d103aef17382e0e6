"""The network for maps: features of all tiles become a distribution over defocus in every cell."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .cell_rings import CellRings
from .distribution import BINS
from .features import summary_parts
from .networks import Encoder, Widths
from .pyramid import LEVELS, STRIDES_PX, cell_centres
from .rings import RingNet
from .spectra import BANDS
from .surroundings import SHARES, compared

__all__ = ["CellGrid", "Dilated", "MapNet"]

# Scale of the differences of log power within a frame.
SPREAD = 3.0
# Share of the frames whose own code the cells are told while training.
FRAME_SHARE = 0.5


class Dilated(nn.Module):
    """A 3 × 3 convolution with gaps, around which the input goes on."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)
        self.wide = nn.Conv2d(
            channels, channels, 3, padding=dilation, dilation=dilation, padding_mode="replicate"
        )
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to shape (n, channels, rows, cols)."""
        return x + self.mix(nn.functional.gelu(self.wide(nn.functional.gelu(self.norm(x)))))


@lru_cache(maxsize=64)
def _interpolation(size_px: int, stride_px: int) -> NDArray[np.float32]:
    """Matrix that takes cells of a stride to cells of the finest one, linearly."""
    fine, coarse = cell_centres(size_px, STRIDES_PX[0]), cell_centres(size_px, stride_px)
    place = np.interp(fine, coarse, np.arange(coarse.size))
    out = np.zeros((fine.size, coarse.size), dtype=np.float32)
    low = np.minimum(place.astype(int), max(coarse.size - 2, 0))
    rows = np.arange(fine.size)
    out[rows, low] = 1 - (place - low)
    if coarse.size > 1:
        out[rows, low + 1] += place - low
    return out


class CellGrid(nn.Module):
    """Brings what the tiles of a level say to the cells of the finest one."""

    levels = LEVELS

    def forward(self, code: Tensor, level: int, frame_shape: tuple[int, int]) -> Tensor:
        """Interpolate linearly, shape (n, rows, cols, code) of the level to that of the cells."""
        if STRIDES_PX[level] == STRIDES_PX[0]:
            return code
        # Arrays are kept, not tensors: one made for inference could not be trained with later.
        down, across = (
            torch.from_numpy(_interpolation(size, STRIDES_PX[level])).to(code.device)
            for size in frame_shape
        )
        return torch.einsum("ai,nijc,bj->nabc", down, code, across)


class MapNet(nn.Module):
    """Distribution over the defocus of every cell, from the features of all tiles.

    Parameters
    ----------
    widths : Widths
        Sizes.
    drop : float, default 0.05
        Share of the hidden values left out while training.
    """

    DILATIONS = (1, 2, 4, 1, 2, 1)

    def __init__(self, widths: Widths | None = None, drop: float = 0.05) -> None:
        super().__init__()
        w = widths or Widths()
        self.encoder = Encoder(BANDS, w.code // 2, drop, extra=1 + len(SHARES) * BANDS)
        self.grid = CellGrid()
        self.rings = RingNet(w.ring_channels // 2, w.ring_values // 2, drop)
        self.frame = nn.Sequential(
            nn.Linear(self.rings.size + 2, 2 * w.channels),
            nn.GELU(),
            nn.Dropout(0.3),
            nn.Linear(2 * w.channels, w.channels),
        )
        self.cells = CellRings(2, w.cell_channels, w.code // 2)
        self.enter = nn.Conv2d((LEVELS + 1) * (w.code // 2) + 2, w.channels, 1)
        self.blocks = nn.Sequential(*(Dilated(w.channels, d) for d in self.DILATIONS))
        self.leave = nn.Sequential(
            nn.GroupNorm(1, w.channels), nn.GELU(), nn.Conv2d(w.channels, BINS + 1, 1)
        )

    def forward(
        self,
        levels: tuple[Tensor, ...],
        whole: Tensor,
        frame_shape: tuple[int, int],
        log_q: Tensor,
        saturated: Tensor,
    ) -> Tensor:
        """Unnormalised log probabilities of every cell.

        Shape: levels (n, `BANDS`, rows, cols) by level, whole (n, `SUMMARY_SIZE`) the features of
        the summary, log_q (n, 1), saturated (n, 1); out
        (n, `BINS` + 1, rows, cols) with the rows and columns of level 0.
        """
        return self.leave(self.codes(levels, whole, frame_shape, log_q, saturated))

    def codes(
        self,
        levels: tuple[Tensor, ...],
        whole: Tensor,
        frame_shape: tuple[int, int],
        log_q: Tensor,
        saturated: Tensor,
    ) -> Tensor:
        """Codes of every cell after the convolutions, shape (n, channels, rows, cols)."""
        n, rows, cols = levels[0].shape[0], levels[0].shape[2], levels[0].shape[3]
        parts = []
        at_cells: list[Tensor | None] = []
        for k, features in enumerate(levels):
            if features.shape[2] == 0:
                at_cells.append(None)
                parts.append(self.encoder.absent(k)[None, :, None, None].expand(n, -1, rows, cols))
                continue
            q = log_q[:, None, None, :].expand(n, features.shape[2], features.shape[3], 1)
            power = features.permute(0, 2, 3, 1)
            beside = compared(power)
            code = self.encoder.of_level(k, power, q, beside / SPREAD)
            parts.append(self.grid(code, k, frame_shape).permute(0, 3, 1, 2))
            both = torch.cat([power, beside[..., :BANDS]], dim=-1)
            at_cells.append(self.grid(both, k, frame_shape))
        parts.append(self.cells(at_cells, log_q).permute(0, 3, 1, 2))
        known = torch.cat([log_q, 3 * saturated.sqrt()], dim=1)
        rings = self.rings(summary_parts(whole), log_q)
        frame = self.frame(torch.cat([rings, known], dim=1))[:, :, None, None]
        if self.training:
            # A frame's code tells of its sharpest part; cells have to do without it, too.
            frame = frame * (torch.rand(n, 1, 1, 1, device=frame.device) < FRAME_SHARE)
        everywhere = known[:, :, None, None].expand(n, 2, rows, cols)
        return self.blocks(self.enter(torch.cat([*parts, everywhere], dim=1)) + frame)
