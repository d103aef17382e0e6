from dataclasses import astuple

import numpy as np
import pytest

from bluesky_autofocus.benchmark.scenes import (
    LIGHTS,
    PURPOSES,
    Scene,
    draw_scenes,
)
from bluesky_autofocus.estimator.families import CALIBRATION, HELD_OUT, TRAINING

SIDE = 128


@pytest.fixture(scope="module")
def specs():
    return draw_scenes(0, "frames", 24, side_px=SIDE)


@pytest.fixture(scope="module")
def scenes(specs):
    return [Scene(spec) for spec in specs[:6]]


def test_held_out_textures_are_not_trained_on(specs):
    families = {spec.family for spec in specs}
    assert families == set(HELD_OUT)
    assert not families & {*TRAINING, *CALIBRATION}
    assert all(sum(s.family == f for s in specs) == 4 for f in families)


def test_every_texture_is_seen_by_both_cameras_and_with_aberrations(specs):
    by_bits = {(s.family, s.sensor.bits) for s in specs}
    assert by_bits == {(family, bits) for family in HELD_OUT for bits in (8, 12)}
    assert {s.family for s in specs if s.aberrations} == set(HELD_OUT)
    assert sum(bool(s.aberrations) for s in specs) == 8


def test_draws_lie_in_their_ranges():
    for spec in draw_scenes(1, "weak", 200, side_px=SIDE, contrast=(0.03, 0.3)):
        assert 0.03 <= spec.contrast <= 0.3
        assert 0.6 <= spec.sampling_q <= 2
        assert 10e3 <= spec.sensor.full_well_e <= 30e3
        assert 2 <= spec.sensor.read_noise_e <= 8
        assert max(spec.shading, spec.vignetting) <= 0.2
        assert np.linalg.norm(astuple(spec.aberrations)) <= 0.03


def test_more_scenes_leave_the_first_ones_as_they_are(specs):
    assert draw_scenes(0, "frames", 3, side_px=SIDE) == specs[:3]
    assert draw_scenes(1, "frames", 3, side_px=SIDE) != specs[:3]


def test_purposes_have_nothing_in_common():
    seeds = [s.seed for p in PURPOSES for s in draw_scenes(0, p, 20, side_px=SIDE)]
    assert len(set(seeds)) == len(seeds)


def test_lights_are_ten_to_three_to_one(scenes):
    for scene in scenes:
        bright, normal, dark = (scene.level(light) for light in LIGHTS)
        assert (bright / dark, normal / dark) == pytest.approx((10, 3))
        assert bright <= 0.8


def test_bright_frames_clip_a_little_at_most(scenes):
    for k, scene in enumerate(scenes):
        frame = scene.expose(scene.image(0.0), scene.level("bright"), k)
        assert np.mean(frame >= scene.spec.sensor.full_scale) < 0.03


def test_frames_are_drawn_again_alike(specs, scenes):
    again = Scene(specs[1])
    first, second = (s.expose(s.image(2.0), 0.3, 7) for s in (scenes[1], again))
    assert first.shape == (SIDE, SIDE)
    assert first.dtype == (np.uint8 if specs[1].sensor.bits == 8 else np.uint16)
    assert (first == second).all()
    assert (first != again.expose(again.image(2.0), 0.3, 8)).any()


def test_defocus_blurs_and_maps_agree_with_numbers(scenes):
    scene = scenes[2]
    sharp, blurred = scene.image(0.0), scene.image(12.0)
    assert blurred.std() < 0.7 * sharp.std()
    everywhere = np.full(scene.shape, 12.0, dtype=np.float32)
    assert scene.image(everywhere) == pytest.approx(blurred, abs=1e-5)


def test_aberrations_show_near_focus_only(specs):
    scene = next(Scene(s) for s in specs if s.aberrations)
    near, far = (np.full(scene.shape, u, dtype=np.float32) for u in (1.0, 11.0))
    assert np.abs(scene.image(1.0) - scene.image(near)).max() > 1e-4
    assert scene.image(11.0) == pytest.approx(scene.image(far), abs=1e-5)
