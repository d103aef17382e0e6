"""A user's own sharp images, from which scenes are drawn beside the bundled ones."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...imaging import read_image

__all__ = ["OwnImage", "find_own_images", "read_own_images"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
SMALLEST_PX = 256
# Each process that makes examples holds all images.
MOST_PIXELS = 50_000_000


@dataclass(frozen=True)
class OwnImage:
    """An image file and its checksum, so that a training goes on with what it began with.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        Of its content.
    """

    path: Path
    sha256: str


def find_own_images(folder: Path) -> tuple[OwnImage, ...]:
    """Find the images in a folder, and see that they can be drawn from.

    Parameters
    ----------
    folder : Path
        PNG, JPEG or TIFF files, grey or colour, at least 256 pixels each way; other files and
        folders in it are left alone.

    Returns
    -------
    tuple of OwnImage
        In order of their names.

    Raises
    ------
    TrainingError
        If there is no such folder, no image in it, or one that cannot be used.
    """
    if not folder.is_dir():
        raise TrainingError(f"{folder} is not a folder. Give one with sharp images.")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    if not paths:
        raise TrainingError(
            f"{folder} holds no images ({', '.join(SUFFIXES)}). Give a folder with sharp images."
        )
    found = tuple(OwnImage(path, sha256(path.read_bytes()).hexdigest()) for path in paths)
    total = sum(pixels.size for pixels in read_own_images(found))
    if total > MOST_PIXELS:
        raise TrainingError(
            f"The images in {folder} have {total} pixels together, at most {MOST_PIXELS} are "
            "allowed. Take some away, or cut them."
        )
    return found


@lru_cache(maxsize=1)
def read_own_images(images: tuple[OwnImage, ...]) -> tuple[NDArray[np.float32], ...]:
    """Read images of one's own.

    Parameters
    ----------
    images : tuple of OwnImage
        What `find_own_images` found.

    Returns
    -------
    tuple of numpy.ndarray
        Brightness relative to the image's mean, shape (rows, cols).

    Raises
    ------
    TrainingError
        If a file cannot be read, has changed, or shows nothing.
    """
    return tuple(_read(image) for image in images)


def _read(image: OwnImage) -> NDArray[np.float32]:
    try:
        changed = sha256(image.path.read_bytes()).hexdigest() != image.sha256
        pixels = np.asarray(read_image(image.path), dtype=np.float32)
    except (OSError, ValueError, SyntaxError) as error:
        raise TrainingError(
            f"The image {image.path} cannot be read: {error}. Replace it or take it away."
        ) from error
    if changed:
        raise TrainingError(f"The image {image.path} has changed meanwhile. Start again.")
    if min(pixels.shape) < SMALLEST_PX:
        raise TrainingError(
            f"The image {image.path} has shape {pixels.shape}, at least {SMALLEST_PX} pixels each "
            "way are needed. Take it away."
        )
    mean = float(pixels.mean())
    if not (np.isfinite(pixels).all() and mean > 0 and float(np.ptp(pixels)) > 0):
        raise TrainingError(
            f"The image {image.path} shows nothing, or has NaN or infinite pixels. Take it away."
        )
    return (np.maximum(pixels, 0) / mean).astype(np.float32)
