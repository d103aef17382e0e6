"""The benchmark as its users run it, with the shipped estimator."""

import json
import signal

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

BENCHMARK = ("benchmark", "estimator")
BOUNCE = "bounce, blurred gradient"


@pytest.fixture(scope="module")
def measured(start_command):
    running = start_command(*BENCHMARK, "--quick", "--parts", "guards,memory", "--json")
    return running.ended(timeout_s=250)


def test_one_json_object_and_nothing_else_on_standard_output(measured):
    assert measured.status == 0, measured.err
    assert measured.out.count("\n") == 1
    assert len(measured.json["estimator"]["weights_sha256"]) == 64
    assert measured.json["frames"] is None
    for kind in ("blank", "dark", "saturated"):
        assert measured.json["guards"][kind]["frames"] == 60
    assert [part["side_px"] for part in measured.json["memory"]] == [2048, 8192]
    assert all(part["map_mb"] >= part["summary_mb"] > 0 for part in measured.json["memory"])
    assert {goal["name"] for goal in measured.json["goals"]} >= {"blank frames flagged"}


def test_progress_is_told_on_standard_error(measured):
    assert "blank frames: 3" in measured.err
    assert "memory: 2" in measured.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--parts", "frames,foo"), "The parts are frames, foo; give some of: frames, stacks"),
        (("--scenes", "0"), "The number of scenes is 0; it must lie from 1 to 10000."),
        (("--workers", "0"), "The number of workers is 0"),
        (("--seed", "-1"), "The seed is -1"),
        (("--seed", "many"), "valid integer"),
        (("--weights", "nowhere.safetensors"), "nowhere.safetensors cannot be read"),
    ],
)
def test_bad_options_are_refused_as_json_too(run_command, options, said):
    ended = run_command(*BENCHMARK, *options, "--json")
    assert ended.status == 2
    assert said in ended.json["error"]
    assert set(ended.json) == {"error"}
    # Told again on standard error, where a terminal breaks lines.
    assert "Traceback" not in ended.err


def test_an_interrupted_benchmark_ends_with_its_processes(start_command, left_over):
    running = start_command(*BENCHMARK, "--parts", "decision", "--workers", "2", "--json")
    running.wait_for("decisions: 432")
    running.interrupt()
    ended = running.ended()
    assert ended.status == 128 + signal.SIGINT
    assert json.loads(ended.out) == {"error": "Interrupted."}
    assert "Traceback" not in ended.err
    assert left_over(ended) == []


def test_searches_are_compared_and_kept(start_command, tmp_path):
    out, asked = tmp_path / "searches.jsonl", "belief; bounce, blurred gradient"
    command = ("benchmark", "search", "--runs", "1", "--searches", asked, "--out", str(out))
    ended = start_command(*command, "--json").ended(timeout_s=120)
    assert ended.status == 0, ended.err
    assert ended.out.count("\n") == 1
    for half in ("±50", "±100"):
        rows = ended.json["rows"][half]
        assert rows["belief"]["runs"] == 3
        assert rows["belief"]["violations"] == 0
        assert rows["belief"]["frames_median"] < rows[asked[8:]]["frames_median"]
    assert ended.json["guards"]["dark"]["verdicts"] == {"too_dark": 1}
    assert {goal["name"] for goal in ended.json["goals"]} >= {"±50 DoF: frames, median"}
    again = start_command(*command).ended(timeout_s=60)
    assert again.status == 0
    assert "±100 DoF: 0" in again.err
    assert "no focus to be found: belief" in again.out
    assert len(out.read_text().splitlines()) == 1 + 2 + 4


def test_an_unknown_search_is_told_with_those_there_are(start_command):
    ended = start_command("benchmark", "search", "--searches", "guess", "--json").ended(
        timeout_s=60
    )
    assert ended.status == 2
    assert "guess; give some of: belief; single frames only" in ended.json["error"]
