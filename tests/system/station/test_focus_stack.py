"""A focal stack taken on the live simulation, recorded, and fused from the catalog."""

from dataclasses import replace

import numpy as np
import pytest
from bluesky import plan_stubs as bps

from bluesky_autofocus.catalog import load_run, record
from bluesky_autofocus.errors import ReplayError, SearchError
from bluesky_autofocus.replay import fuse_run, stored_descriptor
from bluesky_autofocus.verdict import Verdict
from devices import connect_station
from devices.sim.process import simulated_station
from plans import focus_stack

from .conftest import LiveStation, documented_keys, settings_for

pytestmark = pytest.mark.system

TERRACES_DOF = np.array([-6.0, 0.0, 9.0])


def test_a_stack_of_terraces_is_taken_fused_and_kept(engine, new_port, puts_to, catalog):
    frames = catalog.storage.frames
    with simulated_station(port=new_port(), seed=3, scene="terraces", data_directory=frames) as ioc:
        station = connect_station(settings_for(ioc.prefix), frames_directory=str(frames))
        live = LiveStation(ioc, station, engine, puts_to(ioc.prefix))
        engine.subscribe(lambda name, doc: live.documents.append((name, doc)))
        dof, focus = station.scale.depth_of_field, live.focus()
        engine(bps.mv(station.stage, focus + 20 * dof))
        near = replace(station, window=(focus - 40 * dof, focus + 40 * dof))
        with record(engine, catalog) as recorder:
            result = engine(focus_stack(near)).plan_result
            assert recorder.flush(60)
    assert result.verdict is Verdict.IN_FOCUS, result
    # 81 planes a depth of field apart would have done as well.
    assert result.frames <= 27
    (event,) = live.events("stack")
    assert list(event["stack_frames"]) == list(result.plane_frames)
    assert live.keys("stack") <= documented_keys()
    assert "search_planes" in live.keys("search") & documented_keys()

    fused = fuse_run(catalog, result.uid)
    assert not fused.done_before
    heights = (fused.height[fused.valid] - focus) / dof
    # The stage moves the other way than defocus grows, where the scene has it so.
    off = min(
        np.quantile(np.abs(heights[:, None] - sign * TERRACES_DOF).min(axis=1), 0.95)
        for sign in (1, -1)
    )
    assert off < 0.3
    assert fused.quality["sharpness_gain"] > 1.2
    run = load_run(catalog, fused.derived_uid)
    assert run.start["raw_uid"] == result.uid
    assert np.array_equal(run.frames("primary", "fused_image")[0], fused.image)
    assert np.array_equal(run.frames("primary", "fused_height")[0], fused.height)
    assert run.table("planes")["plane_raw_seq_num"].tolist() == list(result.plane_frames)
    named = {key for name in run.streams for key in stored_descriptor(run, name)["data_keys"]}
    assert named <= documented_keys()

    again = fuse_run(catalog, result.uid)
    assert again.done_before
    assert np.array_equal(again.image, fused.image)
    with pytest.raises(ReplayError, match="itself derived"):
        fuse_run(catalog, fused.derived_uid)


def test_a_spacing_of_no_use_is_refused_before_anything_moves(live):
    with pytest.raises(SearchError, match="cannot be fused"):
        live.engine(focus_stack(live.station, spacing_dof=9.0))
    assert not live.documents
