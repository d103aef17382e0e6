"""One image that is sharp wherever some plane is."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import FusionError
from .planes import PlaneReader, Planes, checked_positions
from .pyramid import collapsed, gaussian_levels, laplacian_levels, level_count

__all__ = ["all_in_focus"]

# Share of the way from plane to plane over which one fades into the next. In the middle between two
# planes both are equally blurred; elsewhere the nearer one is sharper.
FADE = 0.5


def all_in_focus(
    planes: Planes, positions: ArrayLike, height: NDArray[np.floating]
) -> NDArray[np.number]:
    """Fuse the planes of a focal stack into one sharp image.

    Every pixel comes from the plane nearest to its height. Planes are blended band by band, each
    band over a width of its own size, so that no seam shows [1]_. Planes are read one at a time,
    and only those that are needed.

    Parameters
    ----------
    planes : Planes
        n planes (rows, cols) or (rows, cols, 3), which show the same field.
    positions : array_like
        Position of each plane, rising.
    height : numpy.ndarray
        Position of the best focus of each pixel, shape (rows, cols), finite; beyond the planes the
        first or last plane is taken.

    Returns
    -------
    numpy.ndarray
        Shape and type of one plane; no value lies outside those of the planes that were used.

    Raises
    ------
    FusionError
        If planes, positions or heights are malformed.

    References
    ----------
    .. [1] P. Burt and E. Adelson, "A multiresolution spline with application to image mosaics",
       ACM Trans. Graph. 2, 1983.
    """
    z = checked_positions(planes, positions)
    reader = PlaneReader(planes)
    place = _places(height, z, (reader.rows, reader.cols))
    levels = level_count((reader.rows, reader.cols))
    sums: list[list[NDArray[np.float32]]] = []
    lowest, highest = np.inf, -np.inf
    for k in range(len(reader)):
        weight = np.clip((0.5 + FADE / 2 - np.abs(place - k)) / FADE, 0, 1, dtype=np.float32)
        if not weight.any():
            continue
        plane = reader[k]
        lowest, highest = min(lowest, plane.min()), max(highest, plane.max())
        weights = gaussian_levels(weight, levels)
        for c, channel in enumerate(_channels(plane)):
            bands = laplacian_levels(channel.astype(np.float32), levels)
            for band, share in zip(bands, weights, strict=True):
                band *= share
            if c == len(sums):
                sums.append(bands)
            else:
                for total, band in zip(sums[c], bands, strict=True):
                    total += band
    fused = np.empty(reader.shape, dtype=reader.dtype)
    for channel, bands in zip(_channels(fused), sums, strict=True):
        image = np.clip(collapsed(bands), lowest, highest)
        if reader.dtype.kind in "ui":
            np.rint(image, out=image)
        channel[...] = image
    return fused


def _places(
    height: NDArray[np.floating], z: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Say where between the planes each pixel is in focus, from 0 to n − 1."""
    height = np.asarray(height)
    if height.shape != shape:
        raise FusionError(
            f"The heights have shape {height.shape}, the planes {shape}. Give one for each pixel."
        )
    if not np.isfinite(height).all():
        raise FusionError(
            "A height is not finite. Fill in what is unknown, as the heights of height_map are."
        )
    return np.interp(height, z, np.arange(z.size)).astype(np.float32)


def _channels(plane: NDArray) -> list[NDArray]:
    return [plane] if plane.ndim == 2 else [plane[..., c] for c in range(plane.shape[2])]
