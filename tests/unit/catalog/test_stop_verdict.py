"""The verdict in the stop document is that of the last outcome, whoever recorded it."""

import pytest

from bluesky_autofocus.catalog.stop_verdict import StopVerdict


def stop_after(stream, *events):
    patch = StopVerdict()
    assert patch.descriptor({"uid": "d", "name": stream}) == {"uid": "d", "name": stream}
    for data in events:
        event = {"descriptor": "d", "data": dict(data)}
        assert patch.event(event) == {"descriptor": "d", "data": data}
    return patch.stop({"exit_status": "success"})


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ([{"outcome_verdict": "in_focus", "outcome_frames": 4}], "in_focus"),
        ([{"verdict": "too_dark"}], "too_dark"),
        ([{"verdict": "too_dark"}, {"verdict": "in_focus"}], "in_focus"),
        ([{"judge_verdict": "another package's word"}], "another package's word"),
    ],
)
def test_an_outcome_is_repeated(events, verdict):
    assert stop_after("outcome", *events) == {"exit_status": "success", "verdict": verdict}


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        ("primary", {"outcome_verdict": "in_focus"}),
        ("outcome", {"outcome_verdict": ""}),
        ("outcome", {"outcome_verdict": 3}),
        ("outcome", {"outcome_frames": 4}),
    ],
)
def test_nothing_else_is(stream, data):
    assert stop_after(stream, data) == {"exit_status": "success"}
