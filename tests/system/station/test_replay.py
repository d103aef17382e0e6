"""Recorded runs of the live simulation, replayed: the same estimates, bit by bit."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bluesky import plan_stubs as bps
from bluesky.plans import count, list_scan
from distributed import LocalCluster

from bluesky_autofocus.catalog import HOME_VARIABLE, load_run
from bluesky_autofocus.catalog.run_writer import tiled_writer
from bluesky_autofocus.errors import OpticsError, ReplayError
from bluesky_autofocus.estimator.map_network import MapNet
from bluesky_autofocus.estimator.networks import SummaryNet, Widths
from bluesky_autofocus.estimator.pair_network import PairNet
from bluesky_autofocus.estimator.weights import Calibration, save_weights
from bluesky_autofocus.processor import SharpnessProcessor
from bluesky_autofocus.replay import (
    FailedRun,
    ReplayedRun,
    ReplayTask,
    WhatIfRun,
    many_runs,
    replay_many,
    replay_run,
)
from bluesky_autofocus.verdict import Verdict
from devices.sim.network import free_port
from plans import autofocus

pytestmark = pytest.mark.system


SMALL = Widths(code=8, hidden=16, blocks=1, channels=8, ring_channels=8, ring_values=2)


@pytest.fixture
def other_weights(tmp_path) -> Path:
    """Weights of small networks that have learned nothing."""
    path = tmp_path / "other.safetensors"
    networks = SummaryNet(SMALL), MapNet(SMALL), PairNet(SMALL)
    save_weights(path, *networks, widths=SMALL, calibration=Calibration(), version="other")
    return path


@pytest.fixture
def recorded(live, recorder) -> str:
    """A search by belief, in the catalog."""
    live.engine(bps.mv(live.station.stage, live.focus() + 150.0))
    uid = live.engine(autofocus(live.station)).plan_result.uid
    assert recorder.flush(60)
    return uid


def test_a_replay_finds_the_recorded_estimates_again(recorded, catalog):
    found = replay_run(catalog, ReplayTask(recorded))
    assert found.same_weights and found.as_expected and not found.done_before
    assert found.comparison is not None and found.comparison.is_identical
    events = load_run(catalog, recorded).events()
    assert len(found.frames) == found.comparison.frames == len(events) > 2
    assert [frame.position for frame in found.frames] == [event["stage"] for event in events]

    derived = load_run(catalog, found.derived_uid)
    assert derived.start["raw_uid"] == recorded
    assert len(derived.events()) == len(events)

    (again,) = replay_many(catalog, [ReplayTask(recorded)])
    assert isinstance(again, ReplayedRun)
    assert again.done_before
    assert (again.frames, again.comparison) == (found.frames, found.comparison)
    with pytest.raises(ReplayError, match=f"derived from run {recorded[:8]}"):
        replay_run(catalog, ReplayTask(found.derived_uid))

    # What an interrupted replay left is made anew.
    documents = list(derived.documents())
    catalog.client[found.derived_uid].delete(recursive=True, external_only=False)
    write = tiled_writer(catalog)
    for name, document in documents[:-2]:
        write(name, document)
    assert load_run(catalog, found.derived_uid).stop is None
    anew = replay_run(catalog, ReplayTask(recorded))
    assert not anew.done_before
    assert anew.frames == found.frames


def test_other_weights_are_shown_beside_those_recorded(recorded, catalog, other_weights):
    same = replay_run(catalog, ReplayTask(recorded))
    found = replay_run(catalog, ReplayTask(recorded, weights=other_weights))
    assert not found.same_weights and found.as_expected
    assert found.derived_uid != same.derived_uid
    assert found.comparison is not None and found.comparison.identical == 0
    assert found.comparison.largest["sharpness"] > 0
    assert "spectrum_power" not in found.comparison.largest
    for frame, before in zip(found.frames, same.frames, strict=True):
        assert frame.recorded == before.replayed
        assert frame.replayed["distance_dof"] != before.replayed["distance_dof"]


def test_the_command_replays_with_workers_and_reports_what_it_cannot(recorded, catalog):
    command = [sys.executable, "-m", "bluesky_autofocus", "replay", recorded, "fffffff"]
    done = subprocess.run(
        [*command, "--workers", "2", "--json"],
        capture_output=True,
        text=True,
        timeout=110,
        env={**os.environ, HOME_VARIABLE: str(catalog.storage.home)},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert [run["uid"] for run in said["runs"]] == [recorded]
    assert said["runs"][0]["comparison"]["identical"] == said["frames"] > 2
    assert [run["uid"] for run in said["failed"]] == ["fffffff"]
    assert "no single run" in said["failed"][0]["error"]
    assert load_run(catalog, said["runs"][0]["derived_uid"]).start["raw_uid"] == recorded


def test_workers_of_a_dask_scheduler_replay(recorded, catalog):
    settings: Any = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": "127.0.0.1:0"}
    cluster: Any
    with LocalCluster(host="127.0.0.1", scheduler_port=0, **settings) as cluster:
        address = cluster.scheduler_address
        tasks = [ReplayTask(recorded), ReplayTask("fffffff")]
        found, failed = replay_many(catalog, tasks, scheduler=address)
    assert isinstance(found, ReplayedRun), found
    assert found.comparison is not None and found.comparison.is_identical
    assert isinstance(failed, FailedRun) and "no single run" in failed.error
    (again,) = replay_many(catalog, [ReplayTask(recorded)])
    assert isinstance(again, ReplayedRun) and again.done_before


def test_a_scheduler_that_does_not_answer_is_named(catalog, monkeypatch):
    monkeypatch.setattr(many_runs, "CONNECTION_TIMEOUT_S", 1)
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(ReplayError, match=f"No Dask scheduler answers at '{address}'"):
        list(replay_many(catalog, [ReplayTask("fffffff")], scheduler=address))


def test_any_scan_is_estimated_live_and_the_same_in_replay(live, recorder, catalog):
    station = live.station
    emitted: list[tuple[str, dict]] = []
    processor = SharpnessProcessor(
        lambda name, doc: emitted.append((name, doc)), optics=station.optics, full_scale=255.0
    )
    token = live.engine.subscribe(processor)
    scanned: Any = (station.stage, [live.focus() + far for far in (-20.0, 0.0, 30.0)])
    (uid,) = live.engine(list_scan([station.camera], *scanned)).run_start_uids
    live.engine.unsubscribe(token)
    assert recorder.flush(60)
    seen = [document["data"] for name, document in emitted if name == "event"]
    assert emitted[-1][1]["exit_status"] == "success", emitted[-1]
    assert seen[1]["estimate_in_focus"] and not seen[2]["estimate_in_focus"]

    with pytest.raises(OpticsError, match="--optics FILE"):
        replay_run(catalog, ReplayTask(uid))
    found = replay_run(catalog, ReplayTask(uid, optics=station.optics))
    assert found.comparison is None and found.as_expected
    for frame, data in zip(found.frames, seen, strict=True):
        assert frame.replayed["distance_dof"] == data["estimate_distance_dof"]
        assert frame.recorded is None

    (bad,) = replay_many(catalog, [ReplayTask("fffffff")])
    assert isinstance(bad, FailedRun) and "no single run" in bad.error
    (uid,) = live.engine(count([station.stage])).run_start_uids
    assert recorder.flush(60)
    with pytest.raises(ReplayError, match="no frames"):
        replay_run(catalog, ReplayTask(uid))


def test_another_search_decides_on_the_frames_of_a_dense_sweep(live, recorder, catalog):
    scale, focus = live.station.scale, live.focus()
    window = (focus - 9 * scale.depth_of_field, focus + 8 * scale.depth_of_field)
    live.engine(bps.mv(live.station.stage, focus + 5 * scale.depth_of_field))
    plan = autofocus(live.station, window=window, search="sweep")
    result = live.engine(plan).plan_result
    assert recorder.flush(60)
    (found,) = replay_many(catalog, [ReplayTask(result.uid, search="belief")])
    assert isinstance(found, WhatIfRun), found
    assert found.recorded.search == "sweep" and found.recorded.verdict == str(result.verdict)
    assert found.recorded.focus_position == result.focus_position
    assert found.recorded.frames == result.frames > 20
    assert found.what_if.verdict == "in_focus", found.message
    assert found.what_if.focus_position == pytest.approx(focus, abs=scale.depth_of_field / 2)
    assert found.what_if.frames == len(found.positions) < 8
    assert found.difference_dof is not None and abs(found.difference_dof) < 0.5

    derived = load_run(catalog, found.derived_uid)
    assert derived.verdict is Verdict.IN_FOCUS
    assert derived.start["what_if"]["search"] == "belief"
    taken = load_run(catalog, result.uid).table()
    for event in derived.events():
        assert taken["stage"][event["raw_seq_num"]] == pytest.approx(event["stage"])
    (again,) = replay_many(catalog, [ReplayTask(result.uid, search="belief")])
    assert isinstance(again, WhatIfRun)
    assert replace(again, done_before=False) == found

    tight = ReplayTask(result.uid, search="golden", tolerance_dof=0.05)
    (refused,) = replay_many(catalog, [tight])
    assert isinstance(refused, FailedRun) and "--tolerance" in refused.error
