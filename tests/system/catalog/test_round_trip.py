"""A run under a real RunEngine reads back whole, here and in a new process."""

import gc
import hashlib
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from databroker import catalog as databroker_catalog
from databroker.v1 import Broker

from bluesky_autofocus.catalog import (
    Recorder,
    RunState,
    load_run,
    open_catalog,
    record,
    safe_metadata,
)
from bluesky_autofocus.errors import CatalogError
from bluesky_autofocus.verdict import Verdict

pytestmark = pytest.mark.system

MD = {
    "optics": {"na": np.float64(0.3), "n": 1},
    "window": (-1.5, 2.5),
    "seed": 2**53 - 1,
    "no": None,
}


@pytest.fixture
def recorded(catalog, station, run_engine):
    """A run, and its documents as the RunEngine emitted them."""
    emitted = []
    run_engine.subscribe(lambda name, document: emitted.append((name, document)))
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(station.plan(md=safe_metadata(MD)))
        assert recorder.flush(30)
        (run,) = recorder.runs
    assert run.state is RunState.WRITTEN, run.message
    return uid, emitted


def test_the_view_shows_what_was_emitted(catalog, station, recorded):
    uid, emitted = recorded
    run = load_run(catalog, uid)
    assert run.uid == uid
    assert run.streams == ("outcome", "primary", "search")
    assert run.start == json.loads(json.dumps(emitted[0][1]))
    assert run.stop is not None
    assert run.stop == {**emitted[-1][1], "verdict": "in_focus"}
    assert run.verdict is Verdict.IN_FOCUS
    assert run.outcome is not None
    assert run.outcome["outcome_best"] == 1.25
    table = run.table()
    assert list(table.index) == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(table["sensor_sharpness"], 1 / np.arange(1, 6))
    assert np.isnan(table["sensor_distance"].to_numpy()).all()
    assert table["sensor_saturated"].dtype == bool
    assert table["sensor_frames"].dtype == np.int64
    assert list(run.table("search")["sensor_reason"]) == ["coarse sweep"] * 2


def test_frames_read_back_bit_for_bit(catalog, station, recorded):
    frames = load_run(catalog, recorded[0]).frames()
    assert frames.shape == (5, *station.camera.shape)
    assert frames.dtype == np.uint16
    np.testing.assert_array_equal(list(frames), station.camera.written)
    np.testing.assert_array_equal(frames[1:3], station.camera.written[1:3])
    np.testing.assert_array_equal(frames[-1], station.camera.written[-1])
    with pytest.raises(IndexError, match="frame 5 of 5"):
        frames[5]


def test_documents_come_back_with_every_event(catalog, recorded):
    uid, emitted = recorded

    def events(documents):
        data = [document["data"] for name, document in documents if name == "event"]
        return sorted(
            str({key: value for key, value in row.items() if key != "cam_image"})
            for row in (dict(sorted(row.items())) for row in data)
        )

    documents = list(load_run(catalog, uid).documents())
    assert documents[0][0] == "start"
    assert documents[-1][0] == "stop"
    assert events(documents) == events(emitted)


def test_databroker_in_this_process(catalog, station, recorded):
    uid, _ = recorded
    broker: Any = Broker.named("autofocus")
    other: Any = databroker_catalog["autofocus"]
    try:
        assert len(broker[uid].table()) == 5
        assert broker[-1].start["uid"] == uid
        assert [header.start["uid"] for header in broker(seed=2**53 - 1)][-1] == uid
        assert load_run(broker, uid).uid == load_run(other, uid[:8]).uid == uid
    finally:
        broker.v2.context.close()
        other.context.close()


def test_what_is_not_there_is_a_clear_error(catalog, recorded):
    uid, _ = recorded
    with pytest.raises(CatalogError, match="no single run 'ffffffff'"):
        load_run(catalog, "ffffffff")
    run = load_run(catalog, uid)
    with pytest.raises(CatalogError, match=r"no stream 'baseline'; it has \['outcome'"):
        run.table("baseline")
    with pytest.raises(CatalogError, match=r"holds 0 image keys"):
        run.frames("search")
    with pytest.raises(CatalogError, match=r"'stage' is not an image key .* \['cam_image'\]"):
        run.frames(key="stage")


def test_the_run_engine_keeps_a_recorder_alive(catalog, station, run_engine):
    recorder = Recorder(catalog)
    reference = weakref.ref(recorder)
    run_engine.subscribe(recorder)
    del recorder
    gc.collect()
    (uid,) = run_engine(station.plan(2))
    recorder = reference()
    assert recorder is not None
    recorder.close()
    assert recorder.runs[-1].state is RunState.WRITTEN
    assert len(load_run(catalog, uid).table()) == 2


