"""The spectrum of a whole frame, one ring for each cycle along its shorter side.

Far from focus the zeros of the transfer function lie as close as a cycle or two of the frame. A
tile under a Hann window smears them over four, so the frame is taken whole, under two windows that
smear less: a half sine, and none, with only what makes opposite borders differ taken away [1]_.

References
----------
.. [1] L. Moisan, J. Math. Imaging Vis. 39, 161-179 (2011), theorem 1.
"""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from .pyramid import reduce_by_two
from .spectra import log_power

__all__ = ["WHOLE_PLANES", "WHOLE_RINGS", "WHOLE_SIDE", "reduced_whole", "whole_spectrum"]

WHOLE_SIDE = 256
"""Pixels that the shorter side of a frame is reduced below; more than half of it are left."""

WHOLE_RINGS = 64
"""Rings: radius 1 to 64 cycles of the shorter side. A frame below 128 pixels has fewer."""

WHOLE_PLANES = 4
"""For either window the log of the mean power of a ring, and the mean of its log power."""


def reduced_whole(image: torch.Tensor) -> torch.Tensor:
    """Halve a frame until its shorter side is below `WHOLE_SIDE`.

    Parameters
    ----------
    image : torch.Tensor
        Shape (rows, cols), float32.

    Returns
    -------
    torch.Tensor
        Shape (rows >> k, cols >> k).
    """
    while min(image.shape) >= WHOLE_SIDE:
        image = reduce_by_two(image)
    return image


def whole_spectrum(image: torch.Tensor) -> torch.Tensor:
    """Log power of a frame by radius, relative to the square of its mean.

    Uneven light is taken away first, as far as a polynomial of second degree describes it.

    Parameters
    ----------
    image : torch.Tensor
        Shape (rows, cols), float32, from `reduced_whole`.

    Returns
    -------
    torch.Tensor
        Shape (`WHOLE_PLANES`, `WHOLE_RINGS`). White noise of relative variance v gives ln v as the
        log of the mean. Rings beyond half the shorter side hold nothing of use.
    """
    even = _without_shading(image / image.mean().clamp_min(1e-3))
    rows, cols = even.shape
    down, across = _half_sine(rows), _half_sine(cols)
    window = torch.from_numpy(np.outer(down, across)).to(even.device)
    tapered = torch.fft.rfft2(even * window)
    periodic = torch.fft.rfft2(even) + _border_jump(even)
    places, shares = _ring_shares(rows, cols)
    at = torch.from_numpy(places).to(even.device)
    matrix = torch.from_numpy(shares).to(even.device)
    planes = []
    for spectrum in (tapered, periodic):
        power = spectrum.flatten()[at].abs().square() / (rows * cols)
        planes += [log_power(power @ matrix), log_power(power) @ matrix]
    return torch.stack(planes)


def _without_shading(image: torch.Tensor) -> torch.Tensor:
    """Subtract the least squares fit of a polynomial of second degree."""
    rows, cols = image.shape
    y, yy = (torch.from_numpy(p).to(image.device) for p in _legendre(rows))
    x, xx = (torch.from_numpy(p).to(image.device) for p in _legendre(cols))
    # On a grid these are orthogonal to one another, so each is fitted by itself.
    by_row, by_col = image.mean(1), image.mean(0)
    down = by_row @ y * y / rows + by_row @ yy * yy / rows
    across = by_col @ x * x / cols + by_col @ xx * xx / cols
    twist = (y @ image @ x) / (rows * cols)
    fit = image.mean() + down[:, None] + across[None] + twist * y[:, None] * x[None]
    return image - fit


@lru_cache(maxsize=16)
def _legendre(n: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Linear and quadratic polynomials over n points, of mean 0 and mean square 1."""
    x = np.linspace(-1, 1, n)
    square = x**2 - (x**2).mean()
    return tuple((p / np.sqrt((p**2).mean())).astype(np.float32) for p in (x, square))


@lru_cache(maxsize=16)
def _half_sine(n: int) -> NDArray[np.float32]:
    """Half a period of a sine over n points, of mean square 1."""
    return (np.sqrt(2) * np.sin(np.pi * (np.arange(n) + 0.5) / n)).astype(np.float32)


def _border_jump(image: torch.Tensor) -> torch.Tensor:
    """Spectrum of the smooth part that makes opposite borders differ, negative."""
    rows, cols = image.shape
    turn_down, turn_across, laplacian = (
        torch.from_numpy(part).to(image.device) for part in _poisson(rows, cols)
    )
    top, left = image[0] - image[-1], image[:, 0] - image[:, -1]
    jump = turn_down[:, None] * torch.fft.rfft(top)[None]
    jump = jump + turn_across[None] * torch.fft.fft(left)[:, None]
    return jump / laplacian


@lru_cache(maxsize=8)
def _poisson(
    rows: int, cols: int
) -> tuple[NDArray[np.complex64], NDArray[np.complex64], NDArray[np.float32]]:
    """Return a unit jump across the borders along each axis, and the Laplacian."""
    ky = 2 * np.pi * np.fft.fftfreq(rows)
    kx = 2 * np.pi * np.fft.rfftfreq(cols)
    laplacian = 2 * np.cos(ky)[:, None] + 2 * np.cos(kx)[None] - 4
    laplacian[0, 0] = 1
    jumps = (1 - np.exp(1j * k) for k in (ky, kx))
    down, across = (jump.astype(np.complex64) for jump in jumps)
    return down, across, laplacian.astype(np.float32)


@lru_cache(maxsize=8)
def _ring_shares(rows: int, cols: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Places of the half plane within the rings, and the share of each in its ring."""
    short = min(rows, cols)
    fy, fx = np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None]
    ring = np.rint(short * np.hypot(fy, fx)).astype(int).ravel()
    places = np.flatnonzero((ring >= 1) & (ring <= WHOLE_RINGS))
    shares = np.zeros((places.size, WHOLE_RINGS), dtype=np.float32)
    # All but the first column stand for their mirror image, too.
    count = np.where(np.broadcast_to(fx, (rows, fx.size)).ravel()[places] == 0, 1.0, 2.0)
    shares[np.arange(places.size), ring[places] - 1] = count
    return places, shares / np.maximum(shares.sum(0), 1)
