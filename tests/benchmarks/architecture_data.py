"""Frames on which architectures are compared: drawn once, all cut to one shape."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from bluesky_autofocus.estimator.distribution import soft_histogram
from bluesky_autofocus.estimator.training.scenes import draw_frames

# Frames that resampling made smaller than this are left out.
FIELD_SHAPE = (384, 512)
FRAME_SHAPE = (256, 256)
CELL_PX = 64
SAMPLE_PX = 8


@dataclass(frozen=True)
class Frames:
    """Frames of one shape and the truth about them.

    Parameters
    ----------
    pixels : numpy.ndarray
        Shape (n, 256, 256), uint16.
    u_dof : numpy.ndarray
        Signed defocus of every eighth pixel, shape (n, 32, 32).
    sampling_q, saturated_fraction : numpy.ndarray
        Shape (n,).
    blank : numpy.ndarray
        Whether there is nothing to see, shape (n,), bool.
    scene : numpy.ndarray
        Number of the scene, shape (n,).
    """

    pixels: NDArray[np.uint16]
    u_dof: NDArray[np.float32]
    sampling_q: NDArray[np.float64]
    saturated_fraction: NDArray[np.float64]
    blank: NDArray[np.bool_]
    scene: NDArray[np.int64]

    @classmethod
    def draw(
        cls, seed: int, scenes: int, families: Sequence[str], images: Sequence[str] = ()
    ) -> "Frames":
        """Draw the scenes; of every frame one of 15 places of its middle 384 × 512 is taken."""
        half = SAMPLE_PX // 2
        spare = [(f - n) // CELL_PX + 1 for f, n in zip(FIELD_SHAPE, FRAME_SHAPE, strict=True)]
        pixels, u_dof, facts = [], [], []
        for scene in range(scenes):
            places = np.random.default_rng([seed, scene, 1])
            for f in draw_frames(seed, scene, families, images):
                margins = [n - m for n, m in zip(f.frame.shape, FIELD_SHAPE, strict=True)]
                if min(margins) < 0:
                    continue
                top, left = (
                    m // 2 + CELL_PX * int(places.integers(k))
                    for m, k in zip(margins, spare, strict=True)
                )
                part = np.s_[top : top + FRAME_SHAPE[0], left : left + FRAME_SHAPE[1]]
                pixels.append(f.frame[part].astype(np.uint16))
                u_dof.append(f.u_dof[part][half::SAMPLE_PX, half::SAMPLE_PX].copy())
                saturated = (f.frame[part] >= f.full_scale).mean()
                facts.append((f.sampling_q, saturated, f.blank, scene))
        q, saturated, blank, scene_of = np.array(facts).T
        return cls(
            np.stack(pixels), np.stack(u_dof), q, saturated, blank > 0, scene_of.astype(np.int64)
        )

    def __len__(self) -> int:
        return len(self.pixels)

    def conditions(self) -> torch.Tensor:
        """Return log q and the root of the saturated share, shape (n, 2)."""
        both = np.stack([np.log(self.sampling_q), np.sqrt(self.saturated_fraction)], axis=1)
        return torch.from_numpy(both).float()

    def truth(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return distributions over classes of cells, (n, classes, rows, cols), and frames."""
        each = CELL_PX // SAMPLE_PX
        n, rows, cols = self.u_dof.shape
        u = torch.from_numpy(self.u_dof).view(n, rows // each, each, cols // each, each)
        cells = soft_histogram(u.transpose(2, 3).flatten(3))
        nothing = torch.from_numpy(self.blank).float()
        cells = torch.cat([cells, cells.new_zeros(*cells.shape[:3], 1)], dim=3)
        cells *= 1 - nothing[:, None, None, None]
        cells[..., -1] = nothing[:, None, None]
        return cells.permute(0, 3, 1, 2).contiguous(), cells.mean((1, 2))
