from math import isnan

import numpy as np
import pytest

from bluesky_autofocus.benchmark.guard_frames import FRAMES_OF_SCENE, KINDS, guard_frames
from bluesky_autofocus.benchmark.guards import flagged
from bluesky_autofocus.benchmark.scenes import Scene, draw_scenes

SIDE = 128


@pytest.fixture(scope="module")
def specs():
    return draw_scenes(0, "guards", 3, side_px=SIDE, contrast=(0.1, 1.0))


def levels(spec, frame):
    """Return grey levels above the black level."""
    return float(frame.mean()) - spec.sensor.black_level * spec.sensor.full_scale


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_what_they_are_called(specs, kind):
    for spec in specs:
        shots = list(guard_frames(spec, kind))
        assert len(shots) == FRAMES_OF_SCENE
        full = spec.sensor.full_scale
        for shot in shots:
            assert shot.frame.shape == (SIDE, SIDE)
            assert abs(shot.u_dof) <= 50
            clipped = np.mean(shot.frame >= full)
            if kind == "dark":
                # The noise of a dark frame, cut off at zero, adds some to the mean.
                assert levels(spec, shot.frame) < 3
            elif kind == "saturated":
                assert clipped > 0.1
            elif kind == "good":
                assert clipped < 0.03
                assert levels(spec, shot.frame) > 0.03 * full
            else:
                assert 0.04 * full < levels(spec, shot.frame) < 0.85 * full


def test_blank_frames_show_no_object(specs):
    spec = next(s for s in specs if s.sensor.bits == 12)
    shots = [shot.frame.astype(float) for shot in guard_frames(spec, "blank")]
    # The same object in all of them would tie their fine detail together.
    fine = [np.diff(frame, axis=1).ravel() for frame in shots]
    correlation = np.corrcoef(fine)[np.triu_indices(len(fine), 1)]
    assert np.abs(correlation).max() < 0.05
    taken = [scene_frame(spec, k) for k in range(2)]
    assert np.corrcoef([np.diff(f, axis=1).ravel() for f in taken])[0, 1] > 0.2


def scene_frame(spec, noise):
    scene = Scene(spec)
    return scene.expose(scene.image(0.0), scene.level("bright"), noise).astype(float)


def test_counts_of_bad_frames():
    said = [("no_texture", 0.2), ("good", 30.0), ("uncertain", -30.0), ("no_texture", 3.0)]
    out = flagged(said, bad=True)
    assert out.frames == 4
    assert out.share_flagged == 0.75
    assert (out.wrong.errors, out.wrong.trials) == (1, 4)
    assert out.validity == {"no_texture": 2, "good": 1, "uncertain": 1}
    assert out.share_flagged_by_bin[0] == 1
    assert isnan(out.share_flagged_by_bin[1])
    assert out.share_flagged_by_bin[6] == 0.5


def test_counts_of_good_frames():
    out = flagged([("good", 0.2), ("uncertain", 1.0)], bad=False)
    assert out.share_flagged == 0.5
    assert out.wrong.errors == 1
