"""Which sampling fits a stack: an estimator is right for one of them and off for the others."""

from dataclasses import dataclass

import numpy as np
import pytest

from bluesky_autofocus.evaluation import Sampling, fit_sampling
from bluesky_autofocus.optics.axis import to_y

BINS, STEP_Y = 57, 0.1
POSITIONS = np.linspace(0, 20, 21).tolist()


@dataclass(frozen=True)
class Said:
    probabilities: np.ndarray


class Blind:
    """Every frame is as likely at any distance."""

    def summary(self, frame):
        return Said(np.full(BINS, 1 / BINS))


class Sure:
    """Every frame is in focus."""

    def summary(self, frame):
        return Said(np.eye(BINS)[0])


class Right:
    """The distance from the contrast that `make_stack` has given the plane, and its shape."""

    def __init__(self, shapes):
        self.shapes = shapes

    def summary(self, frame):
        self.shapes.append(frame.shape)
        distance = 40 / max(float(frame.std()), 1e-6)
        place = np.clip(to_y(distance) / STEP_Y, 0, BINS - 1)
        p = np.exp(-0.5 * ((np.arange(BINS) - place) / 1.5) ** 2)
        return Said(p / p.sum())


@pytest.mark.parametrize("right", [0.7, 2.0])
def test_the_one_whose_distances_have_a_focus(make_stack, right):
    stack, shapes = make_stack(POSITIONS, focus=8.3), []
    found = fit_sampling(
        stack,
        lambda q: Right(shapes) if q == right else Sure() if q > 1 else Blind(),
        samplings=[Sampling(q, 1) for q in (1.0, 0.7, 2.0)],
    )
    assert found == Sampling(right, 1)
    assert set(shapes) == {stack.shape}


def test_the_first_where_the_stack_tells_nothing(make_stack):
    stack = make_stack(POSITIONS, focus=8.3)
    assert fit_sampling(stack, lambda q: Blind()) == Sampling(1.0, 1)


def test_frames_are_not_binned_to_less_than_a_tile(make_stack):
    """They have 64 rows."""
    stack, asked = make_stack(POSITIONS, focus=8.3), []
    fit_sampling(stack, lambda q: asked.append(q) or Blind(), samplings=[Sampling(0.3, 2)])
    assert asked == []


def test_binned_frames_are_means_of_blocks():
    frame = np.arange(30, dtype=np.uint16).reshape(5, 6)
    binned = Sampling(0.5, 2).binned(frame)
    assert binned.tolist() == [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5]]
    assert Sampling(0.5, 2).sampling_q == 1.0
    assert Sampling(1.0, 1).binned(frame) is frame
