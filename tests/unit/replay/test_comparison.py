"""Recorded estimates beside those of a replay."""

import numpy as np
import pytest

from bluesky_autofocus.replay import compare_estimates
from bluesky_autofocus.replay.comparison import FIELDS


def fields(**changes):
    said = dict.fromkeys(FIELDS, 0.25)
    said |= {"validity": "good", "condition": "good", "frame_rows": 128}
    said |= {"probabilities": np.linspace(0, 1, 57), "spectrum_power": np.ones(38)}
    return {**said, **changes}


def test_the_same_bits_are_identical():
    found = compare_estimates([fields()] * 3, [fields()] * 3)
    assert found.is_identical
    assert (found.frames, found.identical, found.largest, found.changed) == (3, 3, {}, {})


@pytest.mark.parametrize("field", [f for f in FIELDS if f not in ("validity", "condition")])
def test_the_last_bit_of_any_number_counts(field):
    before = fields()
    value = np.nextafter(np.asarray(before[field], dtype=float), 1000.0)
    found = compare_estimates([before, before], [before, fields(**{field: value})])
    assert not found.is_identical
    assert found.identical == 1
    assert list(found.largest) == [field]
    assert 0 < found.largest[field] < 1e-12


def test_the_largest_difference_is_told_and_text_is_counted():
    now = [fields(sharpness=0.5), fields(sharpness=0.2, validity="uncertain"), fields()]
    found = compare_estimates([fields()] * 3, now)
    assert found.identical == 1
    assert found.largest == {"sharpness": 0.25}
    assert found.changed == {"validity": 1}


def test_not_a_number_is_like_itself_and_like_nothing_else():
    nan = fields(mean_fraction=float("nan"))
    assert compare_estimates([nan], [nan]).is_identical
    assert compare_estimates([fields()], [nan]).largest == {"mean_fraction": float("inf")}


def test_another_shape_is_infinitely_far():
    found = compare_estimates([fields()], [fields(probabilities=np.ones(40))])
    assert found.largest == {"probabilities": float("inf")}


def test_another_number_of_frames_is_an_error():
    with pytest.raises(ValueError):
        compare_estimates([fields()], [])
