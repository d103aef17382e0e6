"""Objects to learn from: textures and photographs, mixed, masked and bent in many ways."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from ...imaging import BUNDLED, bundled_object, image_object, procedural_object, radiance
from .synthetic import leaves, random_noise

__all__ = ["draw_object"]

Array = NDArray[np.float32]

IMAGE_SHARE = 0.22
LEAVES_SHARE = 0.22
NOISE_SHARE = 0.12
MIX_SHARE = 0.3
PATCH_SHARE = 0.12
TILT_SHARE = 0.3
BEND_SHARE = 0.3
SOFT_SHARE = 0.05
WEAK_SHARE = 0.22
WEAKEST = 0.01


def draw_object(
    rng: np.random.Generator,
    shape: tuple[int, int],
    families: Sequence[str],
    images: Sequence[str] = (),
    own: Sequence[Array] = (),
) -> Array:
    """Draw an object that the estimator has not met before.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.
    shape : (int, int)
        Rows and columns.
    families : sequence of str
        Families of procedural textures to draw from.
    images : sequence of str, optional
        Names of bundled photographs to draw from; with none, and none of one's own, the textures
        of `synthetic` are left out, too: only the families are shown.
    own : sequence of numpy.ndarray, optional
        A user's own sharp images, drawn as often as the bundled ones.

    Returns
    -------
    numpy.ndarray
        Periodic radiance of mean 1, float32.
    """
    texture = _draw_texture(rng, shape, families, images, own) - 1
    if rng.random() < MIX_SHARE:
        other = _draw_texture(rng, shape, families, images, own) - 1
        other *= texture.std() / max(float(other.std()), 1e-6)
        share = np.float32(rng.uniform(0.15, 0.85))
        texture = share * texture + (1 - share) * other
    if rng.random() < TILT_SHARE:
        texture = _tilted(texture, rng.uniform(-0.5, 0.5))
    if rng.random() < BEND_SHARE:
        texture = _bent(rng, texture)
    if rng.random() < SOFT_SHARE:
        soft = scipy.ndimage.gaussian_filter(texture, rng.uniform(0.3, 0.9), mode="wrap")
        texture = np.asarray(soft, dtype=np.float32)
    if rng.random() < PATCH_SHARE:
        texture = texture * _patches(rng, shape)
    if rng.random() < 0.3:
        texture = -texture
    contrast = rng.uniform(0.25, 1.0)
    if rng.random() < WEAK_SHARE:
        contrast = WEAKEST ** rng.uniform(0, 1)
    lowest = float(texture.min())
    if lowest < -1:
        texture = texture / -lowest
    return radiance(1 + texture, contrast)


def _draw_texture(
    rng: np.random.Generator,
    shape: tuple[int, int],
    families: Sequence[str],
    images: Sequence[str],
    own: Sequence[Array],
) -> Array:
    kind = rng.random() if images or own else 1.0
    if kind < LEAVES_SHARE:
        texture = radiance(leaves(rng, shape) + 1e-3)
    elif kind < LEAVES_SHARE + NOISE_SHARE:
        texture = radiance(random_noise(rng, shape))
    elif kind < LEAVES_SHARE + NOISE_SHARE + IMAGE_SHARE:
        k = int(rng.integers(len(images) + len(own)))
        if k < len(images):
            pixels = _photograph(images[k])
        else:
            pixels = own[k - len(images)]
        # At full size a photograph has lost what its own lens and sensor took from it.
        zoom = rng.uniform(0.35, 0.75)
        blurred = scipy.ndimage.gaussian_filter(pixels, 0.45 * (1 / zoom - 1))
        pixels = np.asarray(scipy.ndimage.zoom(blurred, zoom, order=1))
        top, left = (int(rng.integers(max(1, n - 64))) for n in pixels.shape)
        pixels = np.roll(pixels, (-top, -left), axis=(0, 1))
        texture = image_object(pixels.astype(np.float32), shape)
    else:
        texture = procedural_object(
            str(rng.choice(list(families))), shape, seed=int(rng.integers(2**31))
        )
    if rng.random() < 0.5:
        texture = texture[::-1]
    if shape[0] == shape[1] and rng.random() < 0.5:
        texture = texture.T
    return np.ascontiguousarray(texture)


@lru_cache(maxsize=len(BUNDLED))
def _photograph(name: str) -> Array:
    # Large enough to hold every bundled image whole; smaller ones are mirrored on.
    return bundled_object(name, (1536, 1536))


def _tilted(texture: Array, power: float) -> Array:
    """Tilt the spectrum by a power of frequency; contrast stays."""
    f = np.hypot(np.fft.fftfreq(texture.shape[0])[:, None], np.fft.rfftfreq(texture.shape[1]))
    f[0, 0] = 1
    spectrum = np.asarray(scipy.fft.rfft2(texture)) * f.astype(np.float32) ** np.float32(power)
    filtered = np.asarray(scipy.fft.irfft2(spectrum, s=texture.shape), dtype=np.float32)
    return filtered * np.float32(texture.std() / max(float(filtered.std()), 1e-6))


def _bent(rng: np.random.Generator, texture: Array) -> Array:
    """Bend the grey scale: gamma, or a soft threshold."""
    if rng.random() < 0.5:
        return np.maximum(texture + 1, 0) ** np.float32(rng.uniform(0.4, 2.5)) - 1
    width = np.float32(texture.std() * rng.uniform(0.1, 1.0) + 1e-6)
    middle = np.float32(np.quantile(texture[::8, ::8], rng.uniform(0.2, 0.8)))
    return np.asarray(np.tanh((texture - middle) / width), dtype=np.float32)


def _patches(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Texture in some places and none in others."""
    size = rng.uniform(0.04, 0.2)
    coarse = rng.standard_normal((32, 32))
    smooth = scipy.ndimage.gaussian_filter(coarse, size * 32, mode="wrap")
    smooth = (smooth - np.quantile(smooth, rng.uniform(0.2, 0.7))) / smooth.std()
    zoomed = np.asarray(
        scipy.ndimage.zoom(
            smooth, [n / 32 for n in shape], order=1, mode="grid-wrap", grid_mode=True
        )
    )
    return np.clip(zoomed / rng.uniform(0.02, 0.5), 0, 1).astype(np.float32)
