"""A catalog that dies or hangs while a run is recorded: the plan goes on, no event is lost."""

import json
import signal

import numpy as np
import pytest

from bluesky_autofocus.catalog import (
    Recorder,
    RunState,
    load_run,
    replay_backup,
    unwritten_runs,
)
from bluesky_autofocus.errors import CatalogError

pytestmark = pytest.mark.system

STEPS = 30


@pytest.fixture
def station(station_module, tiled_server):
    return station_module.Station(tiled_server.storage.frames)


def dumped(documents):
    return [[name, json.loads(json.dumps(document))] for name, document in documents]


def backed_up(path):
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    return [[entry["name"], entry["doc"]] for entry in entries]


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP])
def test_the_plan_goes_on_and_the_run_is_replayed_afterwards(
    fate, tiled_server, served_catalog, station, run_engine
):
    emitted = []
    run_engine.subscribe(lambda name, document: emitted.append((name, document)))
    recorder = Recorder(served_catalog)
    run_engine.subscribe(recorder)

    def strike(step):
        if step == 5:
            # The catalog has begun the run: what is left behind there is half of it.
            assert recorder.flush(30)
            tiled_server.send(fate)

    (uid,) = run_engine(station.plan(STEPS, at_step=strike))
    assert emitted[-1][1]["exit_status"] == "success"
    recorder.close(timeout=60)
    (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert ("ConnectError" if fate is signal.SIGKILL else "ReadTimeout") in run.error
    # NaN is not equal to itself, hence by its text.
    assert str(backed_up(run.backup)) == str(dumped(emitted))
    assert unwritten_runs(served_catalog.storage) == [run.backup]

    if fate is signal.SIGSTOP:
        tiled_server.send(signal.SIGCONT)
    else:
        tiled_server.kill()
        with pytest.raises(CatalogError, match=r"refuses run .* The file is left as it was"):
            replay_backup(run.backup, served_catalog)
        tiled_server.start()
    assert "stop" not in served_catalog.client[uid].metadata
    assert replay_backup(run.backup, served_catalog) == uid
    assert unwritten_runs(served_catalog.storage) == []
    read = load_run(served_catalog, uid)
    np.testing.assert_array_equal(read.table()["sensor_sharpness"], 1 / np.arange(1, STEPS + 1))
    np.testing.assert_array_equal(list(read.frames()), station.camera.written)
    assert read.stop is not None and read.stop["exit_status"] == "success"


def test_a_server_that_is_down_at_the_start_is_told_as_such(
    tiled_server, served_catalog, station, run_engine
):
    tiled_server.kill()
    with Recorder(served_catalog) as recorder:
        run_engine.subscribe(recorder)
        run_engine(station.plan(3))
        assert recorder.flush(60)
        (run,) = recorder.runs
    assert run.state is RunState.BACKED_UP
    assert (
        run.error == "a 'start' document failed with ConnectError: [Errno 111] Connection refused."
    )
    tiled_server.start()
    assert len(load_run(served_catalog, replay_backup(run.backup, served_catalog)).table()) == 3
