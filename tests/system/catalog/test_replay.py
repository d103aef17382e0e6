"""Backups of every kind reach the catalog, and only once."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from bluesky_autofocus.catalog import (
    Recorder,
    RunState,
    load_run,
    replay_backup,
    unwritten_runs,
)
from bluesky_autofocus.catalog.journal import Journal
from bluesky_autofocus.errors import CatalogError

pytestmark = pytest.mark.system


@pytest.fixture
def backup(catalog, station, run_engine):
    """The backup file of a run that never reached the catalog, and the run's uid."""
    journals = []

    def keep(name, document):
        if name == "start":
            journals.append(Journal(catalog.storage.backup, document["uid"]))
        journals[0].append(name, document)

    run_engine.subscribe(keep)
    (uid,) = run_engine(station.plan())
    journals[0].close()
    yield journals[0].path, uid
    journals[0].discard()


def cut(path, lines, tail=""):
    kept = path.read_text().splitlines(keepends=True)[:lines]
    path.write_text("".join(kept) + tail)


def test_a_run_that_only_its_backup_holds(catalog, station, backup):
    path, uid = backup
    assert replay_backup(path, catalog) == uid
    run = load_run(catalog, uid)
    assert len(run.table()) == 5
    np.testing.assert_array_equal(list(run.frames()), station.camera.written)
    assert not path.exists()
    assert path.with_name(path.name + ".done").exists()


def test_a_complete_run_is_not_written_twice(catalog, backup):
    path, uid = backup
    copy = path.with_name("copy.jsonl")
    copy.write_text(path.read_text())
    replay_backup(path, catalog)
    before = catalog.client[uid].item["attributes"]["metadata"]["stop"]
    assert replay_backup(copy, catalog) == uid
    assert catalog.client[uid].item["attributes"]["metadata"]["stop"] == before
    assert len(load_run(catalog, uid).table()) == 5


def test_a_partial_run_is_replaced_and_its_frames_stay(catalog, station, backup):
    path, uid = backup
    recorder = Recorder(catalog)
    for line in path.read_text().splitlines()[:-1]:
        entry = json.loads(line)
        recorder(entry["name"], entry["doc"])
    recorder.close()
    assert recorder.runs[0].state is RunState.BACKED_UP
    assert recorder.runs[0].backup.stem == f"{uid}-2"
    recorder.runs[0].backup.unlink()
    assert "stop" not in catalog.client[uid].metadata
    replay_backup(path, catalog)
    np.testing.assert_array_equal(list(load_run(catalog, uid).frames()), station.camera.written)


def test_a_run_whose_recording_process_was_killed_is_marked_as_failed(catalog, backup, caplog):
    path, uid = backup
    # Start to the third event of primary, then half a line.
    names = [json.loads(line)["name"] for line in path.read_text().splitlines()]
    third = [index for index, name in enumerate(names) if name == "event"][4]
    cut(path, third + 1, tail='{"name": "event", "doc": {"uid"')
    replay_backup(path, catalog)
    assert "cut off" in caplog.text
    run = load_run(catalog, uid)
    assert len(run.table()) == 3
    assert run.verdict is None
    assert run.stop is not None
    assert run.stop["exit_status"] == "fail"
    assert "ended before" in run.stop["reason"]
    assert run.stop["num_events"] == {"primary": 3, "search": 2}


KILLED_WHILE_RECORDING = """
import os, signal
from importlib.util import module_from_spec, spec_from_file_location
from bluesky import RunEngine
from bluesky_autofocus.catalog import open_catalog, record

spec = spec_from_file_location("station", {station!r})
station = module_from_spec(spec)
spec.loader.exec_module(station)

def die(step):
    if step == 4:
        os.kill(os.getpid(), signal.SIGKILL)

RE = RunEngine({{}})
with open_catalog({home!r}) as catalog, record(RE, catalog):
    RE(station.Station(catalog.storage.frames).plan(9, at_step=die))
"""


def test_a_recording_process_that_is_killed_leaves_every_event(catalog, station_module):
    source = KILLED_WHILE_RECORDING.format(
        station=station_module.__file__, home=str(catalog.storage.home)
    )
    waiting = unwritten_runs(catalog.storage)
    killed = subprocess.run([sys.executable, "-c", source], timeout=90, check=False)
    assert killed.returncode == -signal.SIGKILL
    (path,) = [path for path in unwritten_runs(catalog.storage) if path not in waiting]
    uid = replay_backup(path, catalog)
    run = load_run(catalog, uid)
    assert len(run.table()) == len(run.frames()) == 4
    assert run.stop is not None and run.stop["exit_status"] == "fail"


def test_a_run_that_is_still_recorded_is_left_alone(catalog):
    journal = Journal(catalog.storage.backup, "live")
    journal.append("start", {"uid": "live"})
    with pytest.raises(CatalogError, match="still being recorded"):
        replay_backup(journal.path, catalog)
    journal.discard()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not begin with a start document"),
        ('{"name": "event", "doc": {}}\n', "does not begin with a start document"),
        ("not json\n", "Line 1 of .* is not a document"),
        ('{"name": "start", "doc": {"uid": "u"}}\nnoise\n{"name": "stop", "doc": {}}\n', "Line 2"),
    ],
)
def test_what_is_no_backup_is_refused(catalog, tmp_path, text, words):
    path = tmp_path / "file.jsonl"
    path.write_text(text)
    with pytest.raises(CatalogError, match=words):
        replay_backup(path, catalog)
    assert path.read_text() == text


def test_a_missing_file_is_a_clear_error(catalog, tmp_path):
    with pytest.raises(CatalogError, match="no backup file"):
        replay_backup(tmp_path / "none.jsonl", catalog)


def test_nothing_is_left_waiting(catalog, backup):
    path, _ = backup
    assert path in unwritten_runs(catalog.storage)
    replay_backup(path, catalog)
    assert path not in unwritten_runs(catalog.storage)
