"""What `bluesky-autofocus train` is asked is checked before anything is computed."""

import os
from pathlib import Path
from typing import Any

import pytest

from bluesky_autofocus.cli.train.request import TrainRequest
from bluesky_autofocus.errors import AutofocusError

USUAL: dict[str, Any] = {
    "out": None, "scenes": None, "calibration_scenes": None, "seed": 1, "workers": None,
    "images": None, "epochs_scale": 1.0, "end_to_end": True, "device": "cpu", "runs": [],
    "stacks": [], "weights": None, "optics": None, "focus": [], "force": False,
}  # fmt: skip


def checked(**options: Any) -> TrainRequest:
    return TrainRequest.checked(**(USUAL | options))


def test_from_nothing():
    request = checked()
    assert not request.fine_tuning
    assert request.out == Path("training")
    assert (request.options.scenes, request.options.calibration_scenes) == (8_000, 300)
    assert request.options.end_to_end
    assert request.workers == len(os.sched_getaffinity(0))


def test_fine_tuning_needs_fewer_scenes():
    request = checked(runs=["abcdef"], stacks=[Path("stack")], focus=[1.0, 2.0])
    assert request.fine_tuning
    assert request.out == Path("fine-tuning")
    assert (request.options.scenes, request.options.calibration_scenes) == (250, 100)
    assert not request.options.end_to_end
    assert checked(stacks=[Path("stack")], scenes=9).options.scenes == 9


def test_processes_of_a_node_share_its_cores(monkeypatch):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "64")
    assert checked().workers == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scenes": 1}, "scenes is 1"),
        ({"workers": 0}, "--workers is 0"),
        ({"images": Path("missing")}, "missing is not a folder"),
        ({"force": True}, "--force is for fine-tuning"),
        ({"weights": Path("a")}, "--from is for fine-tuning"),
        ({"optics": Path("a.yml")}, "--optics is for fine-tuning"),
        ({"runs": ["abcdef"], "focus": [1.0, 2.0]}, "--focus was given 2 times, for 1"),
        ({"runs": ["abcdef"], "focus": [float("nan")]}, "not finite"),
        ({"runs": ["abcdef"], "optics": Path("missing.yml")}, r"missing\.yml cannot be read"),
        ({"epochs_scale": -1.0}, "epochs is -1"),
        ({"device": "abacus"}, "device is 'abacus'"),
    ],
)
def test_what_cannot_be(options, said):
    with pytest.raises(AutofocusError, match=said):
        checked(**options)


def test_fine_tuning_is_done_by_one_process(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(AutofocusError, match="one process"):
        checked(runs=["abcdef"])
