"""The level at which a recorded camera saturates, from the levels that its planes hold."""

import numpy as np
import pytest

from bluesky_autofocus.evaluation import stack_full_scale

RNG = np.random.default_rng(0)


def planes(bits, shift=0, most=1.0):
    highest = int(most * (2**bits - 1)) + 1
    return [(RNG.integers(0, highest, (40, 50)) << shift).astype(np.uint16) for _ in range(2)]


@pytest.mark.parametrize(
    ("stack", "level"),
    [
        (planes(16), 65535),
        (planes(14), 16383),
        (planes(12), 4095),
        (planes(12, most=0.3), 4095),
        (planes(10), 1023),
        (planes(8), 255),
        (planes(12, shift=4), 65520),
        (planes(12, shift=4, most=0.6), 65520),
        (planes(8, shift=8), 65280),
        ([plane * np.uint16(257) for plane in planes(8)], 65535),
        ([np.zeros((4, 4), np.uint16)], 255),
        ([np.full((4, 4), 7, np.uint8)], 255),
    ],
)
def test_full_scale(stack, level):
    assert stack_full_scale(stack) == level


def test_eight_bit_planes_are_not_loaded():
    def loaded():
        yield np.zeros((2, 2), np.uint8)
        raise AssertionError("a second plane was loaded")

    assert stack_full_scale(loaded()) == 255
