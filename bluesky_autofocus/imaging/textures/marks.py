"""Textures of many like marks: points, printed dots, codes, paving, bubbles, droplets."""

import numpy as np

from .canvas import Array, coverage, filtered_noise, frequency, smoothed, stamp, traced

__all__ = ["bubbles", "code", "droplets", "halftone", "pavement", "points"]


def points(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Points of light, few of them bright: fluorescent beads, stars, dust in a dark field."""
    count = max(20, int(np.exp(rng.uniform(np.log(150), np.log(15_000))) * np.prod(shape) / 2**20))
    rows, cols = (rng.uniform(0, n, count) for n in shape)
    bright = np.minimum(rng.pareto(rng.uniform(1.2, 2.5), count) + 1, 12.0)
    canvas = smoothed(traced(shape, rows, cols, bright), rng.uniform(0.4, 1.0))
    canvas /= np.quantile(canvas[canvas > 0.05 * canvas.max()], 0.95)
    return np.clip(rng.uniform(0.02, 0.3) + canvas, 0, 1)


def halftone(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Dots of a print on a turned lattice, larger where it is darker."""
    pitch = np.exp(rng.uniform(np.log(6), np.log(20)))
    angle = rng.uniform(0, np.pi / 2)
    grey = filtered_noise(rng, shape, np.exp(-((frequency(shape) * 12 * pitch) ** 2)))
    radius = pitch * np.clip(0.33 + 0.08 * grey, 0.12, 0.48)
    # Whole periods over the field in each direction keep the lattice periodic.
    down, across = (
        [round(n / pitch * part) for part in (np.sin(angle), np.cos(angle))] for n in shape
    )
    rows, cols = (np.arange(n) / n for n in shape)
    u = rows[:, None] * down[0] + cols * across[1]
    v = rows[:, None] * down[1] - cols * across[0]
    r = np.hypot(u - np.rint(u), v - np.rint(v)) * pitch
    return np.clip(0.8 - 0.65 * coverage(r - radius) + 0.01 * rng.standard_normal(shape), 0, 1)


def code(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Squares that are dark or bright by chance: data codes, coded apertures."""
    size = int(rng.integers(2, 11))
    share = rng.uniform(0.2, 0.8)
    counts = [max(2, n // size) for n in shape]
    blocks = rng.random(counts) < share
    rows, cols = (np.arange(n) * k // n for n, k in zip(shape, counts, strict=True))
    canvas = np.roll(blocks[np.ix_(rows, cols)], rng.integers(shape), axis=(0, 1))
    return 0.15 + 0.65 * canvas + 0.01 * rng.standard_normal(shape)


def pavement(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Courses of stones of uneven length, with joints between."""
    height = int(np.exp(rng.uniform(np.log(8), np.log(60))))
    joint = max(1.0, height * rng.uniform(0.02, 0.15))
    canvas = np.full(shape, 0.2)
    edges = np.linspace(0, shape[0], max(2, shape[0] // height) + 1)
    x = np.arange(shape[1])[None, :]
    for top, bottom in zip(edges[:-1], edges[1:], strict=True):
        y = np.arange(int(top), int(bottom))[:, None]
        count = max(2, int(shape[1] / (height * rng.uniform(1.2, 3))))
        ends = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * shape[1] / count
        k = np.searchsorted(ends, x[0]) % count
        after = (ends[k] - x) % shape[1]
        before = (x - ends[k - 1]) % shape[1]
        inside = np.minimum(np.minimum(before, after), np.minimum(y - top, bottom - y))
        stone = rng.uniform(0.4, 0.85, count)[k]
        canvas[y[:, 0]] += coverage(joint / 2 - inside) * (stone - 0.2)
    rough = filtered_noise(rng, shape, np.maximum(frequency(shape), 1 / 64) ** -0.5)
    canvas += rng.uniform(0, 0.08) * rough
    return np.clip(canvas if rng.random() < 0.5 else canvas[::-1], 0, 1)


def bubbles(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Thin rings of many sizes that overlap: bubbles, drying stains."""
    canvas = np.full(shape, 0.6)
    count = max(6, int(rng.uniform(60, 300) * np.prod(shape) / 2**20))
    largest = rng.uniform(20, 90)
    for row, col in rng.uniform(0, 1, (count, 2)) * shape:
        radius = float(np.exp(rng.uniform(np.log(3), np.log(largest))))
        width = rng.uniform(0.5, 1.5) + 0.03 * radius
        depth = rng.uniform(0.15, 0.5)

        def shade(
            old: Array,
            dy: Array,
            dx: Array,
            radius: float = radius,
            width: float = float(width),
            depth: float = float(depth),
        ) -> Array:
            ring = coverage(np.abs(np.hypot(dy, dx) - radius) - width)
            return old * (1 - depth * ring)

        stamp(canvas, row, col, radius + width + 3, shade)
    return np.clip(canvas + 0.01 * rng.standard_normal(shape), 0, 1)


def droplets(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Clear droplets: a sharp rim, and shading that is smooth within."""
    canvas = np.full(shape, 0.45)
    largest = rng.uniform(8, 50)
    count = max(8, int(0.5 * np.prod(shape) / (4 * largest**2)))
    light = rng.uniform(0, 2 * np.pi)
    for row, col in rng.uniform(0, 1, (count, 2)) * shape:
        radius = float(np.exp(rng.uniform(np.log(3), np.log(largest))))

        def shade(old: Array, dy: Array, dx: Array, radius: float = radius) -> Array:
            r = np.hypot(dy, dx)
            height = np.sqrt(np.clip(1 - (r / radius) ** 2, 0, 1))
            lit = (dy * np.sin(light) + dx * np.cos(light)) / radius
            return old + coverage(r - radius) * (
                0.35 + 0.4 * lit * (1 - height) + 0.2 * height - old
            )

        stamp(canvas, row, col, radius + 3, shade)
    return np.clip(canvas + 0.01 * rng.standard_normal(shape), 0, 1)
