import numpy as np
import pytest
import torch

from bluesky_autofocus.estimator.features import SUMMARY_SIZE, summary_features, summary_parts
from bluesky_autofocus.estimator.whole import (
    WHOLE_PLANES,
    WHOLE_RINGS,
    _border_jump,
    reduced_whole,
    whole_spectrum,
)
from bluesky_autofocus.imaging import periodic_component

TAPERED, TAPERED_TYPICAL, PERIODIC, PERIODIC_TYPICAL = range(WHOLE_PLANES)
# Mean of the logarithm of an exponential distribution: what noise has below the log of its mean.
TYPICAL_OF_NOISE = -np.euler_gamma


def spectrum(image):
    return whole_spectrum(torch.from_numpy(np.asarray(image, dtype=np.float32))).numpy()


def test_white_noise_has_its_relative_variance_in_every_ring():
    noise = np.random.default_rng(1).normal(100, 10, (40, 200, 250))
    mean = np.mean([spectrum(image) for image in noise], axis=0)
    for plane, expected in ((TAPERED, 0), (PERIODIC, 0), (TAPERED_TYPICAL, TYPICAL_OF_NOISE)):
        # The first rings have so few modes that the log of their mean lies low, and hold what the
        # polynomial and the borders have lost.
        assert mean[plane, 5:] == pytest.approx(np.log(0.01) + expected, abs=0.25)


@pytest.mark.parametrize("cycles", [2, 7, 20])
def test_a_wave_lies_in_its_ring_alone(cycles):
    x = np.arange(160) / 160
    wave = np.ones((128, 1)) + 0.1 * np.cos(2 * np.pi * cycles * x)
    rings = spectrum(wave)
    # Along the longer side: 160 / 128 times fewer cycles a shorter side.
    expected = round(cycles * 128 / 160) - 1
    assert np.argmax(rings[PERIODIC]) == expected
    assert abs(np.argmax(rings[TAPERED]) - expected) <= 1


def test_uneven_light_is_taken_away():
    y, x = np.linspace(-1, 1, 180)[:, None], np.linspace(-1, 1, 140)
    light = 1 + 0.2 * x - 0.1 * y + 0.15 * x * y - 0.2 * x**2 - 0.1 * y**2
    assert spectrum(light).max() < np.log(1e-8)


def test_what_makes_borders_differ_is_taken_away_as_in_the_simulation():
    image = np.random.default_rng(4).random((130, 171)) + np.linspace(0, 3, 171) ** 2
    ours = torch.fft.rfft2(torch.from_numpy(image)) + _border_jump(torch.from_numpy(image))
    expected = np.fft.rfft2(periodic_component(image))
    assert np.abs(ours.numpy() - expected).max() < 1e-6 * np.abs(expected).max()


def test_light_changes_nothing():
    image = np.random.default_rng(2).normal(100, 5, (128, 128))
    assert spectrum(7 * image) == pytest.approx(spectrum(image), abs=1e-3)


@pytest.mark.parametrize("shape", [(64, 64), (100, 900), (255, 256), (600, 512), (1030, 2000)])
def test_every_frame_is_reduced_to_a_like_size_and_knows_its_own(shape):
    frame = np.random.default_rng(3).integers(90, 110, shape).astype(np.uint8)
    reduced = reduced_whole(torch.from_numpy(frame.astype(np.float32)))
    assert min(reduced.shape) < 256
    assert min(shape) < 256 or min(reduced.shape) >= 128
    features = summary_features(frame)[None]
    parts = summary_parts(features)
    assert features.shape == (1, SUMMARY_SIZE)
    assert parts.whole.shape == (1, WHOLE_PLANES, WHOLE_RINGS)
    # What is left over when blocks are averaged is not seen.
    assert 1024 * float(parts.log_side.exp()) == pytest.approx(min(shape), rel=0.05)
