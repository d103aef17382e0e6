"""The recorder under a catalog that blocks, fails or falls behind: nothing is lost or raised."""

import errno
import json
import logging
import threading
import time

import pytest
from event_model import compose_run

from bluesky_autofocus.catalog import Catalog, Recorder, RunState, Storage
from bluesky_autofocus.catalog import run_writer as run_writer_module
from bluesky_autofocus.catalog.journal import Journal


def documents(events: int = 3) -> list:
    run = compose_run()
    stream = run.compose_descriptor(
        name="primary", data_keys={"x": {"source": "test", "shape": [], "dtype": "number"}}
    )
    made = [("start", run.start_doc), ("descriptor", stream.descriptor_doc)]
    for number in range(events):
        event = stream.compose_event(data={"x": float(number)}, timestamps={"x": float(number)})
        made.append(("event", event))
    return [*made, ("stop", run.compose_stop())]


def as_written(made: list) -> list:
    return [(name, json.loads(json.dumps(document))) for name, document in made]


def backup_of(path) -> list:
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    return [(entry["name"], entry["doc"]) for entry in entries]


class Sink:
    """Stands where the catalog's writer does, to fail or block at will."""

    def __init__(self) -> None:
        self.received: list = []
        self.fail_at = ""
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, name, document) -> None:
        self.gate.wait(20)
        if name == self.fail_at:
            raise ConnectionError("Connection refused")
        self.received.append((name, document))


@pytest.fixture
def sink(monkeypatch):
    sink = Sink()
    monkeypatch.setattr(run_writer_module, "tiled_writer", lambda catalog: sink)
    monkeypatch.setattr(run_writer_module, "_reach", lambda catalog: None)
    yield sink
    sink.gate.set()


@pytest.fixture
def catalog(tmp_path):
    storage = Storage(tmp_path)
    storage.create()
    return Catalog(None, storage)  # pyright: ignore[reportArgumentType]


def feed(recorder, made) -> None:
    for name, document in made:
        recorder(name, document)


def test_a_written_run_leaves_no_backup(catalog, sink):
    made = documents()
    with Recorder(catalog) as recorder:
        feed(recorder, made)
        assert recorder.flush(10)
        (run,) = recorder.runs
    assert run.state is RunState.WRITTEN
    assert run.documents == len(made)
    assert "is in the catalog" in run.message
    assert sink.received == as_written(made)
    assert list(catalog.storage.backup.iterdir()) == []


