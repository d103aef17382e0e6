"""Samples that move along the focus axis while their altitudes are looked for."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.measurement import Condition
from bluesky_autofocus.optics import optics_of_sampling
from bluesky_autofocus.regions import FieldObservation, observe_field
from bluesky_autofocus.search import Move, Window, region_check
from bluesky_autofocus.search.motion_ending import has_moved
from bluesky_autofocus.search.region_check import frame_beside, frame_to_repeat
from bluesky_autofocus.search.region_search import RegionSearch
from bluesky_autofocus.search.sample_motion import (
    REACH_DOF,
    SampleMotion,
    SamplePart,
    sample_motion,
)
from bluesky_autofocus.search.steps import Sample
from bluesky_autofocus.verdict import Outcome, Verdict

SIDE = 512
WINDOW = Window(-25.0, 25.0)
OPTICS = optics_of_sampling(1.0)
LEFT, RIGHT = -4.0, 6.0
STEP = np.where(np.arange(SIDE) < SIDE // 2, LEFT, RIGHT) * np.ones((SIDE, 1))
FLAT = np.zeros((SIDE, SIDE))
HALVES = [np.arange(8) * np.ones((8, 1)) < 4, np.arange(8) * np.ones((8, 1)) >= 4]


@pytest.fixture(scope="module")
def estimator() -> SharpnessEstimator:
    return SharpnessEstimator(OPTICS, full_scale=255)


class Moving:
    """Takes frames of a sample that moves by the same amount before each but the first."""

    def __init__(
        self,
        relief: NDArray[np.floating],
        eye: SharpnessEstimator,
        *,
        drift_dof: float = 0.0,
        shift_px: int = 0,
    ) -> None:
        self.relief, self.eye = relief, eye
        self.drift_dof, self.shift_px, self.taken = drift_dof, shift_px, 0
        self.radiance = procedural_object("grain", (SIDE + 64, SIDE + 64), seed=2)

    @property
    def moved_dof(self) -> float:
        """Where the sample is in the latest frame."""
        return self.drift_dof * (self.taken - 1)

    def __call__(self, position_dof: float) -> FieldObservation:
        self.taken += 1
        shift = self.shift_px * (self.taken - 1)
        wide = np.roll(self.radiance, (shift, shift), (0, 1))
        u = np.asarray(position_dof - self.relief - self.moved_dof, dtype=np.float32)
        image = Renderer(wide, OPTICS, frame_shape=(SIDE, SIDE)).image(u) * np.float32(0.4)
        return observe_field(expose(image, Sensor(bits=8), seed=[3, self.taken]), self.eye)

    def frames(self, places_dof: list[float]) -> list[Sample]:
        """Take some frames."""
        return [Sample(place, self(place)) for place in places_dof]

    def searched(self, search: RegionSearch) -> tuple[Any, Outcome]:
        """Search until there is an outcome."""
        while isinstance(step := search.suggest(), Move):
            assert step.position_dof in search.window
            search = search.ingest(step.position_dof, self(step.position_dof))
            assert self.taken < 30
        return search, step


PLACES = [LEFT + 1.5, LEFT, RIGHT, LEFT + 1.5]
PARTS = [SamplePart(HALVES[0], LEFT, 1), SamplePart(HALVES[1], RIGHT, 2)]


@pytest.mark.parametrize("drift_dof", [0.0, 0.1, -0.3, 0.3, 1.0, -1.0])
def test_the_motion_of_a_sample_is_measured(estimator, drift_dof):
    samples = Moving(STEP, estimator, drift_dof=drift_dof).frames(PLACES)
    # Focus positions as they would be found: where each part was when a frame was nearest to it.
    parts = [replace(part, focus_dof=part.focus_dof + part.frame * drift_dof) for part in PARTS]
    motion = sample_motion(samples, parts)
    assert motion.moved_dof == pytest.approx(3 * drift_dof, abs=0.25)
    if abs(drift_dof) > 0.1:
        assert motion.evidence > 6
    if abs(drift_dof) <= 0.1:
        assert motion.ruled_out > 3


def test_a_motion_to_the_same_blur_on_the_other_side_of_focus_is_measured(estimator):
    places = [LEFT + 1.8, LEFT, LEFT + 1.0, RIGHT, LEFT + 1.8]
    samples = Moving(STEP, estimator, drift_dof=0.9).frames(places)
    parts = [SamplePart(HALVES[0], LEFT + 0.9, 1), SamplePart(HALVES[1], RIGHT + 2.7, 3)]
    motion = sample_motion(samples, parts)
    assert motion.moved_dof == pytest.approx(3.6, abs=0.4)
    assert motion.evidence > 6


def test_a_shift_sideways_is_no_motion_along_the_axis(estimator):
    motion = sample_motion(Moving(STEP, estimator, shift_px=30).frames(PLACES), PARTS)
    assert abs(motion.moved_dof) <= 0.2
    assert motion.ruled_out > 3


def test_frames_far_from_focus_tell_of_no_motion(estimator):
    places = [RIGHT, RIGHT + REACH_DOF + 0.5, LEFT - REACH_DOF - 0.5]
    samples = Moving(STEP, estimator, drift_dof=1.0).frames(places)
    assert sample_motion(samples, PARTS[1:]) == SampleMotion()
    assert sample_motion(samples[:1], PARTS) == SampleMotion()
    assert sample_motion(samples, []) == SampleMotion()


@pytest.mark.parametrize(
    ("relief", "drift_dof"),
    [(STEP, 0.3), (STEP, -0.3), (STEP, -1.0), (FLAT, 1.0)],
    ids=["step 0.3", "step -0.3", "step -1", "flat 1"],
)
def test_a_sample_that_drifts_is_not_in_focus_at_wrong_altitudes(estimator, relief, drift_dof):
    sample = Moving(relief, estimator, drift_dof=drift_dof)
    search, outcome = sample.searched(RegionSearch(window=WINDOW, start_dof=12.0))
    if outcome.verdict is Verdict.IN_FOCUS:
        now = np.unique(relief) + sample.moved_dof
        found = [altitude.focus_dof for altitude in search.seen.altitudes]
        assert found == pytest.approx(now, abs=0.6)


@pytest.mark.parametrize("drift_dof", [0.3, -0.3])
def test_a_drift_is_said_with_what_to_do(estimator, drift_dof):
    sample = Moving(STEP, estimator, drift_dof=drift_dof)
    search, outcome = sample.searched(RegionSearch(window=WINDOW, start_dof=12.0))
    assert outcome.verdict is Verdict.NOT_CONVERGED, outcome
    assert "The sample moved meanwhile, by" in outcome.message
    assert "At most 0.5 is allowed" in outcome.message
    assert "Steady sample and stage" in outcome.message
    assert len(search.seen.altitudes) == 2
    assert replace(search, checks_motion=False, unchecked=None, checks=0).suggest().verdict is (
        Verdict.IN_FOCUS
    )


@pytest.mark.parametrize("shift_px", [0, 30])
def test_a_steady_sample_takes_a_frame_or_two_more(estimator, shift_px):
    sample = Moving(STEP, estimator, shift_px=shift_px)
    search, outcome = sample.searched(RegionSearch(window=WINDOW, start_dof=12.0))
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    # A little beside an altitude, on a side where a motion shows.
    again = search.history[-1].position_dof
    beside = min(abs(again - altitude.focus_dof) for altitude in search.seen.altitudes)
    assert 0.9 <= beside <= 3.1
    assert len(search.known.frames) == len(search.history) - search.checks <= 3 + 2 * 2
    assert search.checks in (1, 2)


def test_what_the_last_frame_shows_in_focus_is_not_taken_again(estimator):
    sample = Moving(FLAT, estimator)
    search, outcome = sample.searched(RegionSearch(window=WINDOW, start_dof=12.0))
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    assert search.unchecked is None
    assert len(search.known.frames) == len(search.history)


def test_frames_that_show_a_steady_sample_spare_the_last_one(estimator):
    steady = Moving(STEP, estimator).frames(PLACES)
    assert frame_to_repeat(steady, PARTS, WINDOW) is None
    assert frame_to_repeat(steady[:3], PARTS, WINDOW) == Move(PLACES[0], "has the sample moved?")


def test_a_frame_taken_again_in_the_dark_tells_nothing(estimator):
    sample = Moving(STEP, estimator)
    search, _ = sample.searched(RegionSearch(window=WINDOW, start_dof=12.0))
    again = search.history[-1]
    blind = replace(again.measurement, condition=Condition.TOO_DARK)
    before = replace(search, history=search.history[:-1], unchecked=None, checks=0)
    once = before.ingest(again.position_dof, blind)
    assert isinstance(other := once.suggest(), Move)
    assert np.sign(other.position_dof - RIGHT) == -np.sign(again.position_dof - RIGHT) or (
        np.sign(other.position_dof - LEFT) == -np.sign(again.position_dof - LEFT)
    )
    outcome = once.ingest(other.position_dof, blind).suggest()
    assert isinstance(outcome, Outcome)
    assert outcome.verdict is Verdict.NOT_CONVERGED
    assert "too dark or saturated" in outcome.message


def test_a_frame_that_does_not_tell_is_followed_by_one_on_the_other_side(estimator, monkeypatch):
    samples = Moving(STEP, estimator).frames([LEFT + 0.5, RIGHT, LEFT + 3.0])
    assert frame_beside(samples, PARTS, WINDOW) is None
    monkeypatch.setattr(region_check, "HARDLY_RULED_OUT", np.inf)
    beside = frame_beside(samples, PARTS, WINDOW)
    assert beside is not None
    assert beside.position_dof == pytest.approx(LEFT - 3.0)
    assert frame_beside(samples, PARTS, Window(LEFT - 2.0, 25.0)) is None
    moved = Moving(STEP, estimator, drift_dof=1.0).frames([LEFT + 0.5, RIGHT, LEFT + 3.0])
    assert has_moved(sample_motion(moved, PARTS))
    assert frame_beside(moved, PARTS, WINDOW) is None


def test_a_frame_elsewhere_is_not_taken_for_the_repeated_one(estimator):
    sample = Moving(STEP, estimator)
    search, _ = sample.searched(RegionSearch(window=WINDOW, start_dof=12.0))
    before = replace(search, history=search.history[:-1], unchecked=None, checks=0)
    assert isinstance(before.suggest(), Move)
    after = before.ingest(RIGHT + 2.0, sample(RIGHT + 2.0))
    assert after.unchecked is None
    assert len(after.known.frames) == len(before.known.frames) + 1
