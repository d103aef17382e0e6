"""Textures of the training alone, as varied as they come: leaves of many shapes, and noise.

Leaves that fall on one another give edges at every scale, as in photographs [1]_; noise of a random
spectrum gives what has no edges.

References
----------
.. [1] A. B. Lee, D. Mumford, J. Huang, Int. J. Comput. Vis. 41, 35-59 (2001).
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

__all__ = ["leaves", "random_noise"]

Array = NDArray[np.float32]

SMALLEST_PX = 1.0
MOST_PAINTED = 4.0
LONGEST_PX = 120.0
# Pixels computed for one texture, those of the boxes around leaves included.
MOST_COMPUTED = 6_000_000


def leaves(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Let shapes of many sizes fall on a ground.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.
    shape : (int, int)
        Rows and columns.

    Returns
    -------
    numpy.ndarray
        Periodic texture, 0 to 1, float32.
    """
    out = np.full(shape, rng.uniform(0, 1), dtype=np.float32)
    smallest = SMALLEST_PX * np.exp(rng.uniform(0, 3))
    largest = min(min(shape) / 5, smallest * np.exp(rng.uniform(0.2, 4.5)))
    power = rng.uniform(1.5, 3.5)
    cover = np.exp(rng.uniform(np.log(0.03), np.log(MOST_PAINTED)))
    count = int(rng.integers(60, 1800))
    kinds = rng.choice(5, size=int(rng.integers(1, 4)))
    edge = 0.6 if rng.random() < 0.85 else rng.uniform(0.6, 2)
    opacity = 1.0 if rng.random() < 0.6 else rng.uniform(0.2, 1)
    two_greys = rng.random() < 0.3
    textured = rng.random() < 0.4
    area, computed = 0.0, 0
    for _ in range(count):
        # Radii by a power law between the smallest and the largest.
        a, b = smallest ** (1 - power), largest ** (1 - power)
        radius = float((a + rng.random() * (b - a)) ** (1 / (1 - power)))
        area += 3 * radius**2
        if area > cover * shape[0] * shape[1] or computed > MOST_COMPUTED:
            break
        grey = float(rng.integers(2)) if two_greys else rng.random()
        computed += _paint(rng, out, int(rng.choice(kinds)), radius, grey, edge, opacity, textured)
    return out


def _paint(
    rng: np.random.Generator,
    out: Array,
    kind: int,
    radius: float,
    grey: float,
    edge: float,
    opacity: float,
    textured: bool,
) -> int:
    """Paint one leaf with a soft edge, also across the borders; return the pixels computed."""
    longest = max(radius, min(LONGEST_PX, radius * rng.uniform(2, 10))) if kind == 4 else radius
    half = int(np.ceil(longest * 1.5 + 2 * edge)) + 1
    half = min(half, min(out.shape) // 2 - 1)
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    u = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
    v = np.float32(np.cos(angle)) * y - np.float32(np.sin(angle)) * x
    inside = _depth(rng, kind, u, v, radius, longest)
    cover = np.clip(inside / np.float32(edge) + 0.5, 0, 1)
    paint = np.full_like(cover, grey)
    if textured and rng.random() < 0.5:
        wave = 2 * np.pi / rng.uniform(2.5, max(3.0, radius))
        paint += np.float32(rng.uniform(0, 0.5)) * np.sin(np.float32(wave) * u)
    row, col = (int(rng.integers(n)) for n in out.shape)
    rows = np.arange(row - half, row + half + 1) % out.shape[0]
    cols = np.arange(col - half, col + half + 1) % out.shape[1]
    place = np.ix_(rows, cols)
    out[place] += np.float32(opacity) * cover * (np.clip(paint, 0, 1) - out[place])
    return cover.size


def _depth(
    rng: np.random.Generator, kind: int, u: Array, v: Array, radius: float, longest: float
) -> Array:
    """Distance from the leaf's edge, positive inside."""
    r = np.hypot(u, v)
    if kind == 0:
        return np.float32(radius) - r
    if kind == 1:
        return np.minimum(radius - np.abs(u), rng.uniform(0.3, 1) * radius - np.abs(v))
    if kind == 2:
        corners = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
        depth = np.full_like(r, radius)
        for a in corners:
            side = np.float32(np.cos(a)) * u + np.float32(np.sin(a)) * v
            depth = np.minimum(depth, np.float32(radius * rng.uniform(0.6, 1)) - side)
        return np.minimum(depth, np.float32(1.3 * radius) - r)
    if kind == 3:
        width = max(0.6, radius * rng.uniform(0.05, 0.4))
        return np.float32(width / 2) - np.abs(r - np.float32(radius))
    bent = v + np.float32(rng.uniform(-0.4, 0.4) / max(longest, 1)) * u**2
    width = max(0.5, radius * rng.uniform(0.05, 0.4))
    return np.minimum(longest - np.abs(u), np.float32(width / 2) - np.abs(bent))


def random_noise(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Draw Gaussian noise of a random, smooth spectrum, the same in all directions or not.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.
    shape : (int, int)
        Rows and columns.

    Returns
    -------
    numpy.ndarray
        Periodic texture, mean 0.5, standard deviation 0.15, cut to 0 to 1, float32.
    """
    fy = np.fft.fftfreq(shape[0])[:, None]
    fx = np.fft.rfftfreq(shape[1])[None, :]
    if rng.random() < 0.3:
        angle, stretch = rng.uniform(0, np.pi), np.exp(rng.uniform(0, 2))
        fy, fx = (
            (np.cos(angle) * fy - np.sin(angle) * fx) * stretch,
            np.sin(angle) * fy + np.cos(angle) * fx,
        )
    f = np.hypot(fy, fx)
    log_f = np.log(np.maximum(f, 1 / max(shape)))
    knots = np.linspace(np.log(1 / max(shape)), np.log(0.75), 9)
    log_amplitude = -rng.uniform(0, 1.2) * knots
    log_amplitude += np.cumsum(rng.normal(0, rng.uniform(0, 0.8), knots.size))
    amplitude = np.exp(np.interp(log_f, knots, log_amplitude)).astype(np.float32)
    amplitude.flat[0] = 0
    spectrum = scipy.fft.rfft2(rng.standard_normal(shape, dtype=np.float32)) * amplitude
    noise = np.asarray(scipy.fft.irfft2(spectrum, s=shape), dtype=np.float32)
    noise *= np.float32(0.15) / max(float(noise.std()), 1e-12)
    return np.clip(noise + np.float32(0.5), 0, 1)
