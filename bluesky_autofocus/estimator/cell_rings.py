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
        present = [k for k, level in enumerate(levels) if level is not None]
        n, rows, cols = next(x.shape[:3] for x in levels if x is not None)
        rings = torch.cat([self._rings_of(level) for level in levels if level is not None], dim=-1)
        matrix, constant = self._entry(log_q, present)
        size = rows * cols if torch.is_grad_enabled() else CHUNK
        parts = [
            self._code(torch.baddbmm(constant, rings[:, k : k + size], matrix))
            for k in range(0, rows * cols, size)
        ]
        return torch.cat(parts, dim=1).reshape(n, rows, cols, -1)

    def _rings_of(self, level: Tensor) -> Tensor:
        """Rings of all spectra of the cells, shape (n, cells, spectra × `RINGS`)."""
        return level.unflatten(-1, (self.spectra, BANDS))[..., :RINGS].flatten(3).flatten(1, 2)

    def _code(self, entered: Tensor) -> Tensor:
        """Finish cells that have passed the first layer, shape (n, cells, ...)."""
        n, cells = entered.shape[:2]
        h = entered.reshape(n * cells, -1, POINTS // 2)
        for block in self.blocks:
            h = h + block(h)
        return self.leave(nn.functional.gelu(h).flatten(1)).reshape(n, cells, -1)

    def _entry(self, log_q: Tensor, present: list[int]) -> tuple[Tensor, Tensor]:
        """Matrix and constant that take the rings of a cell through the first layer.

        Laying spectra on the axis and the first convolution are linear, and the same for all cells
        of a frame: so they are made one matrix, (n, levels present × spectra × `RINGS`, values),
        and a constant, (n, 1, values).
        """
        n = log_q.shape[0]
        planes, there = self._laid(log_q)
        # Channels of the first layer: the place, then for each level its planes by spectrum, and
        # whether it is there.
        weight = self.enter.weight[:, 1:].unflatten(1, (LEVELS, PLANES * self.spectra + 1))
        of_planes = weight[:, :, :-1].unflatten(2, (PLANES, self.spectra))
        kernels = of_planes.permute(1, 2, 4, 3, 0).flatten(1, 2).flatten(2)
        windows = nn.functional.pad(planes, (4, 4)).unfold(-1, 9, 2)
        entered = windows.permute(1, 0, 3, 4, 2, 5).flatten(4).flatten(1, 3) @ kernels
        entered = entered.reshape(LEVELS, n, RINGS, POINTS // 2, self.spectra, -1)
        matrix = entered.permute(1, 0, 4, 2, 5, 3)[:, present].flatten(4).flatten(1, 3)
        known = torch.zeros(n, LEVELS, PLANES * self.spectra + 1, POINTS, device=log_q.device)
        known[:, present, -1] = there[:, present]
        place_plane = (self.axis / 2 + 1).expand(n, 1, POINTS)
        constant = self.enter(torch.cat([place_plane, known.flatten(1, 2)], dim=1))
        return matrix, constant.flatten(1)[:, None]

    def _laid(self, log_q: Tensor) -> tuple[Tensor, Tensor]:
        """Lay each ring by itself on the axis, and say where each level sees.

        Shapes (n, levels, planes, `RINGS`, `POINTS`) and (n, levels, `POINTS`).
        """
        radius = (self.axis + log_q)[:, None, :] - self.log_pitch[:, None]
        after, share = place(self.log_radius, radius)
        seen = (radius >= self.log_radius[0] - 0.1) & (radius <= self.log_radius[-1] + 0.05)
        each = torch.eye(RINGS, device=log_q.device).expand(*radius.shape[:2], RINGS, RINGS)
        at, way = (x[:, :, None].expand(-1, -1, RINGS, -1) for x in (after, share))
        power = between(each, at, way)
        fine = power - smoothed(power.flatten(0, 2)).reshape(power.shape)
        there = seen.float()
        both = torch.stack([(power - 1 / RINGS) / 3, 2 * fine], dim=2)
        return both * there[:, :, None, None], there
