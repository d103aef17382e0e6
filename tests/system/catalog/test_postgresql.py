"""The catalog on a real PostgreSQL: what goes in comes out, as from the embedded one."""

import json
from typing import Any

import numpy as np
import pytest
from bluesky.plans import count
from databroker.v1 import Broker
from ophyd import Signal

from bluesky_autofocus.catalog import RunState, load_run, record, safe_metadata
from bluesky_autofocus.verdict import Verdict

pytestmark = pytest.mark.system

MD = {"sample": "S7", "station": "simulated", "seed": 2**53 - 1, "optics": {"na": 0.3}, "no": None}


@pytest.fixture
def recorded(postgresql_catalog, station_module, run_engine):
    """A run, its documents as they were emitted, and the station that took it."""
    station = station_module.Station(postgresql_catalog.storage.frames)
    emitted = []
    run_engine.subscribe(lambda name, document: emitted.append((name, document)))
    with record(run_engine, postgresql_catalog) as recorder:
        (uid,) = run_engine(station.plan(md=safe_metadata(MD)))
        assert recorder.flush(60)
        (run,) = recorder.runs
    assert run.state is RunState.WRITTEN, run.message
    return uid, emitted, station


def test_a_run_reads_back_whole(postgresql_catalog, recorded):
    uid, emitted, station = recorded
    run = load_run(postgresql_catalog, uid)
    assert run.streams == ("outcome", "primary", "search")
    assert run.start == json.loads(json.dumps(emitted[0][1]))
    assert run.stop is not None and run.stop.items() >= emitted[-1][1].items()
    assert run.verdict is Verdict.IN_FOCUS
    table = run.table()
    assert list(table.index) == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(table["sensor_sharpness"], 1 / np.arange(1, 6))
    assert np.isnan(table["sensor_distance"].to_numpy()).all()
    assert table["sensor_saturated"].dtype == bool
    assert table["sensor_frames"].dtype == np.int64
    np.testing.assert_array_equal(list(run.frames()), station.camera.written)
    names = [name for name, _ in run.documents()]
    assert (names[0], names[-1]) == ("start", "stop")
    assert names.count("event") == sum(name == "event" for name, _ in emitted)


def test_databroker_finds_and_reads_it(postgresql_catalog, recorded):
    uid, _, station = recorded
    broker: Any = Broker(postgresql_catalog.client)
    assert broker[-1].start["uid"] == broker[uid[:8]].start["uid"] == uid
    assert uid in [header.start["uid"] for header in broker(sample="S7")]
    assert list(broker(sample="S8")) == []
    assert len(broker[uid].table()) == 5
    np.testing.assert_array_equal(
        broker.v2[uid]["primary"]["data"]["cam_image"][0], [station.camera.written[0]]
    )


def test_its_rows_are_in_the_database(postgresql, postgresql_catalog, recorded):
    uid, *_ = recorded
    nodes = f'SELECT count(*) FROM nodes WHERE metadata @> \'{{"start": {{"uid": "{uid}"}}}}\''
    (name,) = [
        found
        for found in postgresql.sql("SELECT datname FROM pg_database").splitlines()
        if found.startswith("autofocus_") and postgresql.sql(nodes, found) == "1"
    ]
    # The scalars of three streams lie in tables beside Tiled's own.
    tables = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'table\\_%'"
    assert int(postgresql.sql(tables, name)) >= 3


def test_infinite_metadata_does_not_hide_a_run(postgresql_catalog, run_engine):
    endless: Any = Signal(name="endless", value=float("inf"))
    with record(run_engine, postgresql_catalog) as recorder:
        (uid,) = run_engine(count([endless], 2), limit=float("inf"))
        assert recorder.flush(60)
    assert uid in [run.start["uid"] for run in postgresql_catalog.client.values()]
    run: Any = load_run(postgresql_catalog, uid)
    assert run.start["limit"] is None
    assert run.client["primary"].metadata["configuration"]["endless"]["data"] == {"endless": None}
    assert list(run.table()["endless"]) == [np.inf, np.inf]
