"""Aberrated transfer functions against the ideal one and against theory."""

import numpy as np
import pytest

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import Aberrations, Renderer, aberrated_otf
from bluesky_autofocus.optics import Optics, defocused_otf

OPTICS = Optics(0.30, 0.55, 10, 3.45)


@pytest.mark.parametrize("q", [0.75, 1.0, 2.4])
@pytest.mark.parametrize("shape", [(128, 128), (96, 150)])
@pytest.mark.parametrize("waves", [0.0, 0.7, 5.0, 12.0])
def test_without_aberrations_it_is_the_ideal_one(
    q: float, shape: tuple[int, int], waves: float
) -> None:
    otf = aberrated_otf(shape, q, waves, Aberrations())
    assert otf is not None
    s = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])) * 4 / q
    assert np.abs(otf - defocused_otf(s, waves)).max() < 4e-3


@pytest.mark.parametrize("name", list(Aberrations.__dataclass_fields__))
def test_coefficients_are_root_mean_square_waves(name: str) -> None:
    x, y = np.meshgrid(np.linspace(-1, 1, 801), np.linspace(-1, 1, 801))
    inside = np.hypot(x, y) <= 1
    error = Aberrations(**{name: 0.5}).wavefront(x, y)[inside]
    assert error.std() == pytest.approx(0.5, rel=0.01)
    assert error.mean() == pytest.approx(0, abs=0.01)


def test_small_aberration_lowers_the_peak_as_marechal_says() -> None:
    point = np.zeros((128, 128), dtype=np.float32)
    point[64, 64] = 1
    ideal = Renderer(point, OPTICS).image(0.0).max()
    aberrated = Renderer(point, OPTICS, aberrations=Aberrations(spherical=0.05)).image(0.0).max()
    # The pixel averages over the core, so the Strehl ratio is met only about.
    assert aberrated / ideal == pytest.approx(np.exp(-((2 * np.pi * 0.05) ** 2)), abs=0.03)


def test_spherical_aberration_tells_the_sides_of_focus_apart() -> None:
    point = np.zeros((128, 128), dtype=np.float32)
    point[64, 64] = 1
    ideal = Renderer(point, OPTICS)
    assert np.array_equal(ideal.image(2.0), ideal.image(-2.0))
    renderer = Renderer(point, OPTICS, aberrations=Aberrations(spherical=0.1))
    before, behind = renderer.image(-2.0), renderer.image(2.0)
    assert np.abs(before - behind).max() > 0.3 * before.max()
    assert before.sum() == pytest.approx(behind.sum(), rel=1e-4)


def test_beyond_any_pupil_grid_defocus_alone_is_rendered() -> None:
    assert aberrated_otf((1024, 1024), 0.75, 500.0, Aberrations(spherical=0.1)) is None
    radiance = np.random.default_rng(0).random((64, 64))
    aberrated = Renderer(radiance, OPTICS, aberrations=Aberrations(spherical=0.1))
    assert np.array_equal(aberrated.image(2000.0), Renderer(radiance, OPTICS).image(2000.0))


@pytest.mark.parametrize("value", [float("nan"), 2.5, -3.0])
def test_absurd_coefficients_are_refused(value: float) -> None:
    with pytest.raises(SceneError, match="coma_x is .* waves; it must lie within ±2"):
        Aberrations(coma_x=value)
