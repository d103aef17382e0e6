"""Shift and change of magnification from one plane to the next."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.registration import phase_cross_correlation

from .even_detail import EvenDetail
from .motion import Motion
from .moved import moved

__all__ = ["pair_motion"]

# Finer than this precision is not needed.
FINEST_SIDE_PX = 512
# The first shift may be a quarter of the frame.
SHIFT_SIDE_PX = 128
STEPS = 12
SMALL_STEP_PX = 0.01
BLOCKS = 6
LEAST_COMMON = 0.01
LEAST_LIKENESS = 0.3


def pair_motion(first: Sequence[EvenDetail], second: Sequence[EvenDetail]) -> Motion | None:
    """Find the motion from one plane to its neighbour.

    A first shift comes from the correlation of both planes [1]_. From coarse to fine, shift and
    magnification are then improved by the gradients of both [2]_. The surest level is taken: where
    both planes are blurred the finest one shows nothing but noise. Defocus is no motion: it blurs
    to all sides alike.

    Parameters
    ----------
    first, second : sequence of EvenDetail
        The planes at several sizes, finest first.

    Returns
    -------
    Motion or None
        None where the planes show nothing that could have moved.

    References
    ----------
    .. [1] M. Guizar-Sicairos et al., "Efficient subpixel image registration algorithms", Opt. Lett.
       33, 2008.
    .. [2] B. Lucas and T. Kanade, "An iterative image registration technique", IJCAI 1981.
    """
    motion = _first_shift(first, second)
    corner_px = float(np.hypot(*first[0].image.shape)) / 2
    best = before = None
    for level in reversed(range(len(first))):
        a, b = first[level], second[level]
        if best is not None and min(a.image.shape) > FINEST_SIDE_PX:
            break
        found = _refined(a, b, motion, 2**level)
        if found is None:
            continue
        known = found if before is None else _no_surer_than_levels_agree(found, before)
        before = found
        if best is None or known.corner_sigma_px(corner_px) < best.corner_sigma_px(corner_px):
            best = motion = known
    return best


def _no_surer_than_levels_agree(fine: Motion, coarse: Motion) -> Motion:
    rows, cols = (abs(a - b) for a, b in zip(fine.shift_px, coarse.shift_px, strict=True))
    apart = abs(fine.magnification - coarse.magnification)
    return replace(
        fine,
        shift_sigma_px=max(fine.shift_sigma_px, max(rows, cols) / 2),
        magnification_sigma=max(fine.magnification_sigma, apart / 2),
    )


def _first_shift(first: Sequence[EvenDetail], second: Sequence[EvenDetail]) -> Motion:
    level = next(k for k, a in enumerate(first) if min(a.image.shape) < 2 * SHIFT_SIDE_PX)
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in first[level].detail.shape))
    a, b = (x.detail * x.weight * window for x in (first[level], second[level]))
    if not (a.any() and b.any()):
        return Motion()
    plain: Any = None
    back, _, _ = phase_cross_correlation(a, b, normalization=plain)
    return Motion((-float(back[0]) * 2**level, -float(back[1]) * 2**level))


def _refined(first: EvenDetail, second: EvenDetail, motion: Motion, scale: int) -> Motion | None:
    """Improve a motion on one level, whose pixels are `scale` of the frame's."""
    shape = first.detail.shape
    middle = (np.array(shape) - 1) / 2
    rows, cols = (np.arange(side, dtype=np.float32) for side in shape)
    rows, cols = (rows - np.float32(middle[0]))[:, None], cols - np.float32(middle[1])
    m, shift = motion.magnification, np.array(motion.shift_px) / scale
    sigma, likeness = np.full(3, np.inf), 0.0
    for _ in range(STEPS):
        start = middle + shift - m * middle
        theirs = moved(second.splines, m, start, 3)
        weight = moved(second.weight, m, start, 1) * first.weight
        if weight.mean() < LEAST_COMMON:
            return None
        likeness = _likeness(first.detail, theirs, weight)
        down, across = (
            np.asarray((one + other) / 2, dtype=np.float32)
            for one, other in zip(first.slope, np.gradient(theirs), strict=True)
        )
        outward = np.asarray(down * rows + across * cols, dtype=np.float32)
        step, sigma = _solved([down, across, outward], first.detail - theirs, weight)
        if step is None or not np.isfinite(step).all() or np.abs(step[:2]).max() > middle.min():
            return None
        shift = shift + m * step[:2]
        m *= 1 + float(step[2])
        if not 0.5 < m < 2:
            return None
        if np.abs(step[:2]).max() + middle.max() * abs(step[2]) < SMALL_STEP_PX:
            break
    if likeness < LEAST_LIKENESS:
        return None
    return Motion(
        (float(shift[0]) * scale, float(shift[1]) * scale),
        m,
        float(max(sigma[:2])) * scale,
        float(sigma[2]),
    )


def _likeness(a: NDArray[np.float32], b: NDArray[np.float32], weight: NDArray[np.float32]) -> float:
    both = float((a * a * weight).sum()) * float((b * b * weight).sum())
    return float((a * b * weight).sum()) / np.sqrt(both) if both > 0 else 0.0


def _solved(
    slopes: list[NDArray[np.float32]], miss: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Solve for the step that explains the miss; how blocks disagree tells the error."""
    unknowns = len(slopes)
    products = _block_products(np.stack([*slopes, miss]) * np.sqrt(weight))
    normals, scores = products[:, :unknowns, :unknowns], products[:, :unknowns, unknowns]
    normal = normals.sum(axis=0)
    if np.linalg.cond(normal) > 1e12:
        return None, np.full(unknowns, np.inf)
    step = np.linalg.solve(normal, scores.sum(axis=0))
    left = scores - normals @ step
    inverse = np.linalg.inv(normal)
    return step, np.sqrt(np.diag(inverse @ (left.T @ left) @ inverse))


def _block_products(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum the products of all pairs of images over blocks, shape (blocks, images, images)."""
    rows, cols = (np.linspace(0, side, BLOCKS + 1).astype(int) for side in images.shape[1:])
    blocks = [
        images[:, top:bottom, left:right].reshape(len(images), -1)
        for top, bottom in pairwise(rows)
        for left, right in pairwise(cols)
    ]
    return np.stack([block @ block.T for block in blocks]).astype(float)
