"""Textures with outlines drawn by smooth fields: ridges, patches, cracks, hammered metal."""

import numpy as np
from numpy.typing import NDArray

from .canvas import Array, coverage, filtered_noise, frequency

__all__ = ["clusters", "cracks", "hammered", "patchwork", "ridges"]

Places = NDArray[np.intp]

TERRITORIES = 5


def ridges(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Parallel ridges that bend and fork: finger prints, wood, magnetic domains."""
    pitch = np.exp(rng.uniform(np.log(5), np.log(40)))
    phase = _waves(rng, shape, pitch * rng.uniform(4, 12)) * rng.uniform(2, 8)
    slope = _steepness(phase) + 1 / pitch
    # The distance to the nearest crossing of zero, to first order.
    wave = np.sin(phase + 2 * np.pi * _carrier(rng, shape, pitch)) + rng.uniform(-0.4, 0.4)
    edge = coverage(-wave / (2 * np.pi * slope))
    return 0.2 + 0.6 * edge + 0.02 * _waves(rng, shape, 3.0)


def patchwork(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Patches of different grey that meet in sharp lines: camouflage, marquetry, domains."""
    greys = rng.uniform(0.1, 0.9, TERRITORIES)
    highest, next_one, margin = _territories(rng, shape)
    first, second = greys[highest], greys[next_one]
    return first + (second - first) * (0.5 - np.minimum(margin, 0.5))


def cracks(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Fine dark cracks of two sizes in an even ground: glaze, paint, dried mud."""
    canvas = np.full(shape, rng.uniform(0.5, 0.75))
    canvas += 0.03 * filtered_noise(rng, shape, np.maximum(frequency(shape), 1 / 256) ** -0.8)
    for width in np.exp(rng.uniform(np.log(0.6), np.log(3.0), 2)):
        _, _, margin = _territories(rng, shape)
        canvas -= rng.uniform(0.2, 0.45) * coverage(margin - width)
    return np.clip(canvas, 0, 1)


def hammered(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Uneven metal lit from one side: slopes towards the light are bright."""
    smooth = np.exp(rng.uniform(np.log(0.8), np.log(4)))
    f = frequency(shape)
    height = filtered_noise(
        rng, shape, np.maximum(f, 1 / 128) ** -rng.uniform(1.2, 2.2) / (1 + (f * 6 * smooth) ** 2)
    )
    down, across = (np.roll(height, -1, axis) - height for axis in (0, 1))
    light = rng.uniform(0, 2 * np.pi)
    slope = np.sin(light) * down + np.cos(light) * across
    shine = np.tanh(slope / slope.std() * rng.uniform(0.4, 1.5))
    return 0.5 + 0.35 * shine + 0.01 * rng.standard_normal(shape)


def clusters(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Dense in some places and thin in others: the exponential of noise, as soot or starlight."""
    f = frequency(shape)
    noise = filtered_noise(rng, shape, np.maximum(f, 1 / 256) ** -rng.uniform(0.5, 1.1))
    dense = np.exp(noise * rng.uniform(0.6, 1.6))
    return np.minimum(dense / np.quantile(dense[::4, ::4], 0.998), 1.0)


def _waves(rng: np.random.Generator, shape: tuple[int, int], size_px: float) -> Array:
    """Return smooth noise whose features are about so large."""
    return filtered_noise(rng, shape, np.exp(-((frequency(shape) * size_px) ** 2)))


def _steepness(field: Array) -> Array:
    down, across = np.gradient(field)
    return np.hypot(down, across)


def _carrier(rng: np.random.Generator, shape: tuple[int, int], pitch: float) -> Array:
    """Return a ramp of whole periods across the field, in cycles."""
    angle = rng.uniform(0, 2 * np.pi)
    down, across = (
        round(n / pitch * part)
        for n, part in zip(shape, (np.sin(angle), np.cos(angle)), strict=True)
    )
    rows, cols = (np.arange(n) / n for n in shape)
    return rows[:, None] * down + cols * across


def _territories(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Places, Places, Array]:
    """Give each pixel to the highest of five smooth fields.

    Returns the highest and the second, and the distance to where they meet, pixels, to first order.
    """
    size = np.exp(rng.uniform(np.log(12), np.log(60)))
    first, second = np.zeros(shape, dtype=np.intp), np.zeros(shape, dtype=np.intp)
    high, low = np.full(shape, -np.inf, np.float32), np.full(shape, -np.inf, np.float32)
    for k in range(TERRITORIES):
        field = _waves(rng, shape, float(size)).astype(np.float32)
        wins = field > high
        second = np.where(wins, first, np.where(field > low, k, second))
        low = np.where(wins, high, np.maximum(low, field))
        first, high = np.where(wins, k, first), np.maximum(high, field)
    lead = high - low
    slope = _steepness(lead)
    return first, second, lead / np.maximum(slope, 0.1 / size)