READ = """
import json, hashlib
from databroker import Broker, catalog
import numpy as np
from tiled.client import from_profile

def digest(frames):
    return hashlib.sha256(np.ascontiguousarray(frames).tobytes()).hexdigest()
header = Broker.named("autofocus")[UID]
v2 = catalog["autofocus"].v2[UID]
run = from_profile("autofocus").v3[UID]
print(json.dumps({
    "v1": header.table()["sensor_sharpness"].tolist(),
    "v1_frames": digest(np.stack(list(header.data("cam_image")))),
    "v2": v2["primary"].read()["sensor_sharpness"].values.tolist(),
    "v2_frames": digest(v2["primary"].read()["cam_image"].values),
    "tiled_frames": digest(run["primary"]["cam_image"].read()),
    "start": dict(header.start),
    "documents": len(list(header.documents())),
    "verdict": header.table("outcome")["outcome_verdict"].tolist(),
}))
"""


def test_a_catalog_elsewhere_reads_back_in_a_new_process(
    catalog, station, recorded, in_new_process
):
    uid, emitted = recorded
    prepare, *_ = catalog.how_to_read(uid).splitlines()
    found = json.loads(in_new_process(f"{prepare}\nUID = {uid!r}\n{READ}"))
    frames = hashlib.sha256(np.stack(station.camera.written).tobytes()).hexdigest()
    assert found["v1_frames"] == found["v2_frames"] == found["tiled_frames"] == frames
    assert found["v1"] == found["v2"] == [1 / step for step in range(1, 6)]
    assert found["verdict"] == ["in_focus"]
    assert found["start"]["optics"] == {"na": 0.3, "n": 1}
    assert found["start"]["seed"] == 2**53 - 1
    assert found["documents"] == len(emitted) - 4


RECORD_IN_DEFAULT_HOME = """
from bluesky import RunEngine
from bluesky.plans import count
from ophyd.sim import det
from bluesky_autofocus.catalog import open_catalog, record

RE = RunEngine({})
with open_catalog() as catalog, record(RE, catalog) as recorder:
    (uid,) = RE(count([det], 3))
    assert recorder.flush(30)
print(uid)
print(catalog.how_to_read(uid))
print(f"print(len(run.table()))")
"""


def test_the_default_catalog_is_found_by_name_in_any_process(tmp_path, in_new_process):
    environment = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
    }
    uid, *lines = in_new_process(RECORD_IN_DEFAULT_HOME, **environment).splitlines()
    assert lines[0] == (f'from databroker import Broker; run = Broker.named("autofocus")["{uid}"]')
    assert in_new_process("\n".join(lines), **environment).strip() == "3"


def test_two_processes_may_make_the_catalog_at_once(tmp_path, in_new_process):
    source = (
        "from bluesky_autofocus.catalog import open_catalog\n"
        f"with open_catalog({str(tmp_path / 'new')!r}) as catalog: print(len(catalog.client))"
    )
    with ThreadPoolExecutor(2) as pool:
        assert [text.strip() for text in pool.map(in_new_process, [source] * 2)] == ["0", "0"]


WRITE_RUNS = """
import os, time
from pathlib import Path
from bluesky import RunEngine
from bluesky.plans import count
from ophyd.sim import det

from bluesky_autofocus.catalog import load_run, open_catalog, record

RE = RunEngine()
ready, home = Path({ready!r}), {home!r}
with open_catalog(home) as catalog:
    (ready / str(os.getpid())).touch()
    deadline = time.monotonic() + 60
    while len(list(ready.iterdir())) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with record(RE, catalog) as recorder:
        uids = [RE(count([det], 3))[0] for _ in range(12)]
        assert recorder.flush(80)
    print(sum(len(load_run(catalog, uid).table()) for uid in uids))
"""


def test_processes_that_write_at_once_wait_for_each_other(tmp_path, in_new_process):
    # Tiled's tables had no timeout: a run failed where another process was just writing.
    home, ready = tmp_path / "shared", tmp_path / "ready"
    ready.mkdir()
    open_catalog(home).close()
    source = WRITE_RUNS.format(home=str(home), ready=str(ready))
    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(in_new_process, [source] * 3))
    assert [text.split()[-1] for text in said] == ["36"] * 3
    assert not list((home / "backup").iterdir())
