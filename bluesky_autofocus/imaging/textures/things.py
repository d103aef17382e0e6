"""Textures made of separate things on a ground: beads, particles, crystals, fibres, scratches."""

import numpy as np

from .canvas import Array, coverage, filtered_noise, frequency, smoothed, stamp, traced

__all__ = ["beads", "crystals", "fibres", "particles", "powder", "scratches"]


def _ground(rng: np.random.Generator, shape: tuple[int, int], grey: float, noise: float) -> Array:
    f = frequency(shape)
    return grey + noise * filtered_noise(rng, shape, 1 / (1 + (f * 40) ** 2))


def _places(
    rng: np.random.Generator, shape: tuple[int, int], size_px: float, share: float
) -> Array:
    """Draw random places for things of one size that cover about this share of the field."""
    count = max(3, int(share * shape[0] * shape[1] / size_px**2))
    return rng.uniform(0, 1, (count, 2)) * shape


def beads(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Transparent spheres of nearly one size: dark rim, bright centre."""
    size = np.exp(rng.uniform(np.log(5), np.log(22)))
    canvas = _ground(rng, shape, 0.45, 0.01)
    for row, col in _places(rng, shape, size * 2, rng.uniform(0.25, 0.6)):
        radius = size * rng.normal(1, 0.05)

        def shade(old: Array, dy: Array, dx: Array, radius: float = radius) -> Array:
            r = np.hypot(dy, dx)
            rim = np.exp(-(((r - radius * 0.9) / (0.12 * radius + 0.7)) ** 2))
            centre = np.exp(-((r / (0.4 * radius)) ** 2))
            return old - 0.33 * rim + 0.35 * centre

        stamp(canvas, row, col, radius * 1.6 + 4, shade)
    return np.clip(canvas, 0.02, 1)


def particles(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Few dark particles of many sizes on an even ground: dust on a window."""
    canvas = _ground(rng, shape, 0.6, 0.006)
    count = max(5, int(rng.uniform(25, 60) * shape[0] * shape[1] / 1024**2))
    for row, col in rng.uniform(0, 1, (count, 2)) * shape:
        radius = np.exp(rng.uniform(np.log(1.5), np.log(14)))
        lobes = rng.uniform(-0.25, 0.25, 4)
        grey = rng.uniform(0.1, 0.35)

        def shade(
            old: Array,
            dy: Array,
            dx: Array,
            radius: float = radius,
            lobes: Array = lobes,
            grey: float = grey,
        ) -> Array:
            theta = np.arctan2(dy, dx)
            outline = radius * (
                1 + sum(a * np.cos((k + 2) * theta + 9 * a) for k, a in enumerate(lobes))
            )
            return old + coverage(np.hypot(dy, dx) - outline) * (grey - old)

        stamp(canvas, row, col, radius * 2 + 3, shade)
    return np.clip(canvas, 0, 1)


def powder(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Densely packed small grains, each lit from one side."""
    size = np.exp(rng.uniform(np.log(5), np.log(14)))
    canvas = np.full(shape, 0.2)
    light = rng.uniform(0, 2 * np.pi)
    for row, col in _places(rng, shape, size * 2, 1.4):
        radius = size * rng.uniform(0.6, 1.3)
        stretch, angle = rng.uniform(0.6, 1.0), rng.uniform(0, np.pi)
        grey = rng.uniform(0.3, 0.75)

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
            r = np.hypot(along, across / stretch)
            lit = 1 + 0.45 * (dy * np.sin(light) + dx * np.cos(light)) / radius
            return old + coverage(r - radius) * (grey * lit - old)

        stamp(canvas, row, col, radius + 2, shade)
    return np.clip(canvas, 0.02, 1)


def crystals(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Faceted crystals in a clear drop: dark outlines, facets of different grey."""
    size = np.exp(rng.uniform(np.log(14), np.log(50)))
    canvas = _ground(rng, shape, 0.5, 0.01)
    for row, col in _places(rng, shape, size * 2, rng.uniform(0.35, 0.7)):
        sides = int(rng.integers(4, 8))
        normal = (np.arange(sides) + rng.uniform(-0.25, 0.25, sides)) * 2 * np.pi / sides
        normal += rng.uniform(0, np.pi)
        reach = size * rng.uniform(0.5, 1.1) * rng.uniform(0.7, 1.1, sides)
        grey = 0.55 + 0.3 * np.cos(normal) * rng.uniform(0.4, 1)
        bevel = rng.uniform(0.45, 0.8)

        def shade(
            old: Array,
            dy: Array,
            dx: Array,
            normal: Array = normal,
            reach: Array = reach,
            grey: Array = grey,
            bevel: float = bevel,
        ) -> Array:
            height = dy[..., None] * np.sin(normal) + dx[..., None] * np.cos(normal) - reach
            edge = height.max(axis=-1)
            facet = grey[height.argmax(axis=-1)]
            table = coverage((height + (1 - bevel) * reach).max(axis=-1))
            face = facet + table * (0.62 - facet)
            out = old + coverage(edge) * (face - old)
            return out * (1 - 0.6 * np.exp(-((edge / 1.3) ** 2)))

        stamp(canvas, row, col, float(reach.max()) * 2.2 + 4, shade)
    return np.clip(canvas, 0.02, 1)


def fibres(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Bright curved fibres of several widths, one over the other."""
    canvas = np.zeros(shape)
    for width in np.exp(rng.uniform(np.log(0.8), np.log(3.5), 3)):
        count = max(3, int(22 * shape[0] * shape[1] / 1024**2))
        steps = int(rng.uniform(0.6, 1.6) * max(shape) / 0.5)
        bend = np.cumsum(rng.standard_normal((count, steps)) * 0.012, axis=1) * 0.03
        heading = rng.uniform(0, 2 * np.pi, (count, 1)) + np.cumsum(bend, axis=1)
        rows = rng.uniform(0, shape[0], (count, 1)) + np.cumsum(0.5 * np.sin(heading), axis=1)
        cols = rng.uniform(0, shape[1], (count, 1)) + np.cumsum(0.5 * np.cos(heading), axis=1)
        weight = np.repeat(rng.uniform(0.5, 1.0, (count, 1)), steps, axis=1)
        lines = traced(shape, rows.ravel(), cols.ravel(), weight.ravel())
        canvas += smoothed(lines, width) * width
    return 0.12 + 0.8 * (1 - np.exp(-1.2 * canvas)) + 0.01 * rng.standard_normal(shape)


def scratches(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Polished metal with straight scratches, most of them in one direction."""
    lay = rng.uniform(0, np.pi)
    canvas = np.zeros(shape)
    for width, number in ((0.7, 160), (1.4, 25)):
        count = max(4, int(number * shape[0] * shape[1] / 1024**2))
        length = max(shape) * rng.uniform(0.1, 0.9, count)
        heading = lay + np.where(rng.random(count) < 0.85, 0.06, 1.5) * rng.standard_normal(count)
        along = np.arange(0, max(shape) * 0.9, 0.5)
        inside = along < length[:, None]
        rows = rng.uniform(0, shape[0], (count, 1)) + along * np.sin(heading)[:, None]
        cols = rng.uniform(0, shape[1], (count, 1)) + along * np.cos(heading)[:, None]
        depth = np.broadcast_to(rng.uniform(-1.0, 0.6, (count, 1)), inside.shape)
        lines = traced(shape, rows[inside], cols[inside], depth[inside])
        canvas += smoothed(lines, width) * width
    return np.clip(0.5 + 0.25 * canvas + 0.015 * rng.standard_normal(shape), 0.02, 1)
