"""Searches side by side, on small frames."""

import json
from dataclasses import asdict, replace

import pytest

from bluesky_autofocus.benchmark import Conditions
from bluesky_autofocus.benchmark.searches import (
    SearchResult,
    run_search_benchmark,
    search_goals,
    search_json,
)
from bluesky_autofocus.benchmark.searches import run as run_module
from bluesky_autofocus.benchmark.searches import trial as trial_module
from bluesky_autofocus.benchmark.searches.contenders import CLASSICAL, CONTENDERS
from bluesky_autofocus.benchmark.searches.kept import kept_in
from bluesky_autofocus.benchmark.searches.look import MOST_FRAMES
from bluesky_autofocus.benchmark.searches.result import result_of
from bluesky_autofocus.benchmark.searches.summary import summarised
from bluesky_autofocus.benchmark.searches.trial import Trial, tried
from bluesky_autofocus.errors import BenchmarkError
from bluesky_autofocus.verdict import Outcome, Verdict

TRIAL = Trial(
    name="belief",
    half_dof=50.0,
    scene=0,
    light="dark",
    family="text",
    start_dof=20.0,
    verdict="in_focus",
    side_right=False,
    frames=4,
    moves=3,
    last_dof=0.1,
    end_dof=0.1,
    directed=True,
    wrong_direction=False,
    violations=0,
)
ABOUT = {"version": "1", "weights_sha256": "0", "seed": 0, "runs": 1, "seconds": 1.0}
BOUNCE = "bounce, blurred gradient"


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_search_stays_in_the_window_and_ends(scene, task, name):
    trial = tried(name, scene, task, None)
    assert trial.violations == 0
    assert 1 <= trial.frames <= MOST_FRAMES
    assert trial.family == scene.spec.family
    assert trial.start_dof == task.start_dof - task.focus_dof
    if trial.said:
        assert trial.end_dof == trial.last_dof or name not in CLASSICAL
    else:
        assert trial.end_dof == pytest.approx(trial.start_dof, abs=0.2)
    if "sweep" in name:
        assert trial.frames > 20


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ([-12.0, -30.0, -40.0], True),
        ([-12.0, -30.0, -20.0], False),
        ([-12.0, -30.0, 40.0], False),
        ([-12.0, 30.0, 40.0], True),
        ([-12.0, 6.5, 6.0], False),
        ([-12.0, 30.0], False),
    ],
)
def test_a_direction_is_wrong_if_it_leads_away_from_focus(monkeypatch, scene, task, asked, wrong):
    def end_of(name, look, weights):
        for position in asked:
            look(position)
        return Outcome(Verdict.IN_FOCUS)

    monkeypatch.setattr(trial_module, "end_of", end_of)
    assert tried("belief", scene, task, None).wrong_direction is wrong


def test_numbers_of_many_searches():
    trials = [
        TRIAL,
        replace(TRIAL, frames=6, moves=5, end_dof=-0.7, wrong_direction=True),
        replace(TRIAL, frames=8, moves=7, end_dof=1.5),
        replace(TRIAL, frames=6, verdict="not_converged", end_dof=20.0, directed=False),
    ]
    row = summarised(trials)
    assert (row.runs, row.frames_median) == (4, 6.0)
    assert row.success == 0.25
    assert row.said_in_focus == 0.75
    assert row.false_in_focus == 0.25
    assert row.error_median_dof == 0.7
    assert row.left_median_dof == pytest.approx(1.1)
    assert row.wrong_direction == pytest.approx(1 / 3)
    assert row.seconds_median == pytest.approx(0.3 * 6 + 0.6 * 4)
    assert row.verdicts == {"in_focus": 3, "not_converged": 1}


def test_frames_are_compared_where_all_searched():
    other = replace(TRIAL, name=BOUNCE, frames=24)
    alone = replace(TRIAL, scene=1, frames=40, end_dof=9.0)
    far = [replace(t, half_dof=100.0) for t in (TRIAL, other)]
    result = result_of([TRIAL, other, alone, *far], {}, **ABOUT)
    assert result.rows["±50"]["belief"].runs == 2
    assert result.shared["±50"].runs == 1
    goals = {goal.name: goal.measured for goal in search_goals(result)}
    assert goals["±50 DoF: frames ÷ best classical as good"] == 4 / 24
    assert goals["in focus said beyond 1 DoF"] == 0.5
    # The worst comes first.
    assert result.failures[0] == alone


