"""Textures made of neighbouring regions: cells and metallographic grain."""

import numpy as np
from scipy.spatial import KDTree

from .canvas import Array, coverage, filtered_noise, frequency, stamp

__all__ = ["cells", "grain", "voronoi"]


def voronoi(
    rng: np.random.Generator, shape: tuple[int, int], size_px: float
) -> tuple[Array, np.ndarray, Array]:
    """Return seeds (n, 2), the nearest seed of each pixel, and its distance to the border."""
    count = max(4, int(shape[0] * shape[1] / size_px**2))
    seeds = rng.uniform(0, 1, (count, 2)) * shape
    # One round of repulsion evens out the sizes.
    tree = KDTree(seeds, boxsize=shape)
    pair = np.asarray(tree.query(seeds, k=2)[1])
    away = (seeds - seeds[pair[:, 1]] + np.divide(shape, 2)) % shape - np.divide(shape, 2)
    seeds = (seeds + 0.35 * away * np.exp(-np.hypot(*away.T) / size_px)[:, None]) % shape
    tree = KDTree(seeds, boxsize=shape)
    grid = np.indices(shape).reshape(2, -1).T.astype(float)
    f = frequency(shape)
    for axis in range(2):
        wobble = filtered_noise(rng, shape, np.exp(-((f * size_px * 0.8) ** 2)))
        grid[:, axis] = (grid[:, axis] + size_px * 0.07 * wobble.ravel()) % shape[axis]
    near, index = (np.asarray(part) for part in tree.query(grid, k=2))
    border = (near[:, 1] - near[:, 0]).reshape(shape) / 2
    return seeds, index[:, 0].reshape(shape), border


def cells(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Sheet of cells: bright membranes, granular bodies, dark-rimmed nuclei."""
    size = np.exp(rng.uniform(np.log(40), np.log(110)))
    seeds, index, border = voronoi(rng, shape, float(size))
    body = 0.38 + 0.05 * rng.standard_normal(len(seeds))[index]
    f = frequency(shape)
    canvas = body + 0.04 * filtered_noise(rng, shape, np.exp(-((f * 6) ** 2)))
    canvas += 0.35 * np.exp(-((border / rng.uniform(1.2, 2.5)) ** 2))
    for row, col in seeds:
        radius = size * rng.uniform(0.16, 0.24)
        stretch, angle = rng.uniform(0.75, 1.0), rng.uniform(0, np.pi)
        grey = rng.uniform(0.5, 0.65)

        def shade(
            old: Array,
            dy: Array,
            dx: Array,
            radius: float = radius,
            stretch: float = stretch,
            angle: float = angle,
            grey: float = grey,
        ) -> Array:
            along = dy * np.sin(angle) + dx * np.cos(angle)
            across = dx * np.sin(angle) - dy * np.cos(angle)
            edge = np.hypot(along, across / stretch) - radius
            rim = np.exp(-((edge / 1.6) ** 2))
            return old + coverage(edge) * (grey - old) - 0.2 * rim

        stamp(canvas, row, col, radius * 1.2 + 5, shade)
    return np.clip(canvas, 0, 1)


def grain(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Etched polycrystal: grey grains, some striated, with dark boundaries."""
    size = np.exp(rng.uniform(np.log(30), np.log(120)))
    seeds, index, border = voronoi(rng, shape, float(size))
    grey = rng.uniform(0.35, 0.75, len(seeds))
    angle = rng.uniform(0, np.pi, len(seeds))
    pitch = rng.uniform(5, 14, len(seeds))
    depth = rng.uniform(0.03, 0.12, len(seeds)) * (rng.random(len(seeds)) < 0.4)
    rows, cols = np.indices(shape)
    # Striations start at the grain's own seed, wherever the border of the canvas lies.
    dy = (rows - seeds[index, 0] + shape[0] / 2) % shape[0]
    dx = (cols - seeds[index, 1] + shape[1] / 2) % shape[1]
    phase = (dy * np.sin(angle[index]) + dx * np.cos(angle[index])) / pitch[index]
    canvas = grey[index] + depth[index] * np.sin(2 * np.pi * phase)
    canvas *= 1 - 0.75 * coverage(border - rng.uniform(0.8, 1.8))
    canvas += 0.02 * rng.standard_normal(shape)
    return np.clip(canvas, 0, 1)
