"""Spectra of all levels side by side on one axis, where defocus is a shift.

The transfer function of a defocused pupil falls to zero on rings whose radius goes as 1/U. On a
logarithmic axis of reduced frequency they are a pattern that moves with U and does not change, so
a convolution along the axis finds it wherever it lies, at any sampling.
"""

from math import log

import numpy as np
import torch
from torch import Tensor, nn

from .pyramid import LEVELS
from .spectra import BANDS, RINGS, TILE

__all__ = ["POINTS", "RingNet"]

POINTS = 120
LOWEST_S, HIGHEST_S = 0.0025, 3.0
SMOOTHED = 13
CORNERS = (34.5, 38.5, 43.0)
PLANES = 4


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

    def __init__(self, channels: int, per_point: int, drop: float) -> None:
        super().__init__()
        radius = torch.arange(1, RINGS + 1).float()
        radius[-len(CORNERS) :] = torch.tensor(CORNERS)
        self.register_buffer("log_radius", radius.log(), persistent=False)
        pitch = torch.tensor([log(4 / TILE / 2**k) for k in range(LEVELS)])
        self.register_buffer("log_pitch", pitch, persistent=False)
        axis = torch.as_tensor(np.linspace(log(LOWEST_S), log(HIGHEST_S), POINTS)).float()
        self.register_buffer("axis", axis, persistent=False)
        self.enter = nn.Conv1d(LEVELS * PLANES + 2, channels, 9, padding=4)
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

    def forward(self, levels: Tensor, log_q: Tensor) -> Tensor:
        """Code of shape (n, `size`).

        Shape: levels (n, `LEVELS`, 2 `BANDS` + 1) as `features.summary_features` gives them, log_q
        (n, 1).
        """
        h = self.enter(self._planes(levels, log_q))
        for block in self.blocks:
            h = h + block(h)
        return self.leave(nn.functional.gelu(h)).flatten(1)

    def _planes(self, levels: Tensor, log_q: Tensor) -> Tensor:
        """Log power of every level over the axis, shape (n, channels, `POINTS`)."""
        n = levels.shape[0]
        # s = 4 f / q, and the ring of radius r of level k has f = r / (64 2^k).
        radius = (self.axis + log_q)[:, None, :] - self.log_pitch[:, None]
        after = torch.searchsorted(self.log_radius, radius).clamp(1, RINGS - 1)
        low, high = self.log_radius[after - 1], self.log_radius[after]
        share = ((radius - low) / (high - low)).clamp(0, 1)
        seen = (radius >= self.log_radius[0] - 0.1) & (radius <= self.log_radius[-1] + 0.05)
        there = seen * levels[:, :, -1:]
        mean_of = levels[:, :, :RINGS].mean(2, keepdim=True)
        power = _between(levels[:, :, :RINGS], after, share)
        typical = _between(levels[:, :, BANDS : BANDS + RINGS], after, share)
        edge = SMOOTHED // 2
        padded = nn.functional.pad(typical, (edge, edge), mode="replicate")
        smooth = nn.functional.avg_pool1d(padded, SMOOTHED, 1)
        planes = torch.stack(
            [
                (power - mean_of) / 3 * there,
                (typical - mean_of) / 3 * there,
                (typical - smooth) * 2 * there,
                there,
            ],
            dim=2,
        )
        everywhere = (self.axis / 2 + 1).expand(n, 1, POINTS)
        here = log_q[:, :, None].expand(n, 1, POINTS)
        return torch.cat([planes.reshape(n, -1, POINTS), everywhere, here], dim=1)


def _between(values: Tensor, after: Tensor, share: Tensor) -> Tensor:
    return values.gather(2, after - 1) * (1 - share) + values.gather(2, after) * share
