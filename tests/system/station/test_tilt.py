"""A tilt measured on the live simulation, and one that cannot be."""

from dataclasses import replace
from math import cos, radians, sin

import pytest
from bluesky import plan_stubs as bps

from bluesky_autofocus.verdict import Verdict
from devices import connect_station
from devices.sim.process import simulated_station
from plans import measure_tilt

from .conftest import LiveStation, documented_keys, settings_for

pytestmark = pytest.mark.system

# As the scene `tilted` is made.
TILT_DEG, DIRECTION_DEG = 4.0, 20.0


def test_the_tilt_of_the_scene_is_measured_with_four_frames(
    engine, new_port, puts_to, catalog, tmp_path
):
    frames = catalog.storage.frames
    with simulated_station(port=new_port(), seed=3, scene="tilted", data_directory=frames) as ioc:
        station = connect_station(settings_for(ioc.prefix), frames_directory=str(frames))
        live = LiveStation(ioc, station, engine, puts_to(ioc.prefix))
        engine.subscribe(lambda name, doc: live.documents.append((name, doc)))
        dof, focus = station.scale.depth_of_field, live.focus()
        engine(bps.mv(station.stage, focus + 1.5 * dof))
        near = replace(station, window=(focus - 20 * dof, focus + 20 * dof))
        result = engine(measure_tilt(near)).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    assert result.frames == 4
    # Angles are given with the sign of the stage's axis, which runs against defocus or with it.
    column, row = (TILT_DEG * f(radians(DIRECTION_DEG)) for f in (cos, sin))
    assert abs(result.column_tilt_deg) == pytest.approx(column, rel=0.05)
    assert abs(result.row_tilt_deg) == pytest.approx(row, rel=0.1)
    assert result.column_tilt_std_deg < 0.1 * column
    assert abs(result.position - focus) < 0.5 * dof
    assert len(live.events("primary")) == 4
    (event,) = live.events("tilt")
    assert event["tilt_column_deg"] == result.column_tilt_deg
    assert list(event["tilt_corners"]) == list(result.corners)
    assert live.keys("tilt") <= documented_keys()
    assert "search_row_slope" in live.keys("search") & documented_keys()
    assert "tilted by" in str(result)


def test_optics_that_are_unknown_are_named_before_anything_moves(live):
    from bluesky_autofocus.errors import StationError

    bare = replace(live.station, estimator=None, optics=None)
    with pytest.raises(StationError, match="measure_tilt needs the optics"):
        live.engine(measure_tilt(bare))
    assert not live.documents
