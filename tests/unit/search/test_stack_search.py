"""Searches for the planes of a focal stack, over rendered fields."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.errors import SearchError, WindowError
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.fusion import fuse_stack
from bluesky_autofocus.imaging import Renderer, Sensor, cap, expose, procedural_object
from bluesky_autofocus.optics import optics_of_sampling
from bluesky_autofocus.regions import Relief, observe_field
from bluesky_autofocus.search import Move, Window, stack_search
from bluesky_autofocus.search.stack_check import relief_parts
from bluesky_autofocus.search.stack_search import StackSearch
from bluesky_autofocus.verdict import Outcome, Side, Verdict

SIDE = 512
WINDOW = Window(-30.0, 30.0)
OPTICS = optics_of_sampling(1.0)
STEP = np.where(np.arange(SIDE) < SIDE // 2, -12.0, 8.0) * np.ones((SIDE, 1))


@pytest.fixture(scope="module")
def estimator() -> SharpnessEstimator:
    return SharpnessEstimator(OPTICS, full_scale=255)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    radiance = procedural_object("grain", (SIDE + 64, SIDE + 64), seed=2)
    return Renderer(radiance, OPTICS, frame_shape=(SIDE, SIDE))


def stacked(
    search: StackSearch,
    renderer: Renderer,
    focus: NDArray[np.floating] | float,
    eye: SharpnessEstimator,
    light: float = 0.4,
) -> tuple[StackSearch, Outcome, list[NDArray[Any]]]:
    """Search until there is an outcome; no suggestion leaves the window."""
    frames: list[NDArray[Any]] = []
    relief = np.broadcast_to(np.asarray(focus, dtype=np.float32), (SIDE, SIDE))
    while isinstance(step := search.suggest(), Move):
        assert step.position_dof in search.window
        image = renderer.image(np.float32(step.position_dof) - relief) * np.float32(light)
        frames.append(expose(image, Sensor(bits=8), seed=[5, len(frames)]))
        search = search.ingest(step.position_dof, observe_field(frames[-1], eye))
        assert len(search.history) < 60
    return search, step, frames


def planes_of(search: StackSearch) -> NDArray[np.float64]:
    return np.array([search.history[k].position_dof for k in search.stack_frames])


def test_a_flat_sample_takes_three_planes_about_its_focus(renderer, estimator):
    search, outcome, _ = stacked(
        StackSearch(window=WINDOW, start_dof=-20.0), renderer, 3.0, estimator
    )
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    assert outcome.position_dof == pytest.approx(3.0, abs=0.25)
    planes = planes_of(search)
    assert planes[0] < 3.0 - 0.5 * search.spacing_dof
    assert planes[-1] > 3.0 + 0.5 * search.spacing_dof
    assert len(search.history) <= 12


def test_no_planes_lie_far_from_all_of_the_sample(renderer, estimator):
    search, outcome, _ = stacked(
        StackSearch(window=WINDOW, start_dof=20.0), renderer, STEP, estimator
    )
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    planes = planes_of(search)
    for focus in (-12.0, 8.0):
        assert np.abs(planes - focus).min() <= 0.6 * search.spacing_dof
        assert (planes < focus).any()
        assert (planes > focus).any()
    assert np.diff(planes).max() > 6.0, planes


@pytest.mark.parametrize("approach", [Side.LOW, Side.HIGH])
def test_a_sphere_is_seen_from_end_to_end_and_fuses(renderer, estimator, approach):
    relief = cap((SIDE, SIDE), 8.0) + np.float32(4.0)
    search = StackSearch(window=WINDOW, start_dof=15.0, approach=approach)
    search, outcome, frames = stacked(search, renderer, relief, estimator)
    assert outcome.verdict is Verdict.IN_FOCUS, outcome
    planes = planes_of(search)
    assert np.diff(planes).max() <= 1.3 * search.spacing_dof
    fused = fuse_stack([frames[k] for k in search.stack_frames], planes, align=False)
    assert fused.valid.mean() > 0.85
    off = (fused.height - relief)[fused.valid]
    assert np.sqrt(np.mean(off**2)) < 0.3


def test_planes_are_taken_from_the_approach_side(renderer, estimator):
    for approach, sign in ((Side.LOW, 1), (Side.HIGH, -1)):
        search = StackSearch(window=WINDOW, start_dof=0.0, approach=approach)
        tilt = np.linspace(-6, 6, SIDE) * np.ones((SIDE, 1))
        search, outcome, _ = stacked(search, renderer, tilt, estimator)
        assert outcome.verdict is Verdict.IN_FOCUS, outcome
        taken = [sample.position_dof for sample in search.history[6:]]
        assert np.mean(sign * np.diff(taken) > 0) > 0.7


def test_what_lies_outside_the_window_is_said_and_the_rest_is_taken(renderer, estimator):
    tilt = np.linspace(-6, 6, SIDE) * np.ones((SIDE, 1))
    search, outcome, _ = stacked(
        StackSearch(window=Window(-10.0, 1.0), start_dof=-5.0), renderer, tilt, estimator
    )
    assert outcome.verdict is Verdict.OUT_OF_RANGE, outcome
    assert outcome.side is Side.HIGH
    assert "outside the window" in outcome.message
    assert len(search.stack_frames) >= 5


def test_an_empty_field_makes_no_stack(estimator):
    flat = Renderer(np.ones((SIDE, SIDE), dtype=np.float32), OPTICS)
    search, outcome, _ = stacked(StackSearch(window=WINDOW, start_dof=0.0), flat, 0.0, estimator)
    assert outcome.verdict in (Verdict.NO_TEXTURE, Verdict.NOT_CONVERGED), outcome
    assert search.stack_frames == ()


def test_light_that_spoils_all_frames_is_the_verdict(renderer, estimator):
    search, outcome, _ = stacked(
        StackSearch(window=WINDOW, start_dof=0.0), renderer, 0.0, estimator, light=0.004
    )
    assert outcome.verdict is Verdict.TOO_DARK, outcome
    assert search.stack_frames == ()


@pytest.mark.parametrize("spacing", [0.0, 0.1, 3.5, float("nan"), -1.0])
def test_a_spacing_of_no_use_is_refused(spacing: float) -> None:
    with pytest.raises(SearchError, match="depths of field apart"):
        StackSearch(window=WINDOW, start_dof=0.0, spacing_dof=spacing)


def test_the_plan_says_the_bounds_of_the_search() -> None:
    plan = import_module("plans.focus_stack")
    assert plan.SPACING_DOF == stack_search.SPACING_DOF
    assert plan.SPACING_LIMITS_DOF == stack_search.SPACING_LIMITS_DOF


def test_a_start_outside_the_window_is_refused() -> None:
    with pytest.raises(WindowError):
        StackSearch(window=WINDOW, start_dof=31.0)


def test_a_measurement_of_another_kind_is_refused(estimator) -> None:
    build: Callable[..., StackSearch] = StackSearch
    other: Any = object()
    with pytest.raises(SearchError, match="FieldObservation"):
        build(window=WINDOW, start_dof=0.0).ingest(0.0, other)


@pytest.mark.parametrize("drift_dof", [0.3, 2.0, -2.0, 4.0])
@pytest.mark.parametrize("relief", [STEP, 0.0], ids=["step", "flat"])
def test_a_sample_that_drifts_is_not_called_a_stack(renderer, estimator, relief, drift_dof):
    """By a third of a depth of field from frame to frame, and by far more."""
    search = StackSearch(window=WINDOW, start_dof=12.0)
    taken = 0
    while isinstance(step := search.suggest(), Move):
        focus = np.asarray(relief, dtype=np.float32) + np.float32(taken * drift_dof)
        u = np.broadcast_to(np.float32(step.position_dof) - focus, (SIDE, SIDE))
        frame = expose(renderer.image(u) * np.float32(0.4), Sensor(bits=8), seed=[5, taken])
        search = search.ingest(step.position_dof, observe_field(frame, estimator))
        taken += 1
        assert taken < 60
    assert step.verdict is not Verdict.IN_FOCUS, step


def test_a_sample_that_only_shakes_sideways_is_one(estimator):
    search = StackSearch(window=WINDOW, start_dof=12.0)
    taken = 0
    while isinstance(step := search.suggest(), Move):
        wide = np.roll(procedural_object("grain", (SIDE + 64, SIDE + 64), seed=2), 9 * taken, 1)
        u = np.broadcast_to(np.float32(step.position_dof) - STEP, (SIDE, SIDE))
        image = Renderer(wide, OPTICS, frame_shape=(SIDE, SIDE)).image(np.asarray(u, np.float32))
        frame = expose(image * np.float32(0.4), Sensor(bits=8), seed=[5, taken])
        search = search.ingest(step.position_dof, observe_field(frame, estimator))
        taken += 1
    assert step.verdict is Verdict.IN_FOCUS, step
    assert search.checked
    assert taken - 1 not in search.stack_frames


def test_cells_of_one_height_are_one_part_and_a_cell_alone_is_none():
    heights = np.array([[2.1, 1.9, 2.2], [7.0, 7.2, -3.0], [2.0, 7.1, 2.0]])
    known = np.ones((3, 3), dtype=bool)
    known[2, 2] = False
    mass = np.ones((3, 3, 1))
    parts = relief_parts(Relief(np.zeros(1), mass, heights, known, ~known), [0.0, np.inf, 6.5, 2.0])
    assert [int(part.cells.sum()) for part in parts] == [4, 3]
    assert [part.focus_dof for part in parts] == pytest.approx([2.05, 7.1])
    assert [part.frame for part in parts] == [3, 2]
