"""Rendering against exact transfer functions, and what a blur must never do."""

import numpy as np
import pytest

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import Renderer, procedural_object, terraces, tilted
from bluesky_autofocus.optics import Optics, defocused_otf, pixel_mtf

OPTICS = Optics(0.30, 0.55, 10, 3.45)
UNDERSAMPLED = Optics(0.45, 0.55, 10, 6.5)


def exact_image(radiance: np.ndarray, optics: Optics, u_dof: float) -> np.ndarray:
    """Blur with the exact transfer function at every frequency, in double precision."""
    fy, fx = np.fft.fftfreq(radiance.shape[0])[:, None], np.fft.fftfreq(radiance.shape[1])
    s = np.hypot(fy, fx) * 4 / optics.sampling_q
    otf = defocused_otf(s, optics.defocus_waves(u_dof)) * pixel_mtf(fy) * pixel_mtf(fx)
    return np.fft.ifft2(np.fft.fft2(radiance.astype(float)) * otf).real


@pytest.mark.parametrize("optics", [OPTICS, UNDERSAMPLED], ids=["q 0.75", "q 2.1"])
@pytest.mark.parametrize("shape", [(128, 192), (97, 130), (130, 97)])
@pytest.mark.parametrize("u_dof", [0.0, -0.6, 3.0, 17.0, 90.0])
def test_image_is_exact(optics: Optics, shape: tuple[int, int], u_dof: float) -> None:
    radiance = np.random.default_rng(1).random(shape).astype(np.float32) * 2
    image = Renderer(radiance, optics).image(u_dof)
    assert image.shape == shape and image.dtype == np.float32
    assert np.abs(image - exact_image(radiance, optics, u_dof)).max() < 5e-5


@pytest.mark.parametrize("u_dof", [0.0, 1.0, 20.0, 300.0])
def test_mean_is_kept_and_light_is_never_negative(u_dof: float) -> None:
    radiance = procedural_object("crystals", (128, 128), seed=2)
    image = Renderer(radiance, OPTICS).image(u_dof)
    assert image.mean() == pytest.approx(radiance.mean(), rel=1e-5)
    # A bright point on black: a ringing kernel would dip below zero beside it.
    point = np.zeros((128, 128), dtype=np.float32)
    point[64, 64] = 1
    spread = Renderer(point, OPTICS).image(u_dof)
    assert spread.sum() == pytest.approx(1, rel=1e-4)
    assert spread.min() > -1e-3 * spread.max()


def test_frame_is_the_centre_of_a_larger_object() -> None:
    radiance = procedural_object("cells", (128, 160), seed=3)
    whole = Renderer(radiance, OPTICS).image(2.0)
    part = Renderer(radiance, OPTICS, frame_shape=(64, 96)).image(2.0)
    assert np.array_equal(part, whole[32:96, 32:128])


def test_terraces_are_blurred_by_their_own_defocus() -> None:
    radiance = procedural_object("noise_medium", (96, 96), seed=4)
    renderer = Renderer(radiance, OPTICS)
    altitude = terraces((96, 96), [-1.0, 4.0], seed=1)
    image = renderer.image(altitude)
    for level in (-1.0, 4.0):
        assert np.array_equal(image[altitude == level], renderer.image(level)[altitude == level])


def test_tilt_is_blended_as_closely_as_seen() -> None:
    radiance = procedural_object("grain", (64, 64), seed=5)
    renderer = Renderer(radiance, OPTICS)
    altitude = tilted((64, 64), OPTICS, 60.0, direction_deg=35.0) + 3.0
    image = renderer.image(altitude)
    some = [(3, 5), (31, 33), (60, 2), (20, 50), (63, 63)]
    direct = np.array([renderer.image(float(altitude[place]))[place] for place in some])
    assert np.ptp(altitude) > 7
    assert np.abs(np.array([image[place] for place in some]) - direct).max() < 4e-3


def test_even_light_stays_even_over_any_map() -> None:
    renderer = Renderer(np.ones((64, 64)), OPTICS)
    for altitude in (terraces((64, 64), [0, 3, 9], seed=2), tilted((64, 64), OPTICS, 70)):
        assert np.allclose(renderer.image(altitude), 1, atol=1e-5)


def test_sharpness_falls_with_distance_as_the_curve_says() -> None:
    point = np.zeros((256, 256), dtype=np.float32)
    point[0, 0] = 1
    renderer = Renderer(point, OPTICS)
    energy = np.array([float((renderer.image(u) ** 2).sum()) for u in (0.0, 0.5, 2.0, 8.0)])
    assert np.allclose(energy / energy[0], OPTICS.curve.energy([0, 0.5, 2, 8]), rtol=0.02)


@pytest.mark.parametrize(
    ("radiance", "said"),
    [
        (np.ones((64, 64, 3)), "must be 2-D"),
        (np.ones((16, 64)), "at least 32"),
        (np.full((64, 64), -1.0), "negative or non-finite"),
        (np.full((64, 64), np.nan), "negative or non-finite"),
    ],
)
def test_bad_object_is_refused(radiance: np.ndarray, said: str) -> None:
    with pytest.raises(SceneError, match=said):
        Renderer(radiance, OPTICS)


def test_bad_defocus_and_frame_are_refused() -> None:
    renderer = Renderer(np.ones((64, 64)), OPTICS)
    with pytest.raises(SceneError, match="not finite"):
        renderer.image(float("nan"))
    with pytest.raises(SceneError, match=r"\(32, 64\) and the frame \(64, 64\)"):
        renderer.image(np.zeros((32, 64)))
    with pytest.raises(SceneError, match="does not fit"):
        Renderer(np.ones((64, 64)), OPTICS, frame_shape=(65, 64))
