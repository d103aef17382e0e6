"""The network for two frames: what one frame cannot tell, the sign of defocus.

Both frames show the same texture, so the difference of their log spectra is the difference of two
transfer functions, whatever the texture. The single-frame distributions of both frames, laid over
one another at the known step, are the first guess; the network adds what the spectra say together.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..optics.axis import U_SCALE_DOF
from .cell_rings import CellRings
from .distribution import BINS, GRID_U_DOF, STEP_Y
from .map_network import CellGrid, Dilated
from .networks import Encoder, Widths
from .spectra import BANDS

__all__ = ["SIGNED_BINS", "SIGNED_U_DOF", "PairNet", "sign_of", "signed_histogram"]

SIGNED_BINS = 2 * BINS - 1

SIGNED_U_DOF = np.concatenate([-GRID_U_DOF[:0:-1], GRID_U_DOF])
"""Signed distances of the distribution, −108 to 108 depths of field."""


def signed_histogram(u_dof: Tensor) -> Tensor:
    """Spread signed distances over the signed grid, each between its two neighbours.

    Parameters
    ----------
    u_dof : torch.Tensor
        Defocus, shape (..., n), depths of field.

    Returns
    -------
    torch.Tensor
        Shape (..., `SIGNED_BINS`), sum 1.
    """
    y = 0.5 * torch.log1p((u_dof / U_SCALE_DOF) ** 2) * torch.sign(u_dof)
    place = (y / STEP_Y + BINS - 1).clamp(0, SIGNED_BINS - 1 - 1e-4)
    low = place.floor()
    share = (place - low) / u_dof.shape[-1]
    out = torch.zeros(*u_dof.shape[:-1], SIGNED_BINS, device=u_dof.device)
    out.scatter_add_(-1, low.long(), 1 / u_dof.shape[-1] - share)
    out.scatter_add_(-1, low.long() + 1, share)
    return out


def sign_of(
    probabilities: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """More probable side of focus.

    Parameters
    ----------
    probabilities : numpy.ndarray
        Distribution over `SIGNED_U_DOF`, shape (..., `SIGNED_BINS`), sum 1.

    Returns
    -------
    side, confidence : numpy.ndarray
        −1 or 1, and its probability, shape (...).
    """
    # Zero belongs to both sides.
    middle = BINS - 1
    below = probabilities[..., :middle].sum(-1) + probabilities[..., middle] / 2
    above = probabilities[..., middle + 1 :].sum(-1) + probabilities[..., middle] / 2
    confidence = np.maximum(above, below) / np.maximum(above + below, 1e-12)
    return np.where(above >= below, 1.0, -1.0), confidence


def laid_over(log_a: Tensor, log_b: Tensor, step_dof: Tensor) -> Tensor:
    """Add two single-frame log distributions on the signed axis of the first frame.

    Parameters
    ----------
    log_a, log_b : torch.Tensor
        Shape (n, `BINS`, rows, cols).
    step_dof : torch.Tensor
        Defocus of the second frame less that of the first, shape (n, 1).

    Returns
    -------
    torch.Tensor
        Shape (n, `SIGNED_BINS`, rows, cols).
    """
    u = torch.as_tensor(SIGNED_U_DOF, dtype=torch.float32, device=log_a.device)
    first = torch.cat([log_a.flip(1)[:, :-1], log_a], dim=1)
    y = 0.5 * torch.log1p(((u + step_dof) / U_SCALE_DOF) ** 2)
    place = (y / STEP_Y).clamp(0, BINS - 1 - 1e-3)
    low = place.floor().long()
    share = (place - low)[:, :, None, None]
    index = low[:, :, None, None].expand(-1, -1, log_b.shape[2], log_b.shape[3])
    second = log_b.gather(1, index) * (1 - share) + log_b.gather(1, index + 1) * share
    return first + second


class PairNet(nn.Module):
    """Distribution over the signed defocus of every cell of the first of two frames.

    Parameters
    ----------
    widths : Widths
        Sizes.
    drop : float, default 0.05
        Share of the hidden values left out while training.
    """

    DILATIONS = (1, 2, 4, 1)

    def __init__(self, widths: Widths | None = None, drop: float = 0.05) -> None:
        super().__init__()
        w = widths or Widths()
        self.encoder = Encoder(2 * BANDS, w.code // 2, drop, extra=5)
        self.grid = CellGrid()
        self.cells = CellRings(2, w.cell_channels, w.code // 2)
        levels = (self.grid.levels + 1) * (w.code // 2)
        self.enter = nn.Conv2d(levels + SIGNED_BINS + 2 * w.channels + 4, w.channels, 1)
        self.blocks = nn.Sequential(*(Dilated(w.channels, d) for d in self.DILATIONS))
        last = nn.Conv2d(w.channels, SIGNED_BINS, 1)
        # Before training the answer is that of the two single frames, a little less certain.
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias if last.bias is not None else last.weight)
        self.leave = nn.Sequential(nn.GroupNorm(1, w.channels), nn.GELU(), last)
        self.trust = nn.Parameter(torch.tensor(0.8))

    def forward(
        self,
        levels_a: tuple[Tensor, ...],
        levels_b: tuple[Tensor, ...],
        log_a: Tensor,
        log_b: Tensor,
        codes_a: Tensor,
        codes_b: Tensor,
        frame_shape: tuple[int, int],
        log_q: Tensor,
        step_dof: Tensor,
    ) -> Tensor:
        """Unnormalised log probabilities.

        Shape: levels (n, `BANDS`, rows, cols) by level; log_a, log_b (n, `BINS`, rows, cols) and
        codes (n, channels, rows, cols) of the map network; log_q, step_dof (n, 1); out
        (n, `SIGNED_BINS`, rows, cols).
        """
        n, rows, cols = log_a.shape[0], log_a.shape[2], log_a.shape[3]
        step = torch.asinh(step_dof / U_SCALE_DOF)
        known = torch.cat([log_q, step, step.abs(), torch.sign(step)], dim=1)
        parts = []
        at_cells: list[Tensor | None] = []
        for k, (a, b) in enumerate(zip(levels_a, levels_b, strict=True)):
            if a.shape[2] == 0:
                at_cells.append(None)
                parts.append(self.encoder.absent(k)[None, :, None, None].expand(n, -1, rows, cols))
                continue
            both = torch.cat([0.5 * (a + b), a - b], dim=1).permute(0, 2, 3, 1)
            context = known[:, None, None, :].expand(n, a.shape[2], a.shape[3], 4)
            at_cells.append(self.grid(both, k, frame_shape))
            code = self.encoder.of_level(k, both, context[..., :1], context)
            parts.append(self.grid(code, k, frame_shape).permute(0, 3, 1, 2))
        parts.append(self.cells(at_cells, log_q).permute(0, 3, 1, 2))
        # Log probabilities far down say nothing more.
        together = laid_over(log_a, log_b, step_dof).clamp_min(-30)
        together = together - together.logsumexp(1, keepdim=True)
        everywhere = known[:, :, None, None].expand(n, 4, rows, cols)
        h = self.enter(
            torch.cat([*parts, together.clamp_min(-12) / 6, codes_a, codes_b, everywhere], dim=1)
        )
        return self.trust * together + self.leave(self.blocks(h))
