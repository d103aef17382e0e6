"""What a replay takes and what it refuses."""

from pathlib import Path

import pytest

from bluesky_autofocus.cli.replay.request import ReplayRequest
from bluesky_autofocus.errors import AutofocusError, ReplayError

STATION = Path(__file__).parents[3] / "profile" / "station.yml"
USUAL = {
    "weights": None,
    "optics": None,
    "search": None,
    "tolerance": 0.5,
    "workers": 1,
    "scheduler": None,
}


def request(*uids, **options) -> ReplayRequest:
    return ReplayRequest.checked(uids=[*uids] or ["abcdef"], **{**USUAL, **options})


def test_each_run_is_replayed_once_in_the_order_given():
    made = request("bbbbb", "aaaaa", "bbbbb", search="golden", tolerance=2.0)
    assert [task.uid for task in made.tasks] == ["bbbbb", "aaaaa"]
    assert {(task.search, task.tolerance_dof) for task in made.tasks} == {("golden", 2.0)}


def test_optics_come_from_a_station_file():
    (task,) = request(optics=STATION).tasks
    assert task.optics is not None and task.optics.numerical_aperture == 0.3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"search": "guess"}, "no search 'guess'.*belief"),
        ({"tolerance": 0.0}, "--tolerance 0 "),
        ({"tolerance": float("nan")}, "--tolerance nan"),
        ({"weights": Path("/nowhere.safetensors")}, "nowhere.safetensors"),
        ({"optics": Path("/nowhere.yml")}, "nowhere.yml"),
    ],
)
def test_bad_options_are_refused_before_anything_starts(options, words):
    with pytest.raises(AutofocusError, match=words):
        request(**options)


def test_workers_and_a_scheduler_exclude_each_other():
    with pytest.raises(ReplayError, match="--workers 2 and --scheduler here:8786"):
        request(workers=2, scheduler="here:8786")
    assert request(scheduler="here:8786").scheduler == "here:8786"
