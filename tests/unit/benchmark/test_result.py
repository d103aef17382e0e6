import json

import pytest

from bluesky_autofocus.benchmark import QUICK, BenchmarkResult, Conditions, goals, run_benchmark
from bluesky_autofocus.benchmark.focus_decision import error_rate
from bluesky_autofocus.benchmark.frames import wrong_directions
from bluesky_autofocus.benchmark.goals import Goal
from bluesky_autofocus.benchmark.memory import PeakMemory
from bluesky_autofocus.benchmark.report import to_json
from bluesky_autofocus.benchmark.sharpness_ratio import SharpnessRatio
from bluesky_autofocus.benchmark.stacks import StackRatios
from bluesky_autofocus.errors import BenchmarkError

UNKNOWN = SharpnessRatio(float("nan"), float("nan"), float("nan"))


@pytest.fixture
def result():
    clipped, unclipped = SharpnessRatio(1.004, 1.0, 1.001), SharpnessRatio(1.2, 1.005, 1.03)
    stacks = StackRatios(9, 25, clipped, unclipped, None, {"vollath_f4": UNKNOWN}, {})
    memory = (PeakMemory(2048, 20.0, 120.0), PeakMemory(8192, 50.0, 900.0))
    return BenchmarkResult("1", "abc", 0, QUICK, 1.5, stacks=stacks, memory=memory)


def test_goals_are_those_of_the_parts_that_were_run(result):
    judged = {goal.name: goal for goal in goals(result)}
    assert len(judged) == 4
    assert judged["SR, all stacks and lights, clipped"].met
    assert not judged["SR, same scene, unclipped, worst"].met
    assert judged["SR, same scene, unclipped, median"].met
    memory = judged["peak memory at 2048², MB"]
    assert (memory.measured, memory.high, memory.met) == (120.0, 100.0, False)


def test_nothing_measured_meets_no_goal():
    assert not Goal("", 0, 1, float("nan")).met


def test_json_has_no_numbers_that_json_has_not(result):
    said = json.loads(json.dumps(to_json(result), allow_nan=False))
    assert said["estimator"] == {"version": "1", "weights_sha256": "abc"}
    assert said["stacks"]["raw_measures"]["vollath_f4"]["all_stacks"] is None
    assert said["stacks"]["clipped"]["all_stacks"] == 1.004
    assert said["frames"] is None
    assert [goal["met"] for goal in said["goals"]] == [True, False, True, False]


def test_directions_count_beyond_half_a_depth_of_field():
    assert wrong_directions([5, -5, 0.4, 2], [-1, -1, -1, 3]) == error_rate([True, False, False])


@pytest.mark.parametrize(
    ("conditions", "sizes", "parts", "said"),
    [
        (Conditions(), QUICK, ("frames", "foo"), r"frames, foo.*frames, stacks, decision"),
        (Conditions(), QUICK, (), r"none; give some of"),
        (Conditions(seed=-1), QUICK, ("frames",), r"seed is -1; it must lie from 0"),
        (Conditions(workers=0), QUICK, ("frames",), r"workers is 0; it must lie from 1"),
        (Conditions(), QUICK.with_scenes(0), ("frames",), r"scenes is 0; it must lie from 1"),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(conditions, sizes, parts, said):
    with pytest.raises(BenchmarkError, match=said):
        run_benchmark(conditions, sizes, parts)
