"""What cameras and their software do to an image between the light and the file."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image

from ...imaging import Sensor, expose

__all__ = ["Camera", "draw_camera"]

BILINEAR = np.array([[0.25, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.25]], dtype=np.float32)
GREEN = np.array([[0, 0.25, 0], [0.25, 1.0, 0.25], [0, 0.25, 0]], dtype=np.float32)
DARKEST = 0.03
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Camera:
    """A sensor and what follows it.

    Parameters
    ----------
    sensor : Sensor
        Noise, gain, bits.
    pattern : float
        Relative unevenness of the pixels, standard deviation.
    gamma : float
        Exponent of the grey scale, 1 for a linear one.
    demosaiced : bool
        Whether the frame comes from a colour sensor.
    denoised_px : float
        Standard deviation of a Gaussian that smooths noise, 0 for none.
    sharpened : float
        Strength of an unsharp mask, 0 for none.
    sharpening_radius_px : float
        Its Gaussian's standard deviation.
    jpeg_quality : int
        0 for none.
    """

    sensor: Sensor
    pattern: float = 0.0
    gamma: float = 1.0
    demosaiced: bool = False
    denoised_px: float = 0.0
    sharpened: float = 0.0
    sharpening_radius_px: float = 1.0
    jpeg_quality: int = 0

    def frame(self, light: NDArray[np.float32], seed: int) -> NDArray[np.unsignedinteger]:
        """Take a frame.

        Parameters
        ----------
        light : numpy.ndarray
            Fraction of full well at each pixel, shape (rows, cols).
        seed : int
            Of the noise; the unevenness of the pixels is the same for all seeds.

        Returns
        -------
        numpy.ndarray
            Shape (rows, cols), uint8 or uint16.
        """
        if self.pattern:
            uneven = np.random.default_rng(1).standard_normal(light.shape, dtype=np.float32)
            light = np.asarray(light * (1 + np.float32(self.pattern) * uneven), dtype=np.float32)
        frame = expose(light, self.sensor, seed=seed)
        processed = self.demosaiced or self.denoised_px or self.sharpened or self.jpeg_quality
        if not processed and self.gamma == 1:
            return frame
        image = np.asarray(frame, dtype=np.float32)
        full = self.sensor.full_scale
        if self.demosaiced:
            image = _demosaiced(image)
        if self.denoised_px:
            image = scipy.ndimage.gaussian_filter(image, self.denoised_px, mode="nearest")
        if self.sharpened:
            soft = scipy.ndimage.gaussian_filter(image, self.sharpening_radius_px, mode="nearest")
            image += np.float32(self.sharpened) * (image - soft)
        if self.gamma != 1:
            share = np.maximum(image, 0) / np.float32(full)
            image = np.float32(full) * np.asarray(share ** np.float32(self.gamma), np.float32)
        if self.jpeg_quality:
            eight = np.clip(np.rint(image * (255 / full)), 0, 255).astype(np.uint8)
            buffer = BytesIO()
            Image.fromarray(eight).save(buffer, "JPEG", quality=self.jpeg_quality)
            with Image.open(buffer) as read:
                return np.asarray(read)
        return np.clip(np.rint(image), 0, full).astype(frame.dtype)


def draw_camera(rng: np.random.Generator, level: float) -> Camera:
    """Draw a camera: most are plain, some are a colour or a consumer's camera.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.
    level : float
        Mean light as a fraction of full well; the gain is such that the frame is rarely black.

    Returns
    -------
    Camera
        The camera.
    """
    rough = rng.random() < 0.35
    gain = float(np.exp(rng.uniform(np.log(0.1), np.log(1.6)))) if rng.random() < 0.6 else 1.0
    bits = 8 if rough else int(rng.choice([8, 10, 12, 14, 16]))
    return Camera(
        Sensor(
            bits=bits,
            gain=max(gain, DARKEST / level),
            full_well_e=float(np.exp(rng.uniform(np.log(2e3), np.log(5e4)))),
            read_noise_e=float(rng.uniform(1, 15)),
            black_level=float(rng.choice([0.0, 0.01, 0.01, 0.02, 0.04])),
        ),
        pattern=float(rng.uniform(0.001, 0.01)) if rng.random() < 0.2 else 0.0,
        gamma=float(rng.uniform(0.4, 1.0)) if rough and rng.random() < 0.5 else 1.0,
        demosaiced=bool(rough and rng.random() < 0.4),
        denoised_px=float(rng.uniform(0.3, 0.8)) if rough and rng.random() < 0.3 else 0.0,
        sharpened=float(rng.uniform(0.3, 1.5)) if rough and rng.random() < 0.4 else 0.0,
        sharpening_radius_px=float(rng.uniform(0.6, 2.0)),
        jpeg_quality=int(rng.integers(40, 96)) if rough and rng.random() < 0.6 else 0,
    )


def _demosaiced(mosaic: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear demosaic of an RGGB sensor in white light, as luma."""
    total = np.zeros_like(mosaic)
    sites = (((0, 0),), ((0, 1), (1, 0)), ((1, 1),))
    for places, share, kernel in zip(sites, LUMA, (BILINEAR, GREEN, BILINEAR), strict=True):
        plane = np.zeros_like(mosaic)
        for row, col in places:
            plane[row::2, col::2] = mosaic[row::2, col::2]
        total += np.float32(share) * scipy.ndimage.convolve(plane, kernel, mode="mirror")
    return total
