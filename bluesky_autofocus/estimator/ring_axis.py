"""One logarithmic axis of reduced frequency, on which spectra of all samplings are laid.

The transfer function of a defocused pupil falls to zero on rings whose radius goes as 1/U. On a
logarithmic axis they are a pattern that moves with U and does not change.
"""

from math import log

import torch
from torch import Tensor, nn

from .pyramid import LEVELS
from .spectra import RINGS, TILE

__all__ = [
    "between",
    "log_radius_of_rings",
    "log_pitch_of_levels",
    "place",
    "ring_axis",
    "smoothed",
]

LOWEST_S, HIGHEST_S = 0.0025, 3.0
CORNERS = (34.5, 38.5, 43.0)
# Length of the mean that fine structure is told from, natural logarithm of frequency.
SMOOTHED = 0.77


def ring_axis(points: int) -> Tensor:
    """Places along the axis, natural logarithm of reduced frequency, shape (points,)."""
    return torch.linspace(log(LOWEST_S), log(HIGHEST_S), points)


def log_radius_of_rings() -> Tensor:
    """Natural logarithm of the radius of each ring of a tile, in cycles a tile."""
    radius = torch.arange(1, RINGS + 1).float()
    radius[-len(CORNERS) :] = torch.tensor(CORNERS)
    return radius.log()


def log_pitch_of_levels() -> Tensor:
    """Reduced frequency of ring 1 of each level at sampling 1: s = 4 f / q, f = r / (64 2^k)."""
    return torch.tensor([log(4 / TILE / 2**k) for k in range(LEVELS)])


def place(at: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Return which of `at` comes after each wanted place, and the way to it from the one before."""
    after = torch.searchsorted(at, wanted).clamp(1, at.numel() - 1)
    low, high = at[after - 1], at[after]
    return after, ((wanted - low) / (high - low)).clamp(0, 1)


def between(values: Tensor, after: Tensor, share: Tensor) -> Tensor:
    """Interpolate values of the last dimension to where `place` says."""
    return values.gather(-1, after - 1) * (1 - share) + values.gather(-1, after) * share


def smoothed(values: Tensor) -> Tensor:
    """Mean over `SMOOTHED` of the axis about each point, the last dimension."""
    step = log(HIGHEST_S / LOWEST_S) / (values.shape[-1] - 1)
    edge = round(SMOOTHED / step / 2)
    padded = nn.functional.pad(values, (edge, edge), mode="replicate")
    return nn.functional.avg_pool1d(padded, 2 * edge + 1, 1)
