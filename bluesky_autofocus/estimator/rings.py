"""Spectra of a frame side by side on one axis, where defocus is a shift.

A convolution along the axis finds the pattern of rings wherever it lies, at any sampling.
"""

from math import log

import torch
from torch import Tensor, nn

from .features import SIDE_SCALE_PX, SummaryParts
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
from .whole import WHOLE_PLANES, WHOLE_RINGS

__all__ = ["POINTS", "RingNet"]

POINTS = 120
PLANES = 4
WHOLE_OUT = 2 * WHOLE_PLANES + 1


class RingNet(nn.Module):
    """Code of a frame from the rings of its spectrum.

    Parameters
    ----------
    channels : int
        Channels of the convolutions.
    per_point : int
        Values kept for every second point of the axis.
    drop : float
        Share of the channels left out while training.
    """

    DILATIONS = (1, 2, 4, 1)

    log_radius: Tensor
    log_pitch: Tensor
    axis: Tensor
    log_whole: Tensor

    def __init__(self, channels: int, per_point: int, drop: float) -> None:
        super().__init__()
        self.register_buffer("log_radius", log_radius_of_rings(), persistent=False)
        self.register_buffer("log_pitch", log_pitch_of_levels(), persistent=False)
        self.register_buffer("axis", ring_axis(POINTS), persistent=False)
        whole = torch.arange(1, WHOLE_RINGS + 1).float().log()
        self.register_buffer("log_whole", whole, persistent=False)
        self.enter = nn.Conv1d(LEVELS * PLANES + WHOLE_OUT + 2, channels, 9, padding=4)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.GroupNorm(1, channels),
                nn.GELU(),
                nn.Conv1d(channels, channels, 9, padding=4 * d, dilation=d),
                nn.GELU(),
                nn.Dropout1d(drop),
                nn.Conv1d(channels, channels, 1),
            )
            for d in self.DILATIONS
        )
        self.leave = nn.Conv1d(channels, per_point, 5, stride=2, padding=2)
        self.size = per_point * ((POINTS + 1) // 2)

    def forward(self, parts: SummaryParts, log_q: Tensor) -> Tensor:
        """Code of shape (n, `size`).

        Shape: parts as `features.summary_parts` gives them for n frames, log_q (n, 1).
        """
        everywhere = (self.axis / 2 + 1).expand(log_q.shape[0], 1, POINTS)
        here = log_q[:, :, None].expand(-1, 1, POINTS)
        planes = [self._tile_planes(parts.levels, log_q), self._whole_planes(parts, log_q)]
        h = self.enter(torch.cat([*planes, everywhere, here], dim=1))
        for block in self.blocks:
            h = h + block(h)
        return self.leave(nn.functional.gelu(h)).flatten(1)

    def _tile_planes(self, levels: Tensor, log_q: Tensor) -> Tensor:
        """Log power of the tiles of every level over the axis, shape (n, channels, `POINTS`)."""
        radius = (self.axis + log_q)[:, None, :] - self.log_pitch[:, None]
        after, share = place(self.log_radius, radius)
        seen = (radius >= self.log_radius[0] - 0.1) & (radius <= self.log_radius[-1] + 0.05)
        there = seen * levels[:, :, -1:]
        mean_of = levels[:, :, :RINGS].mean(2, keepdim=True)
        power = between(levels[:, :, :RINGS], after, share)
        typical = between(levels[:, :, BANDS : BANDS + RINGS], after, share)
        planes = torch.stack(
            [
                (power - mean_of) / 3 * there,
                (typical - mean_of) / 3 * there,
                (typical - smoothed(typical)) * 2 * there,
                there,
            ],
            dim=2,
        )
        return planes.reshape(levels.shape[0], -1, POINTS)

    def _whole_planes(self, parts: SummaryParts, log_q: Tensor) -> Tensor:
        """Log power of the whole frame over the axis, shape (n, `WHOLE_OUT`, `POINTS`)."""
        # The ring of radius r has f = r / side.
        pitch = log(4 / SIDE_SCALE_PX) - parts.log_side
        radius = self.axis + log_q - pitch
        after, share = place(self.log_whole, radius)
        # What is left after reduction has two pixels a cycle of all rings, unless the frame was
        # too small to begin with.
        side_px = parts.log_side.exp() * SIDE_SCALE_PX
        most = (side_px / 2).clamp(max=WHOLE_RINGS).log()
        there = ((radius >= -0.1) & (radius <= most + 0.01)).float()[:, None]
        here = (-1, WHOLE_PLANES, -1)
        power = between(parts.whole, after[:, None].expand(here), share[:, None].expand(here))
        level = parts.whole.mean(2, keepdim=True)
        fine = (power - smoothed(power)) * 2
        return torch.cat([(power - level) / 3 * there, fine * there, there], dim=1)
