"""Runs of the embedded catalog go over to one on PostgreSQL, whole and once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import numpy as np
import pandas as pd
import pytest
from bluesky.plans import count
from bluesky_tiled_plugins import TiledWriter
from ophyd import Signal

from bluesky_autofocus.catalog import (
    HOME_VARIABLE,
    CopyState,
    Recorder,
    copy_runs,
    load_run,
    record,
    run_uids,
)

pytestmark = pytest.mark.system

COMMAND = Path(sys.executable).with_name("bluesky-autofocus")


def recorded(catalog, engine, plan) -> str:
    with record(engine, catalog) as recorder:
        (uid,) = engine(plan)
        assert recorder.flush(30)
        assert recorder.runs[0].state == "written", recorder.runs[0].message
    return uid


def documents(run):
    """A run's documents, but for the order of keys, which PostgreSQL does not keep."""
    said = []
    for name, document in run.documents():
        for keys in document.get("object_keys", {}).values():
            keys.sort()
        said.append((name, json.dumps(document, sort_keys=True)))
    return sorted(said)


def assert_same(copied, original):
    assert copied.metadata == original.metadata
    assert copied.streams == original.streams
    for stream in original.streams:
        pd.testing.assert_frame_equal(copied.table(stream), original.table(stream))
        assert copied.client[stream].metadata == original.client[stream].metadata
        assert repr(copied.events(stream)) == repr(original.events(stream))
    np.testing.assert_array_equal(list(copied.frames()), list(original.frames()))
    assert documents(copied) == documents(original)


def test_a_run_is_the_same_there_and_its_frames_stay(
    catalog, postgresql_catalog, station, run_engine
):
    uid = recorded(catalog, run_engine, station.plan(md={"sample": "S7"}))
    files = sorted(catalog.storage.frames.iterdir())
    (copied,) = copy_runs(catalog, postgresql_catalog, [uid[:8]])
    assert (copied.uid, copied.state, copied.files_gone) == (uid, CopyState.COPIED, ())
    assert_same(load_run(postgresql_catalog, uid), load_run(catalog, uid))
    assert sorted(catalog.storage.frames.iterdir()) == files
    (again,) = copy_runs(catalog, postgresql_catalog, [uid])
    assert again.state is CopyState.ALREADY_THERE


def test_a_run_that_a_pause_repeated_a_step_of(catalog, postgresql_catalog, rewound):
    original, _ = rewound
    (copied,) = copy_runs(catalog, postgresql_catalog, [original.uid])
    assert copied.state is CopyState.COPIED, copied.error
    assert_same(load_run(postgresql_catalog, original.uid), original)


def test_inline_arrays_and_odd_values(catalog, postgresql_catalog, run_engine):
    values = {"nan": np.nan, "inf": np.inf, "large": 2**60 + 1, "text": "µm", "yes": True}
    scalars: list[Any] = [Signal(name=name, value=value) for name, value in values.items()]
    frame: Any = Signal(name="Frame", value=np.arange(20.0).reshape(4, 5))

    @bpp.run_decorator(md={"deep": {"list": [1, None, {}]}})
    def plan():
        for _ in range(3):
            yield from bps.trigger_and_read([*scalars, frame])

    uid = recorded(catalog, run_engine, plan())
    original = load_run(catalog, uid)
    (copied,) = copy_runs(catalog, postgresql_catalog, [uid])
    assert copied.state is CopyState.COPIED, copied.error
    assert_same(load_run(postgresql_catalog, uid), original)


def test_infinity_that_another_writer_left(catalog, postgresql_catalog, run_engine):
    endless: Any = Signal(name="endless", value=np.inf)
    token = run_engine.subscribe(writer := TiledWriter(catalog.v2, max_array_size=0))
    (uid,) = run_engine(count([endless], 2), limit=np.inf)
    run_engine.unsubscribe(token)
    del writer
    assert load_run(catalog, uid).start["limit"] > 1e308
    (copied,) = copy_runs(catalog, postgresql_catalog, [uid])
    assert copied.state is CopyState.COPIED, copied.error
    run: Any = load_run(postgresql_catalog, uid)
    assert run.start["limit"] is None
    assert run.client["primary"].metadata["configuration"]["endless"]["data"] == {"endless": None}
    assert list(run.table()["endless"]) == [np.inf, np.inf]


def test_a_copy_that_was_cut_off_is_made_anew(catalog, postgresql_catalog, station, run_engine):
    uid = recorded(catalog, run_engine, station.plan())
    original = load_run(catalog, uid)
    left = postgresql_catalog.client.create_container(
        key=uid, metadata={"start": original.start}, specs=original.client.specs
    )
    left.create_container(key="primary")
    (copied,) = copy_runs(catalog, postgresql_catalog, [uid])
    assert copied.state is CopyState.COPIED, copied.error
    assert_same(load_run(postgresql_catalog, uid), original)


