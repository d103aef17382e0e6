"""The simulated stage and camera."""

from dataclasses import replace

import numpy as np
import pytest

from bluesky_autofocus.benchmark.scenes import draw_scenes
from bluesky_autofocus.benchmark.searches.look import (
    MOST_FRAMES,
    Look,
    SeenScene,
    TooManyFramesError,
)
from bluesky_autofocus.benchmark.searches.simulated_stage import PLAY_DOF, SimulatedStage
from bluesky_autofocus.benchmark.searches.tasks import GUARDS, draw_tasks, guard_tasks


@pytest.fixture
def stage() -> SimulatedStage:
    return SimulatedStage.at(5.0, (-50.0, 50.0), np.random.default_rng(0))


def arrived(stage: SimulatedStage, target: float) -> float:
    """Move there, and return how far from it the sample is, but for noise."""
    stage.move(target, np.random.default_rng(1))
    return stage.sample_dof - stage.noise_dof - target


@pytest.mark.parametrize("targets", [(30.0, 12.0), (-20.0, -20.5), (5.0, 5.0), (4.9, -49.0)])
def test_play_has_no_effect_once_the_stage_arrived_from_below(stage, targets):
    first, second = targets
    arrived(stage, first)
    assert arrived(stage, second) == pytest.approx(0.0, abs=1e-9)
    assert stage.outside == 0


def test_play_is_there_before_the_first_move_and_at_the_low_end(stage):
    assert 0 < stage.sample_dof - 5.0 < PLAY_DOF
    # The window leaves no room for coming from below.
    assert arrived(stage, -50.0) == pytest.approx(PLAY_DOF)
    assert (stage.moves, stage.outside) == (1, 0)


def test_moves_are_counted_and_those_outside_as_well(stage):
    arrived(stage, 10.0)
    assert stage.moves == 1
    arrived(stage, 10.0)
    assert stage.moves == 3
    arrived(stage, 8.0)
    assert stage.moves == 5
    arrived(stage, 50.1)
    assert (stage.moves, stage.outside) == (6, 1)


def test_the_same_frame_number_has_the_same_noise_in_every_search(scene, task):
    first, second = Look(scene, task), Look(scene, task)
    first(1.0)
    second(30.0)
    assert np.array_equal(first(35.0), second(35.0))
    assert first.error_dof == second.error_dof
    assert 0 < abs(first.error_dof - (35.0 - task.focus_dof)) < 0.2


def test_an_image_is_rendered_once(scene):
    assert scene.at(3.001) is scene.at(2.999)
    assert scene.at(3.0) is not scene.at(3.01)
    assert np.array_equal(scene.at(3.0), scene.image(3.0))


def test_a_search_that_does_not_end_is_ended(scene, task):
    look = Look(scene, task)
    with pytest.raises(TooManyFramesError):
        for _ in range(MOST_FRAMES + 1):
            look(0.0)
    assert look.frames == MOST_FRAMES


def test_the_last_move_is_not_made_twice(scene, task):
    look = Look(scene, task)
    look(2.0)
    look.end_at(2.0)
    assert look.asked_dof == [2.0]
    look.end_at(3.0)
    assert look.asked_dof == [2.0, 3.0]
    assert look.frames == 1


def test_after_a_refusal_the_stage_is_at_its_start(scene, task):
    look = Look(scene, task)
    look(2.0)
    look.give_up()
    assert look.error_dof == pytest.approx(task.start_dof - task.focus_dof, abs=0.2)


def test_starts_and_foci_lie_inside_the_window():
    (spec,) = draw_scenes(0, "search", 1, side_px=128)
    tasks = draw_tasks(spec, 50.0, 200, stream=1)
    assert tasks == draw_tasks(spec, 50.0, 200, stream=1)
    assert tasks != draw_tasks(spec, 50.0, 200, stream=2)
    assert {task.light for task in tasks} == {"bright", "normal", "dark"}
    assert len({task.focus_dof for task in tasks}) == 1
    assert all(abs(t.focus_dof) <= 45 and abs(t.start_dof) <= 50 for t in tasks)
    away = np.abs([t.focus_dof - t.start_dof for t in tasks])
    assert away.max() <= 50
    assert away.max() > 30


@pytest.mark.parametrize("kind", GUARDS)
def test_searches_that_cannot_find_focus(kind):
    contrast = (0.0, 0.0) if kind == "blank" else (0.3, 1.0)
    for spec in draw_scenes(0, "search guards", 4, side_px=128, contrast=contrast):
        (task,) = guard_tasks(spec, kind, 50.0)
        assert abs(task.start_dof) <= 50
        assert (52 < abs(task.focus_dof) < 81) is (kind == "out of range")
        at_focus = replace(task, start_dof=max(min(task.focus_dof, 50.0), -50.0))
        frame = Look(SeenScene(spec), at_focus)(at_focus.start_dof).astype(float)
        full = spec.sensor.full_scale
        if kind == "saturated":
            assert np.mean(frame >= full) > 0.5
        elif kind == "dark":
            assert frame.mean() < 0.02 * full
        elif kind == "blank":
            # Shading, and noise that does not last over a few pixels.
            smooth = frame.reshape(16, 8, 16, 8).mean(axis=(1, 3))
            assert np.abs(np.diff(smooth)).max() < 0.06 * smooth.mean()
