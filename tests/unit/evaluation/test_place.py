"""Inside a stack, at its end, or beyond it."""

import pytest

from bluesky_autofocus.evaluation import Place, place_in_stack

Z = [0.0, 1, 2, 4, 6, 10]


@pytest.mark.parametrize(
    ("focus", "std", "place"),
    [
        (3.0, 0.0, Place.INSIDE),
        (0.6, 0.0, Place.INSIDE),
        (0.4, 0.0, Place.LOW_END),
        (-0.4, 0.0, Place.LOW_END),
        (-0.6, 0.0, Place.BEYOND_LOW_END),
        (-0.6, 0.8, Place.LOW_END),
        (0.6, 0.8, Place.LOW_END),
        (8.5, 0.0, Place.HIGH_END),
        (11.5, 0.0, Place.HIGH_END),
        (12.5, 0.0, Place.BEYOND_HIGH_END),
        (5.0, 100.0, Place.INSIDE),
        (0.0, 0.0, Place.LOW_END),
        (10.0, 0.0, Place.HIGH_END),
    ],
)
def test_place(focus, std, place):
    assert place_in_stack(focus, Z, std) is place


def test_is_said_in_words():
    assert Place.BEYOND_LOW_END.said == "beyond low end"
