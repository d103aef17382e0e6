"""The networks: features of tiles become a distribution over defocus.

One encoder serves the tiles of all levels: a tile of level k of a frame of sampling q shows what a
tile of the frame itself would show at sampling 2ᵏ q, so the encoder is told that product.
"""

from dataclasses import asdict, dataclass
from math import log

import torch
from torch import Tensor, nn

from .distribution import BINS
from .features import summary_parts
from .pyramid import LEVELS
from .rings import RingNet
from .spectra import BANDS
from .whole import WHOLE_PLANES, WHOLE_RINGS

__all__ = ["Encoder", "SpectrumCode", "SummaryNet", "Widths"]

NOTHING = BINS
"""Place of the answer "nothing to see here" behind those of the grid."""


@dataclass(frozen=True)
class Widths:
    """Sizes of the networks.

    Parameters
    ----------
    code : int
        Values that a tile is encoded to.
    hidden : int
        Width of the summary's hidden layers.
    blocks : int
        Hidden blocks of the summary.
    channels : int
        Channels of the map's convolutions.
    ring_channels, ring_values : int
        Channels along the axis of rings, and values kept at its points.
    cell_channels : int
        Channels along the axis of rings of a cell.
    """

    code: int = 96
    hidden: int = 320
    blocks: int = 3
    channels: int = 80
    ring_channels: int = 32
    ring_values: int = 12
    cell_channels: int = 16

    def as_dict(self) -> dict[str, int]:
        """Return the sizes by name."""
        return asdict(self)


class _Residual(nn.Module):
    """Two layers around which the input goes on."""

    def __init__(self, width: int, drop: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Dropout(drop),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class SpectrumCode(nn.Module):
    """A spectrum in log power becomes a code.

    It is taken apart into its height, over which contrast and light decide, and its shape.
    """

    mean: Tensor
    scale: Tensor
    height: Tensor

    def __init__(self, features: int, code: int, drop: float, extra: int = 1) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))
        self.register_buffer("height", torch.tensor([-4.0, 4.0]))
        self.layers = nn.Sequential(
            nn.Linear(features + 1 + extra, 2 * code),
            nn.GELU(),
            nn.Dropout(drop),
            nn.Linear(2 * code, code),
            nn.GELU(),
        )

    def forward(self, power: Tensor, known: Tensor) -> Tensor:
        """Encode shape (..., features) with what else is known, (..., extra)."""
        height = power.mean(dim=-1, keepdim=True)
        shape = (power - height - self.mean) / self.scale
        scaled = (height - self.height[0]) / self.height[1]
        return self.layers(torch.cat([shape, scaled, known], dim=-1))


class Encoder(SpectrumCode):
    """The spectrum of a tile, or of many tiles of a level, becomes a code."""

    def __init__(self, features: int, code: int, drop: float, extra: int = 1) -> None:
        super().__init__(features, code, drop, extra)
        self.level = nn.Embedding(LEVELS, code)
        self.missing = nn.Parameter(torch.zeros(LEVELS, code))

    def of_level(
        self, level: int, power: Tensor, log_q: Tensor, extra: Tensor | None = None
    ) -> Tensor:
        """Encode shape (..., features) at the frame's sampling `log_q` (..., 1)."""
        known = log_q + level * log(2)
        if extra is not None:
            known = torch.cat([known, extra], dim=-1)
        return self(power, known) + self.level.weight[level]

    def of_all_levels(self, power: Tensor, log_q: Tensor) -> Tensor:
        """Encode shape (n, `LEVELS`, features) at the frames' sampling `log_q` (n, 1)."""
        octave = torch.arange(LEVELS, device=power.device)[:, None] * log(2)
        return self(power, log_q[:, None] + octave) + self.level.weight

    def absent(self, level: int) -> Tensor:
        """Code of a level that the frame is too small for."""
        return self.missing[level]


class SummaryNet(nn.Module):
    """Distribution over the defocus of a frame, from the features of its sampled tiles.

    Parameters
    ----------
    widths : Widths
        Sizes.
    drop : float, default 0.2
        Share of the hidden values left out while training.
    """

    def __init__(self, widths: Widths | None = None, drop: float = 0.2) -> None:
        super().__init__()
        w = widths or Widths()
        self.encoder = Encoder(2 * BANDS, w.code, drop)
        self.rings = RingNet(w.ring_channels, w.ring_values, drop)
        self.whole = SpectrumCode(WHOLE_PLANES * WHOLE_RINGS, w.code, drop)
        self.enter = nn.Linear((LEVELS + 1) * w.code + self.rings.size + 3, w.hidden)
        self.blocks = nn.Sequential(*(_Residual(w.hidden, drop) for _ in range(w.blocks)))
        self.leave = nn.Sequential(nn.LayerNorm(w.hidden), nn.Linear(w.hidden, BINS + 1))

    def forward(self, features: Tensor, log_q: Tensor, saturated: Tensor) -> Tensor:
        """Unnormalised log probabilities.

        Shape: features (n, `SUMMARY_SIZE`), log_q (n, 1), saturated (n, 1), a share; out
        (n, `BINS` + 1), the last one for a frame that shows nothing.
        """
        parts = summary_parts(features)
        of_tiles = self.encoder.of_all_levels(parts.levels[..., :-1], log_q)
        there = parts.levels[..., -1:] > 0
        codes = [torch.where(there, of_tiles, self.encoder.missing).flatten(1)]
        # Only the product of sampling and size decides what a ring of the whole frame means.
        codes.append(self.whole(parts.whole.flatten(1), log_q + parts.log_side))
        known = [log_q, parts.log_side, 3 * saturated.sqrt()]
        h = self.enter(torch.cat([*codes, self.rings(parts, log_q), *known], dim=1))
        return self.leave(self.blocks(h))