def test_a_verdict_from_before_verdicts_were_searched(
    catalog, postgresql_catalog, station, run_engine
):
    uid = recorded(catalog, run_engine, station.plan())
    before = load_run(catalog, uid).metadata
    stop = {key: value for key, value in before["stop"].items() if key != "verdict"}
    catalog.client[uid].replace_metadata(metadata={**before, "stop": stop}, drop_revision=True)
    assert load_run(catalog, uid).stop == stop
    (copied,) = copy_runs(catalog, postgresql_catalog, [uid])
    assert copied.state is CopyState.COPIED, copied.error
    assert load_run(postgresql_catalog, uid).stop == {**stop, "verdict": "in_focus"}


def test_a_run_without_its_frames(catalog, postgresql_catalog, station, run_engine):
    uid = recorded(catalog, run_engine, station.plan())
    before = load_run(catalog, uid).table()
    newest = max(catalog.storage.frames.iterdir(), key=lambda path: path.stat().st_mtime)
    newest.unlink()
    (copied,) = copy_runs(catalog, postgresql_catalog, [uid])
    assert copied.state is CopyState.COPIED, copied.error
    assert [Path(file).name for file in copied.files_gone] == [newest.name]
    pd.testing.assert_frame_equal(load_run(postgresql_catalog, uid).table(), before)


def test_frames_that_the_server_may_not_read(catalog, served_catalog, station, run_engine):
    uid = recorded(catalog, run_engine, station.plan())
    files = sorted(catalog.storage.frames.iterdir())
    (copied,) = copy_runs(catalog, served_catalog, [uid])
    assert copied.state is CopyState.FAILED
    assert "Give it the folder, at the same path, as readable_storage" in copied.error
    assert uid not in run_uids(served_catalog)
    assert sorted(catalog.storage.frames.iterdir()) == files


def command(*arguments: str, home: Path, key: str = "secretfortests"):
    environment = {**os.environ, HOME_VARIABLE: str(home), "TILED_API_KEY": key}
    return subprocess.run(
        [str(COMMAND), "catalog", "copy", *arguments],
        env={**environment, "TILED_RETRY_ATTEMPTS": "2", "TILED_RETRY_TIMEOUT": "2"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_command_goes_on_past_what_cannot_be_copied(
    catalog, postgresql_catalog, station, run_engine
):
    uid = recorded(catalog, run_engine, station.plan())
    recorder = Recorder(catalog)
    token = run_engine.subscribe(lambda name, document: name == "stop" or recorder(name, document))
    (unended,) = run_engine(station.plan(2))
    run_engine.unsubscribe(token)
    recorder.close()
    recorder.runs[0].backup.unlink()
    server, home = postgresql_catalog.client.context.api_uri, catalog.storage.home

    ended = command(str(server), unended, uid, "ffffffff", "--json", home=home)
    assert ended.returncode == 1, ended.stderr
    said = json.loads(ended.stdout)
    assert (said["copied"], said["already_there"], said["files_gone"]) == ([uid], [], {})
    assert [failed["uid"] for failed in said["failed"]] == [unended, "ffffffff"]
    assert "is not over" in said["failed"][0]["error"]
    assert "no single run 'ffffffff'" in said["failed"][1]["error"]
    assert "copy: 3" in ended.stderr and "is not over" in ended.stderr

    ended = command(str(server), uid, home=home)
    assert (ended.returncode, ended.stdout.count("1 were there already")) == (0, 1), ended.stderr

    catalog.client[unended].delete(recursive=True, external_only=False)
    # Other tests share this catalog, and some leave runs in it that never end.
    open_runs = {key for key in run_uids(catalog) if load_run(catalog, key).stop is None}
    ended = command(str(server), "--source", str(home), "--json", home=home / "elsewhere")
    said = json.loads(ended.stdout)
    assert ended.returncode == (1 if open_runs else 0), ended.stderr
    assert {failed["uid"] for failed in said["failed"]} == open_runs
    assert set(run_uids(catalog)) - open_runs <= set(run_uids(postgresql_catalog))


def test_a_command_that_cannot_begin_says_why(catalog, postgresql_catalog, tmp_path):
    server, home = str(postgresql_catalog.client.context.api_uri), catalog.storage.home
    nobody = command("http://127.0.0.1:9", "--json", home=home)
    wrong_key = command(server, "--json", home=home, key="wrong")
    no_catalog = command(server, "--json", home=tmp_path)
    for ended, said in [
        (nobody, "No catalog can be reached at http://127.0.0.1:9"),
        (wrong_key, "TILED_API_KEY holds the server's key"),
        (no_catalog, f"There is no catalog in {tmp_path}"),
    ]:
        assert ended.returncode == 2, ended.stderr
        assert said in json.loads(ended.stdout)["error"]
        assert "Traceback" not in ended.stderr
    assert not list(tmp_path.iterdir())
