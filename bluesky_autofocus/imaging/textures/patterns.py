"""Man-made textures: lithography, test targets, woven mesh, print."""

import numpy as np

from .canvas import Array, coverage, smoothed, stamp

__all__ = ["checker", "grating", "lithography", "mesh", "star", "text"]


def _ramp(size: int, periods: int) -> Array:
    """Distance to the nearest edge of a square wave with whole periods, pixels; negative inside."""
    phase = np.arange(size) * periods / size % 1
    return (np.abs(phase - 0.5) - 0.25) * size / periods


def lithography(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Metal on a wafer: bundles of lines with pads, laid out on a grid."""
    canvas = np.full(shape, 0.3)
    pitch = int(np.exp(rng.uniform(np.log(6), np.log(16))))
    cell = min(pitch * int(rng.integers(10, 16)), min(shape) // 2)
    rows, cols = max(1, shape[0] // cell), max(1, shape[1] // cell)
    for i in range(rows):
        for j in range(cols):
            kind = rng.choice(["pad", "lines", "comb", "empty"], p=[0.25, 0.4, 0.2, 0.15])
            upright = rng.random() < 0.5
            fill = rng.uniform(0.35, 0.6)

            def shade(
                old: Array,
                dy: Array,
                dx: Array,
                kind: str = str(kind),
                upright: bool = bool(upright),
                fill: float = fill,
            ) -> Array:
                u, v = (dy, dx) if upright else (dx, dy)
                half = cell * 0.42
                box = np.maximum(np.abs(u), np.abs(v)) - half
                stripe = np.abs((u / pitch) % 1 - 0.5) * pitch - fill * pitch / 2
                if kind == "pad":
                    metal = coverage(box)
                    hole = coverage(np.hypot(u, v) - half * fill)
                    metal = metal * (1 - 0.6 * hole)
                elif kind == "lines":
                    metal = coverage(np.maximum(box, stripe))
                elif kind == "comb":
                    spine = np.maximum(np.abs(v + half * 0.85) - half * 0.15, np.abs(u) - half)
                    metal = coverage(np.minimum(np.maximum(box, stripe), spine))
                else:
                    metal = np.zeros_like(old)
                return old + metal * (0.72 - old)

            stamp(
                canvas,
                (i + 0.5) * shape[0] / rows,
                (j + 0.5) * shape[1] / cols,
                cell * 0.45 + 2,
                shade,
            )
    canvas += 0.012 * rng.standard_normal(shape)
    return np.clip(canvas, 0, 1)


def checker(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Calibration checkerboard with slightly uneven squares."""
    size = np.exp(rng.uniform(np.log(10), np.log(50)))
    counts = [max(1, round(n / (2 * size))) for n in shape]
    down, across = (coverage(_ramp(n, k)) for n, k in zip(shape, counts, strict=True))
    board = down[:, None] * (1 - across) + (1 - down)[:, None] * across
    grey = smoothed(rng.standard_normal(shape), float(size) / 3)
    return np.clip(0.25 + 0.5 * board + 0.04 * grey / grey.std(), 0, 1)


def grating(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Resolution target: squares of line pairs of many pitches and both directions."""
    cell = int(np.clip(min(shape) // 6, 24, 96))
    rows, cols = max(1, shape[0] // cell), max(1, shape[1] // cell)
    canvas = np.full(shape, 0.22)
    for i in range(rows):
        for j in range(cols):
            pitch = np.exp(rng.uniform(np.log(4), np.log(cell / 3)))
            upright = rng.random() < 0.5

            def shade(
                old: Array,
                dy: Array,
                dx: Array,
                pitch: float = float(pitch),
                upright: bool = bool(upright),
            ) -> Array:
                u = dy if upright else dx
                box = np.maximum(np.abs(dy), np.abs(dx)) - cell * 0.4
                line = np.abs((u / pitch) % 1 - 0.5) * pitch - pitch / 4
                return old + coverage(np.maximum(box, line)) * (0.75 - old)

            stamp(
                canvas, (i + 0.5) * shape[0] / rows, (j + 0.5) * shape[1] / cols, cell * 0.43, shade
            )
    return canvas + 0.008 * rng.standard_normal(shape)


def star(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Siemens stars: every spatial frequency, in every direction."""
    side = 2 if min(shape) >= 512 else 1
    canvas = np.full(shape, 0.25)
    for i in range(side):
        for j in range(side):
            spokes = int(rng.integers(16, 40))
            turn = rng.uniform(0, np.pi)
            radius = min(shape) / side * rng.uniform(0.36, 0.46)

            def shade(
                old: Array,
                dy: Array,
                dx: Array,
                spokes: int = spokes,
                turn: float = turn,
                radius: float = radius,
            ) -> Array:
                r = np.hypot(dy, dx)
                # An edge is as sharp as the pixels allow at its own radius.
                wave = np.sin(spokes * (np.arctan2(dy, dx) + turn)) * r / spokes
                inside = coverage(r - radius)
                return old + inside * coverage(-wave) * (0.72 - old)

            stamp(
                canvas,
                (i + 0.5) * shape[0] / side,
                (j + 0.5) * shape[1] / side,
                radius + 2,
                shade,
            )
    return canvas + 0.008 * rng.standard_normal(shape)


def mesh(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Woven wires: bright backs, dark openings."""
    size = np.exp(rng.uniform(np.log(14), np.log(50)))
    counts = [max(1, round(n / size)) for n in shape]
    y, x = (2 * np.pi * np.arange(n) * k / n for n, k in zip(shape, counts, strict=True))
    wire = rng.uniform(0.45, 0.75)
    across = np.sqrt(np.maximum(1 - (np.cos(y / 2) / wire) ** 2, 0))[:, None] * np.ones_like(x)
    along = np.sqrt(np.maximum(1 - (np.cos(x / 2) / wire) ** 2, 0)) * np.ones_like(y)[:, None]
    over = np.where(np.sin(y / 2)[:, None] * np.sin(x / 2) > 0, along, across)
    under = np.where(over == along, across, along)
    top = np.where(over > 0, over, 0.7 * under)
    return np.clip(0.1 + 0.65 * top + 0.02 * rng.standard_normal(shape), 0, 1)


def text(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Print: rows of glyph-like marks of one size, in words."""
    scale = int(np.exp(rng.uniform(np.log(2), np.log(5))))
    height, width = 10 * scale, 6 * scale
    rows, cols = max(1, shape[0] // height), max(1, shape[1] // width)
    alphabet = _alphabet(rng, 26)
    canvas = np.zeros(shape)
    for i in range(rows):
        for j in range(cols):
            if rng.random() < 0.17:
                continue
            glyph = np.kron(alphabet[rng.integers(26)], np.ones((scale, scale)))
            top, left = int(i * shape[0] / rows) + scale, int(j * shape[1] / cols)
            bottom, right = min(top + 7 * scale, shape[0]), min(left + 5 * scale, shape[1])
            canvas[top:bottom, left:right] = glyph[: bottom - top, : right - left]
    ink = smoothed(canvas, 0.25 * scale)
    return np.clip(0.72 - 0.55 * ink + 0.015 * rng.standard_normal(shape), 0, 1)


def _alphabet(rng: np.random.Generator, count: int) -> list[Array]:
    """Glyphs of 7 × 5: two or three straight strokes each."""
    glyphs = []
    for _ in range(count):
        glyph = np.zeros((7, 5))
        for _ in range(int(rng.integers(2, 5))):
            if rng.random() < 0.5:
                first, last = np.sort(rng.choice([0, 3, 6], 2, replace=False))
                glyph[first : last + 1, rng.choice([0, 2, 4])] = 1
            else:
                first, last = np.sort(rng.choice([0, 2, 4], 2, replace=False))
                glyph[rng.choice([0, 3, 6]), first : last + 1] = 1
        glyphs.append(glyph)
    return glyphs
