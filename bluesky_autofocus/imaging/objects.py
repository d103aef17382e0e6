"""Objects to look at: procedural textures, image files, and the images that scikit-image brings."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError
from .fourier import inverse_half_plane, spectrum
from .image_file import luma, read_image
from .textures import FAMILIES, TEXTURES

__all__ = [
    "BUNDLED",
    "bundled_object",
    "image_object",
    "periodic_component",
    "procedural_object",
    "radiance",
]

# Only what the wheel carries: nothing is downloaded.
_BUNDLED_FILES = {
    "brick": "brick.png",
    "camera": "camera.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble": "hubble_deep_field.jpg",
    "ihc": "ihc.png",
    "moon": "moon.png",
    "page": "page.png",
    "retina": "retina.jpg",
}

BUNDLED: tuple[str, ...] = tuple(_BUNDLED_FILES)
"""Names of the images inside scikit-image's wheel that serve as objects."""

# With a mean of 40 % of full scale the brightest point then stays below saturation.
PEAK = 2.2


def radiance(texture: NDArray[np.floating], contrast: float = 1.0) -> NDArray[np.float32]:
    """Scale a texture to mean 1 and limit its brightest point to 2.2.

    Parameters
    ----------
    texture : numpy.ndarray
        Any non-negative image, shape (rows, cols).
    contrast : float, default 1
        Factor on the deviations from the mean, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Same shape, float32, mean 1, from 0 to 2.2. Where the brightest point would lie above, all
        deviations shrink by one factor.

    Raises
    ------
    SceneError
        If the texture is not finite, or dark everywhere, or the contrast is not within 0 to 1.
    """
    if not 0 <= contrast <= 1:
        raise SceneError(f"contrast is {contrast}; it must lie from 0 to 1. Give such a factor.")
    texture = np.maximum(np.asarray(texture, dtype=np.float64), 0)
    mean = texture.mean()
    if not (np.isfinite(mean) and mean > 0):
        raise SceneError(
            f"The mean of the object is {mean}; it must be finite and above 0. "
            "Give an image with some light in it."
        )
    deviation = texture / mean - 1
    highest = float(deviation.max())
    if highest > PEAK - 1:
        deviation *= (PEAK - 1) / highest
    return np.asarray(1 + contrast * deviation, dtype=np.float32)


def procedural_object(
    family: str, shape: tuple[int, int], *, seed: int, contrast: float = 1.0
) -> NDArray[np.float32]:
    """Make an object of a family; the seed draws its sizes, places and greys.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    shape : (int, int)
        Rows and columns, at least 32 each.
    seed : int
        The same seed gives the same object.
    contrast : float, default 1
        Factor on the deviations from the mean, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Periodic radiance of mean 1, shape `shape`, float32.

    Raises
    ------
    SceneError
        If there is no such family, or the shape is too small.
    """
    if family not in TEXTURES:
        raise SceneError(f"There is no family {family!r}. Give one of: {', '.join(FAMILIES)}.")
    _check_shape(shape)
    rng = np.random.default_rng([seed, FAMILIES.index(family)])
    return radiance(TEXTURES[family](rng, shape), contrast)


def bundled_object(
    name: str, shape: tuple[int, int], *, contrast: float = 1.0
) -> NDArray[np.float32]:
    """Make an object of an image that scikit-image brings along.

    Parameters
    ----------
    name : str
        One of `BUNDLED`.
    shape : (int, int)
        Rows and columns, at least 32 each.
    contrast : float, default 1
        Factor on the deviations from the mean, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Periodic radiance of mean 1, shape `shape`, float32.

    Raises
    ------
    SceneError
        If there is no such image, or the shape is too small.
    """
    if name not in _BUNDLED_FILES:
        raise SceneError(f"There is no bundled image {name!r}. Give one of: {', '.join(BUNDLED)}.")
    with as_file(files("skimage.data") / _BUNDLED_FILES[name]) as path:
        return image_object(path, shape, contrast=contrast)


def image_object(
    image: str | Path | NDArray[np.number], shape: tuple[int, int], *, contrast: float = 1.0
) -> NDArray[np.float32]:
    """Make an object of any image, one pixel of the image to one of the frame.

    A larger image is cut to its centre, a smaller one continued by reflection; the periodic
    component then closes it at the borders.

    Parameters
    ----------
    image : path or numpy.ndarray
        PNG, JPEG, TIFF or whatever Pillow reads, grey or colour, 8 or 16 bit; or an array of shape
        (rows, cols) or (rows, cols, 3 or 4).
    shape : (int, int)
        Rows and columns of the object, at least 32 each.
    contrast : float, default 1
        Factor on the deviations from the mean, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Periodic radiance of mean 1, shape `shape`, float32.

    Raises
    ------
    SceneError
        If the image cannot be read or is dark everywhere, or the shape is too small.
    """
    _check_shape(shape)
    if isinstance(image, (str, Path)):
        try:
            pixels = read_image(Path(image))
        except (OSError, ValueError) as error:
            raise SceneError(
                f"The image {image} cannot be read: {error}. Give a PNG, JPEG or TIFF file."
            ) from error
    else:
        pixels = luma(np.asarray(image))
    pixels = np.asarray(pixels, dtype=np.float64)
    short = [max(0, n - have) for n, have in zip(shape, pixels.shape, strict=True)]
    pixels = np.pad(pixels, [(s // 2, s - s // 2) for s in short], mode="symmetric")
    top, left = ((have - n) // 2 for n, have in zip(shape, pixels.shape, strict=True))
    cut = pixels[top : top + shape[0], left : left + shape[1]]
    return radiance(periodic_component(cut), contrast)


def periodic_component(image: NDArray[np.floating]) -> NDArray[np.float64]:
    """Take from an image the smooth part that makes its opposite borders differ.

    Parameters
    ----------
    image : numpy.ndarray
        Shape (rows, cols).

    Returns
    -------
    numpy.ndarray
        Image of the same mean and detail whose borders fit one another, float64.

    References
    ----------
    .. [1] L. Moisan, J. Math. Imaging Vis. 39, 161-179 (2011), theorem 1 and algorithm 1.
    """
    image = np.asarray(image, dtype=np.float64)
    jump = np.zeros_like(image)
    jump[0] += image[0] - image[-1]
    jump[-1] -= image[0] - image[-1]
    jump[:, 0] += image[:, 0] - image[:, -1]
    jump[:, -1] -= image[:, 0] - image[:, -1]
    rows, cols = image.shape
    laplacian = (
        2 * np.cos(2 * np.pi * np.fft.fftfreq(rows))[:, None]
        + 2 * np.cos(2 * np.pi * np.fft.rfftfreq(cols))
        - 4
    )
    laplacian[0, 0] = 1
    smooth = spectrum(jump) / laplacian
    smooth[0, 0] = 0
    # The sign is that of a Laplacian with a positive centre.
    return image + inverse_half_plane(smooth, cols)


def _check_shape(shape: tuple[int, int]) -> None:
    if len(shape) != 2 or min(shape) < 32:
        raise SceneError(f"The shape is {shape}; an object has at least 32 rows and 32 columns.")
