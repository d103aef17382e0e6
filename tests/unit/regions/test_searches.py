"""Searches over rendered fields: altitudes, a tilt, nothing at all, bad frames."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.errors import SearchError, WindowError
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.measurement import Measurement
from bluesky_autofocus.optics import optics_of_sampling
from bluesky_autofocus.regions import UNKNOWN, observe_field, picker, seen_in_focus
from bluesky_autofocus.search import Move, Window, region_ending, region_search
from bluesky_autofocus.search.region_search import RegionSearch
from bluesky_autofocus.search.tilt_search import TiltSearch
from bluesky_autofocus.verdict import Outcome, Verdict

SIDE = 512
WINDOW = Window(-25.0, 25.0)
LEFT, RIGHT = -4.0, 6.0
OPTICS = optics_of_sampling(1.0)
STEP = np.where(np.arange(SIDE) < SIDE // 2, LEFT, RIGHT).astype(np.float32) * np.ones((SIDE, 1))


@pytest.fixture(scope="module")
def estimator() -> SharpnessEstimator:
    return SharpnessEstimator(OPTICS, full_scale=255)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    radiance = procedural_object("grain", (SIDE + 64, SIDE + 64), seed=2)
    return Renderer(radiance, OPTICS, frame_shape=(SIDE, SIDE))


def taker(renderer: Renderer, focus: NDArray[np.floating] | float, light: float = 0.4) -> Callable:
    """Return what takes a frame at a stage position."""
    count = iter(range(1000))

    def take(position_dof: float) -> NDArray[np.unsignedinteger]:
        u = np.float32(position_dof) - np.asarray(focus, dtype=np.float32)
        image = renderer.image(float(u) if u.ndim == 0 else u)
        return expose(image * np.float32(light), Sensor(bits=8), seed=[3, next(count)])

    return take


def run(search: Any, take: Callable, estimator: SharpnessEstimator) -> tuple[Any, Outcome]:
    """Search until there is an outcome; no suggestion leaves the window."""
    while isinstance(step := search.suggest(), Move):
        assert step.position_dof in search.window
        search = search.ingest(step.position_dof, observe_field(take(step.position_dof), estimator))
        assert len(search.history) < 30
    return search, step


def test_both_altitudes_of_a_step_are_found(renderer, estimator):
    search, outcome = run(
        RegionSearch(window=WINDOW, start_dof=12.0), taker(renderer, STEP), estimator
    )
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    assert [a.focus_dof for a in search.seen.altitudes] == pytest.approx([LEFT, RIGHT], abs=0.25)
    labels = search.seen.labels
    assert (labels[:, :4] == 0).mean() >= 0.9
    assert (labels[:, 4:] == 1).mean() > 0.9
    assert len(search.history) <= 3 + 2 * 2


def test_altitudes_that_were_not_all_seen_are_no_success(renderer, estimator, monkeypatch):
    take = taker(renderer, STEP)
    search, outcome = run(RegionSearch(window=WINDOW, start_dof=12.0), take, estimator)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert search.undecided_fraction < 0.08
    only_right = RegionSearch(window=WINDOW, start_dof=RIGHT)
    for place in (RIGHT, RIGHT + 1, RIGHT + 2):
        only_right = only_right.ingest(place, observe_field(take(place), estimator))
    assert only_right.undecided_fraction > 0.08
    # The same frames, were less of the field allowed to be left over than is.
    monkeypatch.setattr(region_ending, "MOST_UNDECIDED", -1.0)
    outcome = replace(search, unchecked=None, checks=0).suggest()
    assert isinstance(outcome, Outcome)
    assert outcome.verdict is Verdict.NOT_CONVERGED
    assert "was not seen in focus" in outcome.detail


def test_cells_that_are_blurred_where_their_altitude_is_in_focus_have_not_been_seen(
    renderer, estimator
):
    take = taker(renderer, STEP)
    search, _ = run(RegionSearch(window=WINDOW, start_dof=12.0), take, estimator)
    (left, _), labels = search.seen.altitudes, search.seen.labels
    wrong = replace(search.field, labels=np.zeros_like(labels), altitudes=(left,))
    seen = seen_in_focus(search.known, wrong)
    assert len(seen.altitudes) == 1
    assert (seen.labels[:, :4] == 0).mean() > 0.9
    assert (seen.labels[:, 5:] == UNKNOWN).all()


@pytest.mark.parametrize("all_over", [True, False])
def test_a_part_is_called_blank_only_where_all_of_the_window_was_looked_at(
    renderer, estimator, monkeypatch, all_over
):
    count = iter(range(1000))

    def half_blank(position_dof: float) -> NDArray[np.unsignedinteger]:
        image = renderer.image(float(position_dof) - LEFT)
        image[:, SIDE // 2 :] = image.mean()
        return expose(image * np.float32(0.4), Sensor(bits=8), seed=[7, next(count)])

    if not all_over:
        # With so many frames a part of the window is left.
        monkeypatch.setattr(region_search, "EXTRA", 0)
    search, outcome = run(RegionSearch(window=WINDOW, start_dof=12.0), half_blank, estimator)
    assert [a.focus_dof for a in search.seen.altitudes] == pytest.approx([LEFT], abs=0.25)
    if all_over:
        assert outcome.verdict is Verdict.IN_FOCUS, outcome
    else:
        assert outcome.verdict is Verdict.NOT_CONVERGED, outcome
        assert "may be blank, or be in focus where no frame was taken" in outcome.detail


def test_the_altitude_that_is_picked_ends_the_search(renderer, estimator):
    pick = picker((256, 40))
    search, outcome = run(
        RegionSearch(window=WINDOW, start_dof=12.0, pick=pick), taker(renderer, STEP), estimator
    )
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    assert outcome.position_dof == pytest.approx(LEFT, abs=0.25)


def test_a_flat_sample_has_one_altitude(renderer, estimator):
    search, outcome = run(
        RegionSearch(window=WINDOW, start_dof=-9.0), taker(renderer, 3.0), estimator
    )
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    assert [a.focus_dof for a in search.seen.altitudes] == pytest.approx([3.0], abs=0.25)
    assert outcome.message.startswith("One altitude")


def test_the_side_on_which_an_altitude_lies_beyond_the_window_is_said(renderer, estimator):
    search, outcome = run(
        RegionSearch(window=Window(-12.0, 4.0), start_dof=0.0), taker(renderer, STEP), estimator
    )
    assert outcome.verdict in (Verdict.OUT_OF_RANGE, Verdict.NOT_CONVERGED), outcome
    assert [a.focus_dof for a in search.seen.altitudes] == pytest.approx([LEFT], abs=0.25)


def test_a_small_window_is_looked_at_all_over(renderer, estimator):
    place = np.linspace(-6, 6, SIDE) * np.ones((SIDE, 1))
    search = RegionSearch(window=Window(-10.0, 1.0), start_dof=-5.0)
    search, outcome = run(search, taker(renderer, place), estimator)
    taken = [sample.position_dof for sample in search.history]
    assert np.ptp(taken) > 5.0
    assert outcome.verdict is not Verdict.NO_TEXTURE, outcome


@pytest.mark.parametrize("kind", [RegionSearch, TiltSearch])
def test_an_empty_field_has_no_altitude(estimator, kind):
    flat = Renderer(np.ones((SIDE, SIDE), dtype=np.float32), OPTICS)
    _, outcome = run(kind(window=WINDOW, start_dof=0.0), taker(flat, 0.0), estimator)
    assert outcome.verdict in (Verdict.NO_TEXTURE, Verdict.NOT_CONVERGED), outcome
    assert outcome.position_dof is None


@pytest.mark.parametrize("kind", [RegionSearch, TiltSearch])
def test_light_that_spoils_all_frames_is_the_verdict(renderer, estimator, kind):
    _, outcome = run(kind(window=WINDOW, start_dof=0.0), taker(renderer, 0.0, 0.004), estimator)
    assert outcome.verdict is Verdict.TOO_DARK, outcome


def test_a_tilt_is_measured_with_four_frames(renderer, estimator):
    place = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    focus = 1.0 + 3.0 * place[:, None] - 1.5 * place
    search, outcome = run(
        TiltSearch(window=WINDOW, start_dof=2.0), taker(renderer, focus), estimator
    )
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    plane = search.plane
    assert plane.row_slope_dof == pytest.approx(3.0, abs=0.2)
    assert plane.column_slope_dof == pytest.approx(-1.5, abs=0.2)
    assert plane.centre_dof == pytest.approx(1.0, abs=0.15)
    assert max(plane.slope_std_dof) < 0.2
    assert len(search.history) == 4


def test_steps_are_not_called_a_tilt(renderer, estimator):
    _, outcome = run(TiltSearch(window=WINDOW, start_dof=2.0), taker(renderer, STEP), estimator)
    assert outcome.verdict is Verdict.NOT_CONVERGED, outcome
    assert "altitudes rather than a tilt" in outcome.message


@pytest.mark.parametrize("kind", [RegionSearch, TiltSearch])
def test_what_is_no_field_is_refused(kind):
    search = kind(window=WINDOW, start_dof=0.0)
    with pytest.raises(SearchError, match="FieldObservation"):
        search.ingest(0.0, Measurement(1.0))
    with pytest.raises(WindowError, match="outside the window"):
        kind(window=WINDOW, start_dof=99.0)


def test_frames_of_another_shape_are_refused(renderer, estimator):
    take = taker(renderer, 0.0)
    search = RegionSearch(window=WINDOW, start_dof=0.0)
    search = search.ingest(0.0, observe_field(take(0.0), estimator))
    with pytest.raises(SearchError, match="Keep region and binning"):
        search.ingest(1.0, observe_field(take(1.0)[:256], estimator))
