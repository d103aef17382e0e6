"""Textures without outlines: noise of several spectra, speckle, phase-separated blobs."""

import numpy as np

from .canvas import Array, coverage, filtered_noise, frequency, smoothed

__all__ = ["blobs", "noise_band", "noise_coarse", "noise_fine", "noise_medium", "speckle"]


def _power_law(rng: np.random.Generator, shape: tuple[int, int], slope: float) -> Array:
    f = frequency(shape)
    noise = filtered_noise(rng, shape, np.maximum(f, 1 / 256) ** -slope)
    return np.clip(0.5 + 0.16 * noise, 0, 1)


def noise_fine(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Nearly white noise: etched or sintered surfaces."""
    return _power_law(rng, shape, rng.uniform(0.2, 0.6))


def noise_medium(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Noise whose amplitude falls as 1/f, as in most natural images."""
    return _power_law(rng, shape, rng.uniform(0.9, 1.2))


def noise_coarse(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Clouds: little fine detail."""
    return _power_law(rng, shape, rng.uniform(1.5, 1.9))


def noise_band(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Structure of one size: polishing marks, orange peel."""
    centre = 1 / np.exp(rng.uniform(np.log(8), np.log(24)))
    response = np.exp(-0.5 * (np.log(np.maximum(frequency(shape), 1e-6) / centre) / 0.25) ** 2)
    return np.clip(0.5 + 0.16 * filtered_noise(rng, shape, response), 0, 1)


def speckle(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Fully developed speckle: the intensity of filtered complex noise."""
    sigma = rng.uniform(1.2, 3.0)
    field = sum(smoothed(rng.standard_normal(shape), sigma) ** 2 for _ in range(2))
    return np.minimum(np.asarray(field) / np.quantile(field, 0.995), 1.0)


def blobs(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Two phases with a sharp border, as in alloys and polymer blends."""
    centre = 1 / np.exp(rng.uniform(np.log(20), np.log(60)))
    response = np.exp(-0.5 * (np.log(np.maximum(frequency(shape), 1e-6) / centre) / 0.35) ** 2)
    noise = filtered_noise(rng, shape, response)
    steepness = 0.5 / (2 * np.pi * centre)
    phase = coverage((rng.uniform(-0.4, 0.4) - noise) * steepness * 2)
    return 0.25 + 0.5 * phase + 0.03 * filtered_noise(rng, shape, np.ones_like(response))
