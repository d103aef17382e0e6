"""Every cell compared with the sharpest and the dullest of its frame.

Where one texture lies at several altitudes, the difference of two log spectra is that of two
transfer functions, whatever the texture. And what lies below all others is noise.
"""

import torch
from torch import Tensor

__all__ = ["SHARES", "compared"]

SHARES = (0.9, 0.1)
"""Shares of a frame's cells below the spectra that a cell is compared with, band by band."""


def compared(power: Tensor) -> Tensor:
    """Compare every cell with its frame.

    Parameters
    ----------
    power : torch.Tensor
        Log power of cells, shape (n, rows, cols, bands).

    Returns
    -------
    torch.Tensor
        Log power less that which a share of `SHARES` of the cells lie below, one after the other;
        shape (n, rows, cols, `len(SHARES)` × bands). All zero if the frame is one cell.
    """
    cells = power.flatten(1, 2)
    at = torch.tensor(SHARES, device=power.device)
    level = torch.quantile(cells, at, dim=1)[:, :, None, None, :]
    return torch.cat([power - one for one in level], dim=-1)
