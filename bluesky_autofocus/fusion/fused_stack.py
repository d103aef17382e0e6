"""From a focal stack to one sharp image with its heights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..measures import blurred_gradient
from .alignment import AlignedPlanes, align_planes
from .blend import all_in_focus
from .height import WINDOW_PX, HeightMap, height_map
from .planes import PlaneReader, Planes, checked_positions, grey

__all__ = ["FusedStack", "FusionQuality", "fuse_stack"]


@dataclass(frozen=True)
class FusionQuality:
    """How good a fused stack is.

    Parameters
    ----------
    valid_share : float
        Share of the pixels of which the height is told by their own surroundings.
    edge_share : float
        Share of the pixels that are sharpest in the first or last plane: if it is not small, the
        sample reaches beyond the stack.
    median_sigma : float
        Median standard deviation of the valid heights, in the unit of the positions; infinite if
        there are none.
    sharpness_gain : float
        Blurred gradient of the fused image over that of the sharpest single plane; infinite where
        no plane shows anything.
    """

    valid_share: float
    edge_share: float
    median_sigma: float
    sharpness_gain: float


@dataclass(frozen=True, eq=False)
class FusedStack:
    """A focal stack as one sharp image.

    Parameters
    ----------
    image : numpy.ndarray
        All in focus, shape (rows, cols) or (rows, cols, 3), in the type of the planes.
    height : numpy.ndarray
        Position of the best focus of each pixel, shape (rows, cols), finite; see `HeightMap`.
    sigma : numpy.ndarray
        Its standard deviation, infinite where it is not valid.
    valid : numpy.ndarray of bool
        Whether the pixel's own surroundings tell the height.
    shifts : numpy.ndarray
        Shift of each plane against the middle one along rows and columns, pixels, shape (n, 2).
    magnifications : numpy.ndarray
        Magnification of each plane over that of the middle one, shape (n,).
    field : (slice, slice)
        Rows and columns of the middle plane that the image shows.
    quality : FusionQuality
        How good it is.
    """

    image: NDArray[np.number]
    height: NDArray[np.float32]
    sigma: NDArray[np.float32]
    valid: NDArray[np.bool_]
    shifts: NDArray[np.float64]
    magnifications: NDArray[np.float64]
    field: tuple[slice, slice]
    quality: FusionQuality


def fuse_stack(
    planes: Planes,
    positions: ArrayLike,
    *,
    align: bool = True,
    window_px: float = WINDOW_PX,
) -> FusedStack:
    """Fuse a focal stack: bring its planes into line, tell heights, and blend what is sharp.

    Planes are read one at a time, three times each: `planes` may load them from files. Beside the
    result no more than a few copies of one plane are held, and one value for every 16 pixels of
    each plane.

    Parameters
    ----------
    planes : Planes
        n planes (rows, cols) or (rows, cols, 3) of one shape and type.
    positions : array_like
        Position of each plane, rising, µm or depths of field. One or two depths of field apart,
        with one plane beyond either end of the sample, is enough.
    align : bool, default True
        Whether shift and focus breathing are taken out. Planes that are blurred beyond recognition
        cannot be brought into line.
    window_px : float, default 6
        Standard deviation of the smallest window for heights, pixels.

    Returns
    -------
    FusedStack
        Image, heights, and how good they are.

    Raises
    ------
    FusionError
        If planes or positions are malformed, or the planes cannot be brought into line.
    """
    z = checked_positions(planes, positions)
    reader = PlaneReader(planes)
    aligned = align_planes(reader) if align else _as_they_are(reader)
    heights = height_map(aligned, z, window_px=window_px)
    image = all_in_focus(aligned, z, heights.height)
    return FusedStack(
        image=image,
        height=heights.height,
        sigma=heights.sigma,
        valid=heights.valid,
        shifts=aligned.shifts_px,
        magnifications=aligned.magnifications,
        field=aligned.field,
        quality=_quality(aligned, heights, image),
    )


def _as_they_are(reader: PlaneReader) -> AlignedPlanes:
    field = (slice(0, reader.rows), slice(0, reader.cols))
    return AlignedPlanes(reader, np.zeros((len(reader), 2)), np.ones(len(reader)), field)


def _quality(
    aligned: AlignedPlanes, heights: HeightMap, image: NDArray[np.number]
) -> FusionQuality:
    best = max(float(blurred_gradient(grey(plane))) for plane in PlaneReader(aligned))
    sigma = heights.sigma[heights.valid]
    return FusionQuality(
        valid_share=float(heights.valid.mean()),
        edge_share=float(heights.edge.mean()),
        median_sigma=float(np.median(sigma)) if sigma.size else float("inf"),
        sharpness_gain=float(blurred_gradient(grey(image))) / best if best > 0 else float("inf"),
    )
