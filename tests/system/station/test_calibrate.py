"""A station whose optics nobody told, calibrated on the live simulation, and then in focus."""

import json
from dataclasses import replace
from importlib import import_module

import pytest
from bluesky import plan_stubs as bps
from typer.testing import CliRunner

from bluesky_autofocus.calibration import Leg, sweep_peak
from bluesky_autofocus.catalog import load_run
from bluesky_autofocus.catalog.calibration_run import arrivals_of_run
from bluesky_autofocus.cli import app
from bluesky_autofocus.cli.calibrate import run as command
from bluesky_autofocus.measures import measure
from bluesky_autofocus.verdict import Verdict
from devices import connect_station, read_station_file
from plans import autofocus, calibrate

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

UNDOCUMENTED = """\
name: undocumented            # nobody knows the objective
stage:
  prefix: "{prefix}m1"
camera:
  prefix: "{prefix}"
  exposure_s: 0.02            # as always
depth_of_field: 20            # a guess
window: [-450, 450]
approach:
  side: low
limits:
  move_timeout_s: 4
  frame_timeout_s: 1.5
"""
PLAY_UM, NOISE_UM = 6.0, 0.3

# pyepics clears the channels that several devices share with the first of them that is collected.
_KEPT = []


@pytest.fixture
def undocumented(live, tmp_path):
    path = tmp_path / "station.yml"
    path.write_text(UNDOCUMENTED.format(prefix=live.ioc.prefix))
    live.puts.put("m1:Backlash", PLAY_UM)
    live.puts.put("m1:Noise", NOISE_UM)
    yield path
    live.puts.put("m1:Backlash", 0.0)
    live.puts.put("m1:Noise", 0.0)


def connected(path, catalog):
    settings = read_station_file(path)
    _KEPT.append(connect_station(settings, frames_directory=str(catalog.storage.frames)))
    return _KEPT[-1]


def test_after_one_plan_an_undocumented_station_finds_focus_by_belief(
    live, recorder, catalog, undocumented, monkeypatch
):
    # Fewer frames than a station would take.
    plan = import_module("plans.calibrate")
    monkeypatch.setattr(plan, "FINE_PLANES", 13)
    monkeypatch.setattr(plan, "REPEATS", 5)
    station, true_dof = connected(undocumented, catalog), live.station.scale.depth_of_field
    before = float(live.puts.get("cam1:AcquireTime")), station.stage.position
    made = live.engine(calibrate(station, planes=25)).plan_result
    assert made.verdict is None, made
    assert (float(live.puts.get("cam1:AcquireTime")), station.stage.position) == pytest.approx(
        before, abs=1.0
    )
    setpoints = [event["stage_user_setpoint"] for event in live.events("primary")]
    assert min(setpoints) >= -450 and max(setpoints) <= 450
    assert live.events("outcome")[-1]["outcome_complete"]
    assert recorder.flush(60)
    assert load_run(catalog, made.uid).verdict is None
    arrivals = arrivals_of_run(load_run(catalog, made.uid))
    assert len(arrivals) == made.frames == 25 + 2 * 13 + 5 * 2

    # The catalog of this module stays open; the command would open its own.
    monkeypatch.setattr(command, "open_catalog", lambda: _Open(catalog))
    arguments = ["calibrate", made.uid, "--station", str(undocumented), "--sample-pixel", "0.345"]
    ended = CliRunner().invoke(app, [*arguments, "--json", "--write"])
    assert ended.exit_code == 0, ended.output
    said = json.loads(ended.stdout)
    swept = [arrival for arrival in arrivals if arrival.leg is Leg.SWEEP]
    value = measure("blurred_gradient")
    sharpness = [float(value(arrival.frame)) for arrival in swept]
    assert sweep_peak([one.position for one in swept], sharpness, "um") == made.focus
    assert said["blur_rate"]["pixels_per_unit"] == pytest.approx(2 * 0.30 / 0.345, rel=0.15)
    assert said["backlash"]["value"] == pytest.approx(PLAY_UM, abs=0.2 * true_dof)
    assert said["noise"]["carriage"] == pytest.approx(NOISE_UM, abs=NOISE_UM)
    text = undocumented.read_text()
    assert "# nobody knows the objective" in text and "exposure_s:" in text
    written = read_station_file(undocumented)
    assert written.depth_of_field is None and written.optics is not None
    assert written.optics.numerical_aperture == pytest.approx(0.30, rel=0.15)
    assert PLAY_UM <= written.approach.backlash < 1.5 * PLAY_UM

    known, focus = connected(undocumented, catalog), live.focus()
    assert known.scale.depth_of_field == pytest.approx(true_dof, rel=0.3)
    live.engine(bps.mv(known.stage, focus + 200.0))
    result = live.engine(autofocus(known)).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    assert result.frames <= 6
    assert abs(float(live.puts.get("m1:TruePosition")) - focus) < true_dof / 2


def test_a_sweep_without_the_focus_is_named_and_leaves_the_stage_where_it_was(
    live, recorder, catalog
):
    focus, dof = live.focus(), live.station.scale.depth_of_field
    ends = (focus + 20 * dof, focus + 40 * dof)
    live.engine(bps.mv(live.station.stage, focus + 30 * dof))
    start = live.station.stage.position
    made = live.engine(calibrate(replace(live.station, window=ends), planes=7)).plan_result
    assert made.verdict is Verdict.NOT_CONVERGED
    assert "outside the sweep" in made.message
    assert live.station.stage.position == pytest.approx(start, abs=live.station.stage.tolerance)
    outcome = live.events("outcome")[-1]
    assert not outcome["outcome_complete"] and outcome["outcome_restored"]
    assert recorder.flush(60)
    assert load_run(catalog, made.uid).verdict is Verdict.NOT_CONVERGED


class _Open:
    def __init__(self, catalog):
        self._catalog = catalog

    def __enter__(self):
        return self._catalog

    def __exit__(self, *rest):
        return None
