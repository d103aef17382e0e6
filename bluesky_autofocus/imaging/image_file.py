"""Image files as grey arrays: colour becomes luma, 8 and 16 bit stay what they are."""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

__all__ = ["luma", "read_image"]

REC_601 = np.array([0.299, 0.587, 0.114])


def luma(pixels: NDArray[np.number]) -> NDArray[np.number]:
    """Turn colour into brightness, ``0.299 R + 0.587 G + 0.114 B`` [1]_; grey stays as it is.

    Parameters
    ----------
    pixels : numpy.ndarray
        Shape (rows, cols), or (rows, cols, 1 to 4); the second or fourth channel is opacity.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols), same dtype, rounded where that is an integer.

    Raises
    ------
    ValueError
        If the array is neither.

    References
    ----------
    .. [1] Recommendation ITU-R BT.601-7, section 2.5.1.
    """
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    if pixels.ndim == 2:
        return pixels
    if pixels.ndim == 3 and pixels.shape[2] in (1, 2):
        return pixels[..., 0]
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):
        grey = pixels[..., :3] @ REC_601
        if np.issubdtype(pixels.dtype, np.integer):
            grey = np.rint(grey)
        return grey.astype(pixels.dtype)
    raise ValueError(f"shape {pixels.shape} is neither a grey nor a colour image")


def read_image(path: Path) -> NDArray[np.number]:
    """Read an image file as one grey plane.

    Parameters
    ----------
    path : pathlib.Path
        TIFF, or anything that Pillow reads.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols), in the dtype of the file.

    Raises
    ------
    OSError
        If the file is missing or no image.
    ValueError
        If it holds more than one image plane.
    """
    if path.suffix.lower() in (".tif", ".tiff"):
        return luma(tifffile.imread(path))
    with Image.open(path) as image:
        if image.mode in ("P", "CMYK", "YCbCr", "LAB", "HSV"):
            return luma(np.asarray(image.convert("RGB")))
        return luma(np.asarray(image))
