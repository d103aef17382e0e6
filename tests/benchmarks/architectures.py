"""Three ways from a frame to distributions over defocus, alike but for how they look at pixels.

Each answers with logits of `CLASSES` classes for every cell of 64 × 64 pixels and for the frame:
the places of the defocus axis, and "nothing to see". They are compared by
``bench_architectures.py``; none of them is the product.
"""

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from bluesky_autofocus.estimator.distribution import BINS
from bluesky_autofocus.estimator.features import map_features
from bluesky_autofocus.estimator.pyramid import LEVELS
from bluesky_autofocus.estimator.spectra import BANDS

CELL_PX = 64
CLASSES = BINS + 1
WIDTH = 96
CONDITIONS = 2


def block(width: int, dilation: int) -> nn.Sequential:
    """Return a residual branch that sees neighbours some cells away."""
    return nn.Sequential(
        nn.GroupNorm(8, width),
        nn.GELU(),
        nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation),
        nn.GELU(),
        nn.Conv2d(width, width, 1),
    )


class Fusion(nn.Module):
    """Features of cells, log q and saturation → logits of cells and frame; the same for all."""

    def __init__(self, channels: int):
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(channels + CONDITIONS, WIDTH, 1), nn.Dropout(0.1))
        self.blocks = nn.ModuleList(block(WIDTH, dilation) for dilation in (1, 2, 4))
        self.cells = nn.Sequential(nn.GroupNorm(8, WIDTH), nn.GELU(), nn.Conv2d(WIDTH, CLASSES, 1))
        self.frame = nn.Sequential(
            nn.LayerNorm(2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH), nn.GELU(),
            nn.Linear(WIDTH, CLASSES),
        )  # fmt: skip

    def forward(self, features: Tensor, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """(n, channels, rows, cols), (n, 2) → (n, classes, rows, cols), (n, classes)."""
        spread = conditions[:, :, None, None].expand(-1, -1, *features.shape[2:])
        hidden = self.enter(torch.cat([features, spread], dim=1))
        for branch in self.blocks:
            hidden = hidden + branch(hidden)
        pooled = torch.cat([hidden.mean((2, 3)), hidden.amax((2, 3))], dim=1)
        return self.cells(hidden), self.frame(pooled)


class Candidate(nn.Module, ABC):
    """A network with its own way to prepare a frame, done once a frame and kept."""

    fusion: Fusion

    @abstractmethod
    def prepare(self, frame: NDArray[np.number]) -> Tensor:
        """Frame (rows, cols) → what `features` takes, without the batch axis."""

    @abstractmethod
    def features(self, prepared: Tensor) -> Tensor:
        """Batch of what `prepare` gave → (n, channels, rows, cols) by cell."""

    def forward(self, prepared: Tensor, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of cells and frame."""
        return self.fusion(self.features(prepared), conditions)


def relative(frame: NDArray[np.number]) -> Tensor:
    """Frame over its mean, less 1, shape (1, rows, cols)."""
    image = torch.from_numpy(frame.astype(np.float32))
    return (image / image.mean().clamp_min(1e-6) - 1)[None]


class SpectralFeatures(Candidate):
    """The power spectra of the tile pyramid: nothing is learned before the fusion."""

    CENTRE, SPREAD = -8.0, 3.0

    def __init__(self):
        super().__init__()
        self.fusion = Fusion(LEVELS * (BANDS + 1))

    def prepare(self, frame: NDArray[np.number]) -> Tensor:
        """Features of all levels on the grid of the finest."""
        levels = map_features(frame).levels
        rows, cols = levels[0].shape[1:]
        parts = []
        for level in levels:
            if level.shape[1] == 0:
                parts.append(torch.zeros(BANDS + 1, rows, cols))
                continue
            scaled = (level - self.CENTRE) / self.SPREAD
            there = torch.ones(1, *level.shape[1:])
            whole = torch.cat([scaled, there])[None]
            parts.append(functional.interpolate(whole, size=(rows, cols), mode="bilinear")[0])
        return torch.cat(parts)

    def features(self, prepared: Tensor) -> Tensor:
        """Return them as they are."""
        return prepared


class FilterBank(Candidate):
    """Learned kernels on each level of a pyramid → square → mean over the cell → log."""

    KERNELS, KERNEL_PX = 24, 7
    # The energy of a band needs no more samples than this on the fine levels.
    STEPS = (2, 2, 1, 1, 1)

    def __init__(self):
        super().__init__()
        size = (self.KERNELS, 1, self.KERNEL_PX, self.KERNEL_PX)
        self.kernels = nn.ParameterList(torch.randn(size) / self.KERNEL_PX for _ in self.STEPS)
        self.fusion = Fusion(len(self.STEPS) * (self.KERNELS + 1))

    def prepare(self, frame: NDArray[np.number]) -> Tensor:
        """Frame over its mean."""
        return relative(frame)

    def features(self, prepared: Tensor) -> Tensor:
        """Log energies of the kernels' answers, relative to the cell's mean, and that mean."""
        rows, cols = (n // CELL_PX for n in prepared.shape[2:])
        image = prepared[:, :, : rows * CELL_PX, : cols * CELL_PX]
        mean = (functional.avg_pool2d(image, CELL_PX) + 1).clamp_min(1e-3)
        parts = []
        for kernels, step in zip(self.kernels, self.STEPS, strict=True):
            # A kernel must not answer to brightness: its own mean is taken away.
            kernels = kernels - kernels.mean((1, 2, 3), keepdim=True)
            margin = (self.KERNEL_PX // 2,) * 4
            padded = functional.pad(image, margin, mode="replicate")
            answers = functional.conv2d(padded, kernels, stride=step)
            energy = functional.adaptive_avg_pool2d(answers.square(), (rows, cols))
            parts += [((energy / mean.square() + 1e-9).log() + 8) / 3, mean - 1]
            image = functional.avg_pool2d(image, 2)
        return torch.cat(parts, dim=1)


class PlainNetwork(Candidate):
    """Strided convolutions on pixels down to the cells, nothing built in."""

    CHANNELS = (2, 16, 32, 64, 96, 128, 128)

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv2d(before, after, 5 if k == 0 else 3, stride=2, bias=False,
                              padding=2 if k == 0 else 1),
                    nn.BatchNorm2d(after),
                    nn.ReLU(inplace=True),
                )
                for k, (before, after) in enumerate(
                    zip(self.CHANNELS[:-1], self.CHANNELS[1:], strict=True)
                )
            )
        )  # fmt: skip
        self.fusion = Fusion(self.CHANNELS[-1])

    def prepare(self, frame: NDArray[np.number]) -> Tensor:
        """Frame over its mean."""
        return relative(frame)

    def features(self, prepared: Tensor) -> Tensor:
        """Return what the convolutions see in it, also in units of its own contrast."""
        rows, cols = (n // CELL_PX * CELL_PX for n in prepared.shape[2:])
        contrast = prepared.std((2, 3), keepdim=True).clamp_min(1e-4)
        both = torch.cat([prepared, prepared / contrast], dim=1)
        return self.down(both[:, :, :rows, :cols])


CANDIDATES: dict[str, type[Candidate]] = {
    "spectral features": SpectralFeatures,
    "learned filter bank": FilterBank,
    "plain network": PlainNetwork,
}
