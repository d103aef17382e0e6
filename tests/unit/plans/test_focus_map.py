"""Focus over a sample whose height changes with place: measured, predicted, followed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bluesky import plans as bp
from ophyd.sim import SynAxis

from bluesky_autofocus.errors import StageFaultError, SurfaceError
from bluesky_autofocus.focus_surface import fit_surface
from plans import focus_map, follow_focus_wrapper

DOF = 4.0
GRID = [(float(x), float(y)) for y in range(0, 60, 10) for x in range(0, 60, 10)]


class Axis(SynAxis):
    """An axis of the sample; it can be stuck."""

    stuck = False

    def set(self, value: float):  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.stuck:
            raise RuntimeError("the brake is on")
        return super().set(value)


def axes() -> tuple[Any, Any]:
    return Axis(name="x"), Axis(name="y")


@pytest.fixture
def tilted(soft):
    """Axes of a sample whose focus lies on a plane, and where that is."""
    x, y = axes()

    def focus(at_x: float, at_y: float) -> float:
        return -12.0 + 0.4 * at_x - 0.3 * at_y

    camera: Any = soft.camera
    kind = type(
        "TiltedCamera",
        (type(camera),),
        {
            "focus": property(
                lambda self: focus(x.readback.get(), y.readback.get()), lambda self, value: None
            )
        },
    )
    camera.__class__ = kind
    return soft, x, y, focus


def test_after_ten_points_most_are_predicted_and_all_are_right(tilted, engine):
    soft, x, y, focus = tilted
    result = engine(focus_map(soft.station, x, y, GRID, search="golden")).plan_result
    assert len(result.points) == len(GRID)
    measured = [point for point in result.points if point.measured]
    assert len(measured) < 0.6 * len(GRID)
    misses = [abs(p.focus - focus(p.x, p.y)) / DOF for p in result.points]
    assert max(misses) < 0.5
    assert result.surface.degree == 1
    assert soft.stage.readback.get() == pytest.approx(focus(50.0, 50.0), abs=0.5 * DOF)
    starts = [doc for name, doc in soft.documents if name == "start"]
    assert [s["focus_map"]["number"] for s in starts] == [
        k for k, p in enumerate(result.points) if p.measured
    ]
    assert [p.uid for p in measured] == [s["uid"] for s in starts]
    assert "36 points" in str(result) and "plane" in str(result)


def test_a_point_without_texture_is_left_to_the_surface(tilted, engine):
    soft, x, y, focus = tilted
    camera: Any = soft.camera
    normal = type(camera).trigger

    def trigger(self):
        self.contrast = 0.0 if (x.readback.get(), y.readback.get()) == (20.0, 0.0) else 1.0
        return normal(self)

    camera.__class__ = type("Patchy", (type(camera),), {"trigger": trigger})
    result = engine(focus_map(soft.station, x, y, GRID[:8], search="golden")).plan_result
    bare = result.points[2]
    assert not bare.measured and bare.frames > 0 and bare.uid
    assert abs(bare.focus - focus(bare.x, bare.y)) < 0.5 * DOF


def test_a_sample_without_texture_ends_after_five_points(soft, engine):
    soft.camera.contrast = 0.0
    with pytest.raises(SurfaceError, match="5 points in a row"):
        engine(focus_map(soft.station, *axes(), GRID, search="golden"))
    assert len([1 for name, _ in soft.documents if name == "start"]) == 5


def test_an_axis_that_does_not_move_is_a_fault(soft, engine):
    x, y = axes()
    y.stuck = True
    with pytest.raises(StageFaultError, match="could not be moved .*brake is on"):
        engine(focus_map(soft.station, x, y, GRID[:2]))
    assert not soft.documents


@pytest.mark.parametrize("points", [[], [(0.0, np.nan)]], ids=["none", "no number"])
def test_bad_points_are_refused_before_anything_moves(soft, engine, points):
    with pytest.raises(SurfaceError):
        engine(focus_map(soft.station, *axes(), points))
    assert soft.stage.targets == []


def surface_of(focus):
    return fit_surface(GRID, [focus(*p) for p in GRID], error=0.1)


def test_a_scan_follows_the_surface(tilted, engine):
    soft, x, y, focus = tilted
    plan = bp.scan([soft.camera, soft.stage], x, 0, 50, 6)
    engine(follow_focus_wrapper(plan, soft.station, surface_of(focus), x, y))
    events = soft.events("primary")
    assert len(events) == 6
    for event in events:
        assert event["stage"] == pytest.approx(focus(event["x"], 0.0), abs=0.1 * DOF)


def test_a_surface_that_leads_out_of_the_window_stops_the_scan(tilted, engine):
    soft, x, y, focus = tilted
    narrow = replace(soft.station, window=(-20.0, 35.0))
    plan = bp.scan([soft.camera], x, 0, 200, 5)
    with pytest.raises(SurfaceError, match=r"outside \[-20, 35\]"):
        engine(follow_focus_wrapper(plan, narrow, surface_of(focus), x, y))
    assert max(soft.stage.targets) <= 35.0
