"""What a recording of focal stacks refuses before anything starts."""

import numpy as np
import pytest

from bluesky_autofocus.cli.study.acquire_request import DEFAULT_SCENES, AcquireRequest
from bluesky_autofocus.errors import SceneError, StudyError
from bluesky_autofocus.estimator import TRAINING
from bluesky_autofocus.imaging import BUNDLED

GIVEN = {"study": None, "scenes": None, "planes": 31, "size": 256, "lights": None, "seed": 0}


def checked(**changed):
    return AcquireRequest.checked(**{**GIVEN, **changed})


def test_defaults_are_nine_flat_samples_that_nothing_was_trained_on_in_three_lights():
    request = checked()
    assert request.study.startswith("simulated-")
    assert len(set(request.scenes) - {"terraces"}) == 9
    assert not set(DEFAULT_SCENES) & {*TRAINING, *BUNDLED}
    assert list(request.lights) == ["bright", "normal", "dark"]


def test_positions_are_one_in_focus_and_as_many_on_either_side():
    offsets = checked(planes=9).offsets_dof
    assert offsets[4] == pytest.approx(0.0, abs=1e-9)
    assert offsets == pytest.approx(-offsets[::-1])
    assert (np.diff(offsets) > 0).all() and offsets[-1] == pytest.approx(48.0)


def test_lights_are_names_with_factors():
    assert checked(lights=["lamp=2", "dim=0.25"]).lights == {"lamp": 2.0, "dim": 0.25}


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"scenes": "grain,sand"}, SceneError, "no scene 'sand'"),
        ({"planes": 8}, StudyError, "odd number from 7 to 199"),
        ({"planes": 5}, StudyError, "odd number from 7 to 199"),
        ({"planes": 201}, StudyError, "odd number from 7 to 199"),
        ({"size": 63}, StudyError, "64 to 4096"),
        ({"seed": -1}, SceneError, "negative"),
        ({"study": ""}, StudyError, "--study is empty"),
        ({"lights": ["dark"]}, StudyError, "--light dark is no light"),
        ({"lights": ["=1"]}, StudyError, "--light =1 is no light"),
        ({"lights": ["dark=0"]}, StudyError, "--light dark=0 is no light"),
        ({"lights": ["dark=nan"]}, StudyError, "--light dark=nan is no light"),
    ],
)
def test_bad_options_are_named_with_their_limit(changed, error, said):
    with pytest.raises(error, match=said):
        checked(**changed)
