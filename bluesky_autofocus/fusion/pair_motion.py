"""Shift and change of magnification from one plane to the next."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, correlate1d, gaussian_filter, spline_filter
from skimage.registration import phase_cross_correlation

from .motion import Motion
from .pyramid import gaussian_levels

__all__ = ["pair_motion"]

# Coarse enough that the blur of neighbouring planes shows something, and a change of magnification
# moves the corners by less than a pixel or two; finer than this precision is not needed.
COARSEST_SIDE_PX = 32
FINEST_SIDE_PX = 1024
# The first shift may be a quarter of the frame.
SHIFT_SIDE_PX = 128
BAND_PX = (1.0, 5.0)
STEPS = 12
SMALL_STEP_PX = 0.01
BLOCKS = 6
LEAST_COMMON = 0.01
LEAST_LIKENESS = 0.3
EVEN_PX = 8.0
QUIET = 0.1
SECOND = np.array([1.0, -2.0, 1.0], dtype=np.float32)


def pair_motion(first: NDArray[np.float32], second: NDArray[np.float32]) -> Motion | None:
    """Find the motion from one plane to its neighbour.

    A first shift comes from the correlation of both planes [1]_. From coarse to fine, shift and
    magnification are then improved by the gradients of both [2]_. The surest level is taken: where
    both planes are blurred the finest one shows nothing but noise. Defocus is no motion: it blurs
    to all sides alike.

    Parameters
    ----------
    first, second : numpy.ndarray
        Brightness, shape (rows, cols), float32.

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
    pyramids = [_levels_of(plane) for plane in (first, second)]
    motion = _first_shift(*pyramids)
    corner_px = float(np.hypot(*first.shape)) / 2
    best = before = None
    for level in reversed(range(len(pyramids[0]))):
        a, b = (pyramid[level] for pyramid in pyramids)
        if best is not None and min(a.detail.shape) > FINEST_SIDE_PX:
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


@dataclass(frozen=True, eq=False)
class _Level:
    """Detail of one size, evened out, and how much of it is more than noise."""

    detail: NDArray[np.float32]
    weight: NDArray[np.float32]


def _levels_of(plane: NDArray[np.float32]) -> list[_Level]:
    levels = 1 + max(0, int(np.log2(min(plane.shape) / COARSEST_SIDE_PX)))
    scaled = plane / np.float32(max(float(np.abs(plane).mean()), 1e-30))
    return [_even_detail(image) for image in gaussian_levels(scaled, levels)]


def _even_detail(image: NDArray[np.float32]) -> _Level:
    """Give detail the same contrast everywhere: the zone that is sharp moves with the focus."""
    fine, coarse = (gaussian_filter(image, sigma) for sigma in BAND_PX)
    band = fine - coarse
    second = correlate1d(correlate1d(image, SECOND, axis=0), SECOND, axis=1)
    noise = np.quantile(gaussian_filter(second * second, BAND_PX[1]), QUIET) * BAND_NOISE
    local = gaussian_filter(band * band, EVEN_PX)
    local += np.float32(noise) + np.float32(1e-6) * local.mean() + np.float32(1e-12)
    weight = np.clip(1 - 3 * np.float32(noise) / local, 0, 1)
    return _Level(np.asarray(band / np.sqrt(local), np.float32), np.asarray(weight, np.float32))


def _band_noise() -> float:
    """Energy of noise in the band over that in a twofold second difference."""
    point = np.zeros((65, 65))
    point[32, 32] = 1
    fine, coarse = (gaussian_filter(point, sigma) for sigma in BAND_PX)
    return float(((fine - coarse) ** 2).sum()) / 36


BAND_NOISE = _band_noise()


def _first_shift(first: list[_Level], second: list[_Level]) -> Motion:
    level = next(k for k, a in enumerate(first) if min(a.detail.shape) < 2 * SHIFT_SIDE_PX)
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in first[level].detail.shape))
    a, b = (x.detail * x.weight * window for x in (first[level], second[level]))
    if not (a.any() and b.any()):
        return Motion()
    plain: Any = None
    back, _, _ = phase_cross_correlation(a, b, normalization=plain)
    return Motion((-float(back[0]) * 2**level, -float(back[1]) * 2**level))


def _refined(first: _Level, second: _Level, motion: Motion, scale: int) -> Motion | None:
    """Improve a motion on one level, whose pixels are `scale` of the frame's."""
    shape = first.detail.shape
    middle = (np.array(shape) - 1) / 2
    rows, cols = (np.arange(side, dtype=np.float32) for side in shape)
    rows, cols = (rows - np.float32(middle[0]))[:, None], cols - np.float32(middle[1])
    slope = np.gradient(first.detail)
    splines = np.asarray(spline_filter(second.detail), dtype=np.float32)
    m, shift = motion.magnification, np.array(motion.shift_px) / scale
    sigma, likeness = np.full(3, np.inf), 0.0
    for _ in range(STEPS):
        start = middle + shift - m * middle
        moved = _moved(splines, m, start, order=3)
        weight = _moved(second.weight, m, start, order=1) * first.weight
        if weight.mean() < LEAST_COMMON:
            return None
        likeness = _likeness(first.detail, moved, weight)
        down, across = (
            np.asarray((ours + theirs) / 2, dtype=np.float32)
            for ours, theirs in zip(slope, np.gradient(moved), strict=True)
        )
        outward = np.asarray(down * rows + across * cols, dtype=np.float32)
        step, sigma = _solved([down, across, outward], first.detail - moved, weight)
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


def _moved(
    values: NDArray[np.float32], m: float, start: NDArray[np.float64], *, order: int
) -> NDArray[np.float32]:
    """Fetch the values at ``start + m i`` for all pixels i; 0 beyond the frame."""
    matrix = np.array([[m, 0, start[0]], [0, m, start[1]], [0, 0, 1]])
    moved = affine_transform(values, matrix, order=order, prefilter=False)
    return np.asarray(moved, dtype=np.float32)


def _solved(
    slopes: list[NDArray[np.float32]], miss: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Solve for the step that explains the miss; how blocks disagree tells the error."""
    unknowns = len(slopes)
    squares = {
        (i, j): _block_sums(slopes[i] * slopes[j] * weight)
        for i in range(unknowns)
        for j in range(i + 1)
    }
    normals = np.array(
        [[squares[max(i, j), min(i, j)] for j in range(unknowns)] for i in range(unknowns)]
    )
    scores = np.array([_block_sums(slope * miss * weight) for slope in slopes])
    normal = normals.sum(axis=2)
    if np.linalg.cond(normal) > 1e12:
        return None, np.full(unknowns, np.inf)
    step = np.linalg.solve(normal, scores.sum(axis=1))
    left = scores - np.einsum("ijb,j->ib", normals, step)
    inverse = np.linalg.inv(normal)
    return step, np.sqrt(np.diag(inverse @ (left @ left.T) @ inverse))


def _block_sums(values: NDArray[np.float32]) -> NDArray[np.float64]:
    starts = [np.linspace(0, side, BLOCKS, endpoint=False).astype(int) for side in values.shape]
    rows = np.add.reduceat(values, starts[0], axis=0, dtype=np.float64)
    return np.add.reduceat(rows, starts[1], axis=1).ravel()