@pytest.mark.parametrize("fail_at", ["start", "descriptor", "event", "stop"])
def test_a_failing_catalog_leaves_the_whole_run_in_its_backup(catalog, sink, caplog, fail_at):
    sink.fail_at = fail_at
    made = documents()
    with Recorder(catalog) as recorder:
        feed(recorder, made)
        assert recorder.flush(10)
        (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert backup_of(run.backup) == as_written(made)
    assert "Connection refused" in run.message
    assert f'replay_backup("{run.backup}"' in run.message
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert str(run.backup) in caplog.text


def test_a_failed_run_does_not_spoil_the_next(catalog, sink):
    with Recorder(catalog) as recorder:
        sink.fail_at = "event"
        feed(recorder, documents())
        recorder.flush(10)
        sink.fail_at = ""
        feed(recorder, documents())
        recorder.flush(10)
        assert [run.state for run in recorder.runs] == [RunState.BACKED_UP, RunState.WRITTEN]


def test_a_catalog_that_blocks_does_not_hold_up_the_caller(catalog, sink):
    sink.gate.clear()
    made = documents(200)
    with Recorder(catalog) as recorder:
        begin = time.monotonic()
        feed(recorder, made)
        # The gate would open by itself after 20 s.
        assert time.monotonic() - begin < 10
        assert not recorder.flush(0.05)
        assert recorder.runs[0].state is RunState.PENDING
        sink.gate.set()
        assert recorder.flush(10)
        assert recorder.runs[0].state is RunState.WRITTEN
    assert sink.received == as_written(made)


def test_what_the_queue_cannot_hold_is_in_the_backup(catalog, sink):
    sink.gate.clear()
    made = documents(50)
    with Recorder(catalog, queue_size=10) as recorder:
        feed(recorder, made)
        (run,) = recorder.runs
        assert run.state is RunState.BACKED_UP
        assert "behind by 10 documents" in run.error
        assert backup_of(run.backup) == as_written(made)
        sink.gate.set()
    assert ("stop", as_written(made)[-1][1]) not in sink.received


def test_closing_does_not_wait_for_ever(catalog, sink):
    sink.gate.clear()
    made = documents()
    recorder = Recorder(catalog)
    feed(recorder, made)
    recorder.close(timeout=0.05)
    (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert "did not take it within 0.05 s" in run.message
    assert backup_of(run.backup) == as_written(made)
    sink.gate.set()
    recorder._thread.join(10)
    assert not recorder._thread.is_alive()
    assert [name for name, _ in sink.received] == ["start"]
    recorder.close()


def test_a_run_that_has_not_ended_at_closing_is_backed_up(catalog, sink):
    made = documents()
    with Recorder(catalog) as recorder:
        feed(recorder, made[:-1])
    (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert "closed before the run ended" in run.error
    assert backup_of(run.backup) == as_written(made[:-1])


def test_documents_after_closing_are_still_kept(catalog, sink):
    made = documents()
    recorder = Recorder(catalog)
    recorder.close()
    feed(recorder, made)
    (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert backup_of(run.backup) == as_written(made)


def test_a_document_of_no_run_is_logged_and_not_raised(catalog, sink, caplog):
    with Recorder(catalog) as recorder:
        recorder("event", {"descriptor": "never seen"})
    assert "'event' document could not be recorded" in caplog.text


def test_without_a_backup_folder_the_catalog_still_gets_the_run(catalog, sink, caplog):
    catalog.storage.backup.rmdir()
    catalog.storage.backup.write_text("a file is in the way")
    made = documents()
    with Recorder(catalog) as recorder:
        feed(recorder, made)
        assert recorder.flush(10)
        assert recorder.runs[0].state is RunState.WRITTEN
    assert sink.received == as_written(made)
    assert "goes on without a backup" in caplog.text


@pytest.fixture
def disk_full_at_event(monkeypatch):
    append = Journal.append

    def refuse_events(self, name, document):
        if name == "event":
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, name, document)

    monkeypatch.setattr(Journal, "append", refuse_events)


def test_a_disk_that_fills_up_does_not_keep_the_run_from_the_catalog(
    catalog, sink, caplog, disk_full_at_event
):
    made = documents()
    with Recorder(catalog) as recorder:
        feed(recorder, made)
        assert recorder.flush(10)
        assert recorder.runs[0].state is RunState.WRITTEN
    assert sink.received == as_written(made)
    assert caplog.text.count("No space left on device") == 1
    assert list(catalog.storage.backup.iterdir()) == []


@pytest.mark.parametrize("fail_at", ["start", "stop"])
def test_a_full_disk_and_a_failing_catalog_are_told_as_lost(
    catalog, sink, disk_full_at_event, fail_at
):
    sink.fail_at = fail_at
    with Recorder(catalog) as recorder:
        feed(recorder, documents())
        assert recorder.flush(10)
        assert recorder.runs[0].state is RunState.LOST


def test_neither_catalog_nor_backup_is_told_as_lost(catalog, sink, caplog):
    catalog.storage.backup.rmdir()
    catalog.storage.backup.write_text("a file is in the way")
    sink.fail_at = "event"
    with Recorder(catalog) as recorder:
        feed(recorder, documents())
        recorder.flush(10)
        (run,) = recorder.runs
    assert run.state is RunState.LOST
    assert "take the run again" in run.message
    assert caplog.records[-1].levelno == logging.ERROR


def test_interleaved_runs_each_have_their_own_backup(catalog, sink):
    sink.fail_at = "event"
    one, two = documents(), documents()
    with Recorder(catalog) as recorder:
        for pair in zip(one, two, strict=True):
            feed(recorder, pair)
        recorder.flush(10)
        runs = recorder.runs
    assert [backup_of(run.backup) for run in runs] == [as_written(one), as_written(two)]


def test_reports_are_bounded(catalog, sink, monkeypatch):
    monkeypatch.setattr("bluesky_autofocus.catalog.recorder._KEPT_REPORTS", 3)
    runs = [documents(0) for _ in range(5)]
    with Recorder(catalog) as recorder:
        for made in runs:
            feed(recorder, made)
        recorder.flush(10)
        assert [run.uid for run in recorder.runs] == [made[0][1]["uid"] for made in runs[2:]]


def test_the_index_of_parts_does_not_grow_with_runs(catalog, sink):
    with Recorder(catalog) as recorder:
        for _ in range(3):
            feed(recorder, documents())
        assert recorder._index._run_of == {}
        assert recorder._open == {}
