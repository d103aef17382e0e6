"""Several altitudes on the live simulation: each found, visited, and recorded."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from bluesky import plan_stubs as bps

from bluesky_autofocus.catalog import Catalog
from bluesky_autofocus.verdict import Verdict
from devices import connect_station
from devices.sim.process import simulated_station
from plans import autofocus_region, autofocus_regions

from .conftest import LiveStation, documented_keys, settings_for

pytestmark = pytest.mark.system

# As the scene is made: defocus of its three terraces.
TERRACES_DOF = np.array([-6.0, 0.0, 9.0])


@pytest.fixture
def terraced(engine, new_port, puts_to, catalog: Catalog) -> Iterator[LiveStation]:
    frames = catalog.storage.frames
    with simulated_station(port=new_port(), seed=3, scene="terraces", data_directory=frames) as ioc:
        station = connect_station(settings_for(ioc.prefix), frames_directory=str(frames))
        made = LiveStation(ioc, station, engine, puts_to(ioc.prefix))
        engine.subscribe(lambda name, doc: made.documents.append((name, doc)))
        yield made


def test_every_terrace_is_found_and_visited(terraced):
    dof, focus = terraced.station.scale.depth_of_field, terraced.focus()
    terraced.engine(bps.mv(terraced.station.stage, focus + 20 * dof))
    station = replace(terraced.station, window=(focus - 40 * dof, focus + 40 * dof))
    visited: list[float] = []

    def visit(altitude):
        readback = yield from bps.rd(station.stage)
        visited.append(readback - altitude.focus_position)

    result = terraced.engine(autofocus_regions(station, visit=visit)).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    found = np.sort([(a.focus_position - focus) / dof for a in result.altitudes])
    # The stage moves the other way than defocus grows, where the scene has it so.
    miss = min(np.abs(found - np.sort(sign * TERRACES_DOF)).max() for sign in (1, -1))
    assert miss < 0.5, found
    assert result.frames <= 3 + 2 * 3 + 4
    assert len(visited) == 3
    assert np.abs(visited).max() < 0.25 * dof
    events = terraced.events("altitudes")
    assert [e["altitude_label"] for e in events] == [0, 1, 2]
    labels = np.array(terraced.events("field")[-1]["field_labels"])
    assert labels.shape == (16, 16)
    assert {0, 1, 2} <= set(labels.ravel().tolist())
    assert terraced.keys("altitudes", "field") <= documented_keys()
    assert terraced.events("outcome")[-1]["outcome_verdict"] == "in_focus"


def test_the_terrace_at_a_point_is_brought_into_focus(terraced):
    dof, focus = terraced.station.scale.depth_of_field, terraced.focus()
    terraced.engine(bps.mv(terraced.station.stage, focus + 15 * dof))
    station = replace(terraced.station, window=(focus - 40 * dof, focus + 40 * dof))
    result = terraced.engine(autofocus_region(station, (40.0, 40.0))).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    at_point = [a for a in result.altitudes if any(b[:2] == (0, 0) for b in a.boxes)]
    assert len(at_point) == 1
    assert abs(result.position - at_point[0].focus_position) < 0.25 * dof
    away = abs(result.position - focus) / dof
    assert np.abs(away - np.abs(TERRACES_DOF)).min() < 0.5
