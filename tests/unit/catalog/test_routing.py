"""Every kind of document finds its run, also when runs interleave."""

import pytest

from bluesky_autofocus.catalog.routing import RunIndex


def test_interleaved_runs_are_told_apart():
    index = RunIndex()
    for run in "ab":
        assert index.run_of("start", {"uid": run}) == run
    for run in "ab":
        parts = [
            ("descriptor", {"uid": f"{run}-d", "run_start": run}),
            ("resource", {"uid": f"{run}-r", "run_start": run}),
            ("stream_resource", {"uid": f"{run}-s", "run_start": run}),
        ]
        for name, document in parts:
            assert index.run_of(name, document) == run
    for run in "ba":
        parts = [
            ("event", {"uid": "e", "descriptor": f"{run}-d"}),
            ("event_page", {"descriptor": f"{run}-d"}),
            ("datum", {"datum_id": "x", "resource": f"{run}-r"}),
            ("datum_page", {"resource": f"{run}-r"}),
            ("stream_datum", {"uid": "y", "descriptor": f"{run}-d", "stream_resource": "z"}),
            ("stop", {"uid": "q", "run_start": run}),
        ]
        for name, document in parts:
            assert index.run_of(name, document) == run


def test_a_run_that_is_over_is_forgotten_with_its_parts():
    index = RunIndex()
    index.run_of("start", {"uid": "a"})
    index.run_of("descriptor", {"uid": "a-d", "run_start": "a"})
    index.forget("a")
    with pytest.raises(KeyError):
        index.run_of("event", {"descriptor": "a-d"})
