"""Which values the catalog keeps, and that those it cannot keep are told and not lost."""

import json
from typing import Any

import numpy as np
import pytest
from bluesky import plans
from ophyd import Signal

from bluesky_autofocus.catalog import RunState, load_run, record, safe_metadata
from bluesky_autofocus.catalog.metadata import plain
from bluesky_autofocus.catalog.run_writer import _EVENTS_PER_WRITE

pytestmark = pytest.mark.system


def count(signal: Any, number: int):
    return plans.count([signal], number)


class Reads(Signal):
    """Announces one value, then reads as another: ophyd itself cannot describe np.bool_."""

    def __init__(self, announced, *values):
        super().__init__(name="x", value=announced)
        self.values = list(values)

    def trigger(self):
        self.value_now = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        return super().trigger()

    def read(self):
        return {self.name: {"value": self.value_now, "timestamp": 0.0}}


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        float("inf"),
        1e300,
        3,
        2**60 + 1,
        -(2**62),
        True,
        np.bool_(True),
        np.int32(7),
        np.float32(0.5),
        "sharp",
        "",
    ],
    ids=repr,
)
def test_scalars_in_events_read_back_equal(catalog, run_engine, value):
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(count(Reads(plain(value), value), 2))
        recorder.flush(30)
        (run,) = recorder.runs
    assert run.state is RunState.WRITTEN, run.message
    read = load_run(catalog, uid).table()["x"].tolist()
    np.testing.assert_array_equal(read, [value] * 2)
    assert type(read[0]) is type(plain(value))


@pytest.mark.parametrize(
    ("early", "late"), [(0, 2.5), (None, 2.5), (2.5, None), (2.5, 0), (True, 2.5)], ids=str
)
def test_a_number_stays_a_number_whatever_its_first_events_were(catalog, run_engine, early, late):
    early_events = _EVENTS_PER_WRITE
    with record(run_engine, catalog) as recorder:
        values = [early] * early_events + [late]
        (uid,) = run_engine(count(Reads(1.0, *values), early_events + 1))
        assert recorder.flush(30)
        assert recorder.runs[0].state is RunState.WRITTEN, recorder.runs[0].message
    column = load_run(catalog, uid).table()["x"]
    assert column.dtype == float
    expected = [np.nan if value is None else float(value) for value in values]
    np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize("shape", [(3,), (16,), (17,), (2, 2), (5, 5)], ids=str)
def test_small_arrays_in_events_read_back_equal(catalog, run_engine, shape):
    value = np.arange(np.prod(shape), dtype=float).reshape(shape)
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(count(Signal(name="x", value=value), 2))
        recorder.flush(30)
        assert recorder.runs[0].state is RunState.WRITTEN, recorder.runs[0].message
    read = catalog.client.v3[uid]["primary"]["x"].read()
    np.testing.assert_array_equal(read, [value, value])


def test_inline_frames_read_back_as_frames(catalog, run_engine):
    frame = np.arange(12, dtype=np.uint16).reshape(3, 4)
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(count(Signal(name="x", value=frame), 2))
        recorder.flush(30)
        assert recorder.runs[0].state is RunState.WRITTEN, recorder.runs[0].message
    frames = load_run(catalog, uid).frames()
    assert frames.shape == (2, 3, 4)
    np.testing.assert_array_equal(frames[1], frame)


@pytest.mark.parametrize(
    "value", [{"a": object()}, 1 + 2j, 2**53 + 1], ids=["object", "complex", "2**53 + 1"]
)
def test_a_value_that_the_catalog_refuses_is_told_and_backed_up(catalog, run_engine, caplog, value):
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(count(Reads(1.0, value), 2))
        recorder.flush(30)
        (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert run.message in caplog.text
    lines = [json.loads(line) for line in run.backup.read_text().splitlines()]
    assert [line["name"] for line in lines] == ["start", "descriptor", "event", "event", "stop"]
    run.backup.unlink()


def test_metadata_reads_back_as_it_went_in(catalog, run_engine):
    metadata = safe_metadata(
        {
            "deep": {"list": [1, 2.5, "x", None, {"flag": np.bool_(False)}], "empty": {}},
            "largest": 2**53 - 1,
            "smallest": 1 - 2**53,
            "tiny": 1e-300,
            "text": "µm",
        }
    )
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(count(Signal(name="x", value=1.0), 1), **metadata)
        assert recorder.flush(30)
    start = load_run(catalog, uid).start
    assert {key: start[key] for key in metadata} == metadata


@pytest.mark.parametrize("value", [2**53, 1e20, float("nan"), float("inf")], ids=repr)
def test_what_safe_metadata_refuses_would_be_altered(catalog, run_engine, value):
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(count(Signal(name="x", value=1.0), 1), risky=value)
        assert recorder.flush(30)
    assert load_run(catalog, uid).start["risky"] != value
