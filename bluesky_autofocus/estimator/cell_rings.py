"""What `rings` is for a frame, for every cell of a map."""

import torch
from torch import Tensor, nn

from .pyramid import LEVELS
from .ring_axis import (
    between,
    log_pitch_of_levels,
    log_radius_of_rings,
    place,
    ring_axis,
    smoothed,
)
from .spectra import BANDS, RINGS

__all__ = ["CellRings"]

POINTS = 80
PLANES = 2
DILATIONS = (1, 2, 4)
# Cells at a time where nothing is learned: memory is bounded for frames of any size.
CHUNK = 2048


class CellRings(nn.Module):
    """Code of every cell from the rings of the tiles about it, of all levels at once.

    Parameters
    ----------
    spectra : int
        Spectra of each tile: one for a frame, or several that are told apart.
    channels : int
        Channels of the convolutions along the axis.
    code : int
        Values of the code.
    """

    log_radius: Tensor
    log_pitch: Tensor
    axis: Tensor

    def __init__(self, spectra: int, channels: int, code: int) -> None:
        super().__init__()
        self.register_buffer("log_radius", log_radius_of_rings(), persistent=False)
        self.register_buffer("log_pitch", log_pitch_of_levels(), persistent=False)
        self.register_buffer("axis", ring_axis(POINTS), persistent=False)
        self.spectra = spectra
        planes = LEVELS * (PLANES * spectra + 1) + 1
        # Every second point is enough once the first layer has seen them all.
        self.enter = nn.Conv1d(planes, channels, 9, padding=4, stride=2)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.GELU(),
                nn.Conv1d(channels, channels, 5, padding=2 * dilation, dilation=dilation),
            )
            for dilation in DILATIONS
        )
        self.leave = nn.Linear(channels * (POINTS // 2), code)

    def forward(self, levels: list[Tensor | None], log_q: Tensor) -> Tensor:
        """Codes of the cells.

        Shape: levels (n, rows, cols, spectra × `BANDS`), brought to the cells, None for one that is
        not there; log_q (n, 1); out (n, rows, cols, code).
        """
        there = [level for level in levels if level is not None]
        n, rows, cols = there[0].shape[:3]
        flat = [None if x is None else x.reshape(n, rows * cols, -1) for x in levels]
        if torch.is_grad_enabled():
            return self._codes(flat, log_q).reshape(n, rows, cols, -1)
        parts = [
            self._codes([None if x is None else x[:, k : k + CHUNK] for x in flat], log_q)
            for k in range(0, rows * cols, CHUNK)
        ]
        return torch.cat(parts, dim=1).reshape(n, rows, cols, -1)

    def _codes(self, levels: list[Tensor | None], log_q: Tensor) -> Tensor:
        planes = self._planes(levels, log_q)
        n, cells = planes.shape[:2]
        h = self.enter(planes.flatten(0, 1))
        for block in self.blocks:
            h = h + block(h)
        return self.leave(nn.functional.gelu(h).flatten(1)).reshape(n, cells, -1)

    def _planes(self, levels: list[Tensor | None], log_q: Tensor) -> Tensor:
        """Lay the spectra on the axis, shape (n, cells, planes, `POINTS`)."""
        n, cells = next(x.shape[:2] for x in levels if x is not None)
        radius = (self.axis + log_q)[:, None, :] - self.log_pitch[:, None]
        after, share = place(self.log_radius, radius)
        seen = (radius >= self.log_radius[0] - 0.1) & (radius <= self.log_radius[-1] + 0.05)
        out = [(self.axis / 2 + 1).expand(n, cells, 1, POINTS)]
        for k, level in enumerate(levels):
            if level is None:
                size = (n, cells, PLANES * self.spectra + 1, POINTS)
                out.append(torch.zeros(size, device=log_q.device))
                continue
            rings = level.reshape(n, cells, self.spectra, BANDS)[..., :RINGS]
            here = (n, cells, self.spectra, POINTS)
            at, way = (x[:, k, None, None].expand(here) for x in (after, share))
            there = seen[:, k, None, None].float()
            power = between(rings, at, way)
            fine = power - smoothed(power.flatten(1, 2)).reshape(here)
            height = rings.mean(-1, keepdim=True)
            out += [(power - height) / 3 * there, 2 * fine * there, there.expand(n, cells, 1, -1)]
        return torch.cat(out, dim=2)
