"""A run's documents reach the disk one by one and are never overwritten."""

import json
import os

import numpy as np

from bluesky_autofocus.catalog import Storage, unwritten_runs
from bluesky_autofocus.catalog.journal import Journal, is_in_use


def test_each_document_is_on_disk_when_append_returns(tmp_path):
    journal = Journal(tmp_path, "run")
    journal.append("start", {"uid": "run", "flag": np.bool_(True), "grid": np.arange(3)})
    journal.append("event", {"value": float("nan"), "odd": {1 + 2j}})
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    journal.close()
    assert lines[0] == {"name": "start", "doc": {"uid": "run", "flag": True, "grid": [0, 1, 2]}}
    assert np.isnan(lines[1]["doc"]["value"])
    assert lines[1]["doc"]["odd"] == "{(1+2j)}"


def test_an_older_backup_of_the_same_run_is_left_alone(tmp_path):
    first = Journal(tmp_path, "run")
    first.append("start", {"uid": "run"})
    first.close()
    second = Journal(tmp_path, "run")
    second.close()
    assert second.path == tmp_path / "run-2.jsonl"
    assert "start" in first.path.read_text()


def test_a_journal_is_in_use_until_closed_and_gone_when_discarded(tmp_path):
    journal = Journal(tmp_path, "run")
    assert is_in_use(journal.path)
    journal.close()
    assert not is_in_use(journal.path)
    journal.discard()
    assert not journal.path.exists()


def test_unwritten_runs_are_told_oldest_first_without_those_in_use(tmp_path):
    storage = Storage(tmp_path)
    storage.create()
    for age, name in enumerate(["new", "old"]):
        journal = Journal(storage.backup, name)
        journal.close()
        os.utime(journal.path, (1e9 - age, 1e9 - age))
    live = Journal(storage.backup, "live")
    assert [path.stem for path in unwritten_runs(storage)] == ["old", "new"]
    live.close()