def test_out_of_range_is_right_with_the_right_side_only():
    said = replace(TRIAL, verdict="out_of_range", side_right=True)
    guards = {"out of range": [said, replace(said, side_right=False)], "dark": [said]}
    far = replace(TRIAL, half_dof=100.0)
    result = result_of([TRIAL, far], guards, **ABOUT)
    assert result.guards["out of range"].right == 0.5
    assert result.guards["dark"].right == 0.0


@pytest.fixture(scope="module")
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "SIDE_PX", 128)
        yield


@pytest.fixture(scope="module")
def result(small) -> SearchResult:
    return run_search_benchmark(Conditions(), 12, ("belief", BOUNCE))


def test_rows_are_of_the_same_scenes(result):
    for half, rows in result.rows.items():
        assert rows["belief"].runs == 12
        # One scene in six, but three at least, in three lights.
        assert rows[BOUNCE].runs == result.shared[half].runs == 9
        for parts in (result.by_light[half], result.by_family[half]):
            assert sum(row.runs for row in parts["belief"].values()) == 12
    assert set(result.guards) == {"blank", "dark", "saturated", "out of range"}
    assert result.guards["dark"].right == 1.0


def test_goals_and_json(result):
    goals = {goal.name: goal for goal in search_goals(result)}
    near = result.rows["±50"]["belief"]
    assert goals["±50 DoF: frames, median"].measured == near.frames_median
    assert goals["moves outside the window"].met
    said = json.loads(json.dumps(search_json(result), allow_nan=False))
    assert said["rows"]["±50"]["belief"]["runs"] == 12
    assert len(said["goals"]) == len(goals)
    assert said["guards"]["dark"]["right"] == result.guards["dark"].right


def test_an_interrupted_benchmark_goes_on(small, result, tmp_path):
    path = tmp_path / "searches.jsonl"

    def stopped(items, total, description):
        for index, item in enumerate(items):
            if description == "±100 DoF" and index == 1:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        run_search_benchmark(Conditions(track=stopped), 12, ("belief", BOUNCE), path)
    lines = path.read_text().splitlines()
    assert [json.loads(line).get("scene") for line in lines] == [None, 0, 1, 2, 3, 0]
    # The process may end amid a line.
    path.write_text("\n".join(lines) + '\n{"part": "±1')
    told = []

    def heard(items, total, description):
        told.append((description, total))
        return items

    again = run_search_benchmark(Conditions(track=heard), 12, ("belief", BOUNCE), path)
    assert told[:2] == [("±50 DoF", 0), ("±100 DoF", 3)]
    # Not compared as they are: an error of no search is NaN, which equals nothing.
    assert repr(replace(again, seconds=0.0)) == repr(replace(result, seconds=0.0))
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_file_of_another_benchmark_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "searches.jsonl"
    with kept_in(path, {"seed": 1}):
        pass
    with pytest.raises(BenchmarkError, match="was not begun by this benchmark"):
        with kept_in(path, {"seed": 2}):
            pass
    assert path.read_text() == '{"seed": 1}\n'
    with pytest.raises(BenchmarkError, match="cannot be used: Is a directory"):
        with kept_in(tmp_path, {}):
            pass


def test_trials_come_back_from_a_file_as_they_were():
    assert Trial(**json.loads(json.dumps(asdict(TRIAL)))) == TRIAL


@pytest.mark.parametrize(
    ("conditions", "runs", "searches", "said"),
    [
        (Conditions(), 1, ("guess",), "searches are guess; give some of: belief"),
        (Conditions(), 1, (), "searches are none"),
        (Conditions(), 0, ("belief",), "number of runs is 0"),
        (Conditions(seed=-1), 1, ("belief",), "seed is -1"),
        (Conditions(workers=0), 1, ("belief",), "number of workers is 0"),
    ],
)
def test_bad_requests_are_refused(conditions, runs, searches, said):
    with pytest.raises(BenchmarkError, match=said):
        run_search_benchmark(conditions, runs, searches)
