from dataclasses import replace

import numpy as np
import pytest

from bluesky_autofocus.benchmark import Conditions
from bluesky_autofocus.benchmark.scenes import Scene, draw_scenes
from bluesky_autofocus.benchmark.searches import (
    SearchResult,
    run_search_benchmark,
    search_goals,
    search_json,
)
from bluesky_autofocus.benchmark.searches import run as run_module
from bluesky_autofocus.benchmark.searches.contenders import CLASSICAL, CONTENDERS
from bluesky_autofocus.benchmark.searches.look import MOST_FRAMES, Look, Task, TooManyFramesError
from bluesky_autofocus.benchmark.searches.summary import summarised
from bluesky_autofocus.benchmark.searches.trial import Trial, draw_tasks, guard_tasks, tried
from bluesky_autofocus.errors import BenchmarkError

TASK = Task(half_dof=50.0, light="normal", focus_dof=7.0, start_dof=-12.0, noise=3)
TRIAL = Trial("belief", 50.0, "dark", "text", "in_focus", 4, 3, 0.1, True, False, 0)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(draw_scenes(0, "search", 1, side_px=128)[0])


def test_the_same_frame_number_has_the_same_noise_in_every_search(scene):
    first, second = Look(scene, TASK), Look(scene, TASK)
    first(1.0)
    second(30.0)
    assert np.array_equal(first(5.0), second(5.0))
    assert first.reached_dof[1] == second.reached_dof[1]
    assert 0 < abs(first.reached_dof[1] - 5.0) < 0.2


def test_a_search_that_does_not_end_is_ended(scene):
    look = Look(scene, TASK)
    with pytest.raises(TooManyFramesError):
        for _ in range(MOST_FRAMES + 1):
            look(0.0)
    assert look.frames == MOST_FRAMES


def test_the_last_move_is_not_made_twice(scene):
    look = Look(scene, TASK)
    look(2.0)
    look.end_at(2.0)
    assert look.asked_dof == [2.0]
    look.end_at(3.0)
    assert look.asked_dof == [2.0, 3.0]
    assert look.frames == 1


def test_starts_and_foci_lie_inside_the_window():
    (spec,) = draw_scenes(0, "search", 1, side_px=128)
    tasks = draw_tasks(spec, 50.0, 200, stream=1)
    assert tasks == draw_tasks(spec, 50.0, 200, stream=1)
    assert tasks != draw_tasks(spec, 50.0, 200, stream=2)
    assert {task.light for task in tasks} == {"bright", "normal", "dark"}
    assert all(abs(t.focus_dof) <= 45 and abs(t.start_dof) <= 50 for t in tasks)
    away = np.array([t.focus_dof - t.start_dof for t in tasks])
    assert np.abs(away).max() <= 50
    assert np.abs(away.mean()) < 5


def test_focus_out_of_range_is_outside():
    for spec in draw_scenes(0, "search guards", 20, side_px=128):
        (task,) = guard_tasks(spec, "out of range", 50.0)
        assert 52 < abs(task.focus_dof) < 81
        assert abs(task.start_dof) <= 50


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_search_stays_in_the_window_and_ends(scene, name):
    trial = tried(name, scene, TASK, None)
    assert trial.violations == 0
    assert 1 <= trial.frames <= MOST_FRAMES
    assert trial.family == scene.spec.family
    if name in CLASSICAL and "sweep" in name:
        assert trial.frames > 20


def test_numbers_of_many_searches():
    trials = [
        TRIAL,
        replace(TRIAL, frames=6, moves=5, error_dof=-0.7, wrong_direction=True),
        replace(TRIAL, frames=8, moves=7, error_dof=1.5),
        replace(TRIAL, frames=6, verdict="not_converged", error_dof=0.0, directed=False),
    ]
    row = summarised(trials)
    assert (row.runs, row.frames_median) == (4, 6.0)
    assert row.success == 0.25
    assert row.said_in_focus == 0.75
    assert row.false_in_focus == 0.25
    assert row.error_median_dof == 0.7
    assert row.wrong_direction == pytest.approx(1 / 3)
    assert row.seconds_median == pytest.approx(0.3 * 6 + 0.6 * 4)
    assert row.verdicts == {"in_focus": 3, "not_converged": 1}


@pytest.fixture(scope="module")
def result() -> SearchResult:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "SIDE_PX", 128)
        return run_search_benchmark(Conditions(), 12, ("belief", "bounce, blurred gradient"))


def test_rows_are_of_the_same_scenes(result):
    for rows in result.rows.values():
        assert rows["belief"].runs == 12
        # An eighth of two scenes is one, with two starts in three lights.
        assert rows["bounce, blurred gradient"].runs == 6
    assert sum(row.runs for row in result.belief_by_light.values()) == 12
    assert set(result.guards) == {"blank", "dark", "saturated", "out of range"}


def test_goals_and_json(result):
    goals = {goal.name: goal for goal in search_goals(result)}
    near = result.rows["±50"]["belief"]
    assert goals["±50 DoF: frames, median"].measured == near.frames_median
    assert goals["positions outside the window"].met
    said = search_json(result)
    assert said["rows"]["±50"]["belief"]["runs"] == 12
    assert len(said["goals"]) == len(goals)
    assert said["guards"]["dark"]["right"] == result.guards["dark"][0]


def test_bad_requests_are_refused():
    with pytest.raises(BenchmarkError, match="searches are guess; give some of: belief"):
        run_search_benchmark(Conditions(), 1, ("guess",))
    with pytest.raises(BenchmarkError, match="number of runs is 0"):
        run_search_benchmark(Conditions(), 0)
