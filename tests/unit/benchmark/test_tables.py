import json
import re
from io import StringIO

import pytest
from rich.console import Console

from bluesky_autofocus.benchmark import goals, to_json
from bluesky_autofocus.cli.benchmark.tables import goals_table, print_result


@pytest.fixture(scope="module")
def printed(small) -> str:
    console = Console(file=StringIO(), width=200, highlight=False)
    print_result(small, console)
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_every_part_has_its_table(printed):
    for title in (
        "RMSE of s by |U|, 48 frames of 2 scenes",
        "standard deviation of the error of distance (DoF)",
        "median relative error of distance",
        "intervals that hold the truth",
        "sharpness ratio, 2 stacks of 3 planes in three lights",
        "decision, 48 frames of 2 scenes",
        "maps, 9 frames of 1 scenes",
        "sign of defocus from two frames",
        "flagged frames",
        "2048² uint16, 3 calls, 2 threads",
        "peak memory beyond packages, weights and frame (MB)",
        "goals",
    ):
        assert title in printed
    assert "Nothing was learned." in printed


def test_the_numbers_are_those_of_the_result(printed, small):
    estimator = next(line for line in printed.splitlines() if line.startswith("estimator  "))
    said = [f"{b.rmse_s:.4g}" for b in small.frames.estimator.bins]
    assert estimator.split()[1:9] == said


def test_goals_stand_beside_what_was_measured(small):
    console = Console(file=StringIO(), width=120, highlight=False)
    console.print(goals_table(goals(small)))
    text = console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
    split = (re.split(r"\s{2,}", line.strip()) for line in text.splitlines())
    lines = {name: rest for name, *rest in split}
    assert lines["peak memory at 2048², MB"] == ["≤ 100", "20", "yes"]
    assert lines["summary of 2048² ÷ numpy squared gradient"] == ["≤ 0.33", "1", "NO"]
    assert lines["90 % interval covers"][0] == "0.87 to 0.93"
    assert lines["map, one frame: share valid"][0] == "≥ 0.75"
    assert len(goals(small)) == 23


def test_all_of_a_result_can_be_written_as_json(small):
    said = json.loads(json.dumps(to_json(small), allow_nan=False))
    assert said["frames"]["measures"]["brenner"]["bins"][0]["frames"] == 6
    assert (
        said["frames"]["end_to_end"] is None or "wrong_directions" in said["frames"]["end_to_end"]
    )
    assert said["decision"]["estimator"]["false_accept"]["trials"] > 10
    assert said["notes"] == ["Nothing was learned."]
