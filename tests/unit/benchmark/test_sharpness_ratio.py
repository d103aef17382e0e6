from math import isnan

import pytest

from bluesky_autofocus.benchmark.sharpness_ratio import sharpness_ratio


def test_known_ratios():
    ratio = sharpness_ratio([[1.0, 1.0, 1.0], [2.0, 1.0, 1.0], [1.5, 1.0, 1.0]])
    assert ratio.all_stacks == 2.0
    assert ratio.same_scene_median == 1.5
    assert ratio.same_scene_worst == 2.0


def test_all_stacks_compare_scenes_with_one_another():
    ratio = sharpness_ratio([[1.0, 1.0], [3.0, 3.0]])
    assert (ratio.all_stacks, ratio.same_scene_worst) == (3.0, 1.0)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan")])
def test_a_peak_that_is_not_above_zero_has_no_ratio(bad):
    assert isnan(sharpness_ratio([[1.0, bad]]).all_stacks)
