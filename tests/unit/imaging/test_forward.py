"""The forward model in one call, and the defocus maps that go into it."""

import numpy as np
import pytest

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import (
    Aberrations,
    Illumination,
    Sensor,
    flat,
    procedural_object,
    render_frame,
    terraces,
    tilted,
)
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.30, 0.55, 10, 3.45)
SHAPE = (96, 128)


def test_frame_is_a_pure_function_of_its_arguments() -> None:
    radiance = procedural_object("cells", SHAPE, seed=1)
    before = radiance.copy()
    settings = {
        "illumination": Illumination(0.3, shading=0.2),
        "sensor": Sensor(bits=12, gain=1.5),
        "aberrations": Aberrations(coma_x=0.1),
    }
    first, again = (render_frame(radiance, 1.5, OPTICS, seed=4, **settings) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(radiance, before)
    assert first.dtype == np.uint16
    assert first.mean() / 4095 == pytest.approx(0.3 * 1.5 + 0.01, rel=0.02)


def test_one_number_and_a_flat_map_are_the_same() -> None:
    radiance = procedural_object("fibres", SHAPE, seed=1)
    number = render_frame(radiance, 2.5, OPTICS, seed=1)
    assert np.array_equal(number, render_frame(radiance, flat(SHAPE, 2.5), OPTICS, seed=1))


def test_tilt_has_the_slope_of_its_angle() -> None:
    altitude = tilted(SHAPE, OPTICS, 45.0)
    step_um = np.diff(altitude, axis=1) * OPTICS.depth_of_field_um
    assert np.allclose(step_um, OPTICS.sample_pixel_um, rtol=1e-3)
    assert np.allclose(np.diff(altitude, axis=0), 0)
    assert altitude.mean() == pytest.approx(0, abs=1e-4)
    turned = tilted(SHAPE, OPTICS, 45.0, direction_deg=90)
    assert np.allclose(np.diff(turned, axis=1), 0, atol=1e-4)
    with pytest.raises(SceneError, match="tilt_deg is 90"):
        tilted(SHAPE, OPTICS, 90.0)


def test_terraces_share_the_field() -> None:
    altitude = terraces(SHAPE, (-6.0, 0.0, 9.0), seed=3)
    values, counts = np.unique(altitude, return_counts=True)
    assert values.tolist() == [-6, 0, 9]
    assert counts.min() > 0.2 * altitude.size
    assert not np.array_equal(altitude, terraces(SHAPE, (-6.0, 0.0, 9.0), seed=4))
    with pytest.raises(SceneError, match="levels_dof is empty"):
        terraces(SHAPE, (), seed=1)
