import numpy as np
import pytest

from bluesky_autofocus.belief import frame_spectrum
from bluesky_autofocus.errors import FrameError
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.3, 0.5, 10.0, 4.0)
SENSOR = Sensor(bits=12)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(procedural_object("grain", (512, 512), seed=3), OPTICS)


@pytest.mark.parametrize("shape", [(64, 64), (300, 512), (768, 640), (1024, 1100)])
def test_white_noise_has_its_variance_in_every_band(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).normal(1000.0, 50.0, shape)
    spectrum = frame_spectrum(noise)
    expected = (50 / 1000) ** 2
    error = 5 / np.sqrt(spectrum.layout.modes)
    assert np.all(np.abs(spectrum.power / expected - 1) < error + 0.05)
    assert spectrum.noise == pytest.approx(expected, rel=0.25)
    assert not spectrum.has_signal


def test_bands_follow_one_another_without_gaps() -> None:
    layout = frame_spectrum(np.ones((768, 1024))).layout
    assert layout.reduction == 2
    np.testing.assert_allclose(layout.low_per_px[1:], layout.high_per_px[:-1])
    assert layout.modes.min() > 0


def test_more_light_changes_nothing() -> None:
    frame = np.random.default_rng(1).uniform(10, 20, (128, 128))
    np.testing.assert_allclose(
        frame_spectrum(frame * 12).power, frame_spectrum(frame).power, rtol=1e-4
    )


def test_a_sinusoid_is_found_in_its_band() -> None:
    x = np.arange(512)
    frame = 100 + 20 * np.sin(2 * np.pi * 0.11 * x)[None, :] * np.ones((512, 1))
    spectrum = frame_spectrum(frame)
    top = int(np.argmax(spectrum.power))
    assert spectrum.layout.low_per_px[top] <= 0.11 <= spectrum.layout.high_per_px[top]


def test_high_frequencies_of_a_large_frame_come_from_its_tiles() -> None:
    white = np.random.default_rng(2).normal(0, 1, (2048, 2048))
    across = np.fft.rfft(white, axis=1)
    f = np.fft.rfftfreq(2048)
    across[:, (f < 0.25) | (f > 0.35)] = 0
    frame = np.fft.irfft(across, axis=1) * 40 + 1000
    spectrum = frame_spectrum(frame.astype(np.uint16))
    top = int(np.argmax(spectrum.power))
    assert 0.24 < spectrum.layout.low_per_px[top] < 0.36


def test_noise_of_a_blurred_frame_is_found(renderer: Renderer) -> None:
    light = renderer.image(40.0) * np.float32(0.4)
    blurred = frame_spectrum(expose(light, SENSOR, seed=1))
    even = np.full_like(light, light.mean())
    empty = frame_spectrum(expose(even, SENSOR, seed=2))
    assert blurred.noise == pytest.approx(empty.noise, rel=0.1)
    assert blurred.has_signal
    assert not empty.has_signal


@pytest.mark.parametrize("shape", [(63, 200), (200,), (100, 100, 3)])
def test_what_is_no_frame_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FrameError, match="at least 64"):
        frame_spectrum(np.ones(shape))
