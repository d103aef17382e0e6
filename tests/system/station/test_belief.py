"""The search by belief on the live simulation: few frames, honest ends, a run that tells all."""

from dataclasses import replace

import numpy as np
import pytest
from bluesky import plan_stubs as bps

from bluesky_autofocus.belief import recorded_observation
from bluesky_autofocus.catalog import load_run
from bluesky_autofocus.scale import Scale
from bluesky_autofocus.search import Move, Window
from bluesky_autofocus.search.belief import BeliefSearch
from bluesky_autofocus.verdict import Outcome, Side, Verdict
from devices.sim.process import simulated_station
from plans import autofocus

pytestmark = pytest.mark.system


def focus_from(live, start_dof: float, window_dof: tuple[float, float] = (-70.0, 55.0)):
    """Run the plan; start and window are in depths of field from the true focus."""
    focus, dof = live.focus(), live.station.scale.depth_of_field
    low, high = (focus + end * dof for end in window_dof)
    live.engine(bps.mv(live.station.stage, focus + start_dof * dof))
    station = replace(live.station, window=(low, high))
    return live.engine(autofocus(station)).plan_result


def true_error_dof(live) -> float:
    """Return where the carriage really is, backlash and all."""
    miss = float(live.puts.get("m1:TruePosition")) - live.focus()
    return abs(miss) / live.station.scale.depth_of_field


@pytest.mark.parametrize("start_dof", [-50.0, 50.0])
def test_severe_defocus_takes_five_frames_at_most(live, start_dof):
    live.puts.put("m1:Backlash", 3.0)
    try:
        result = focus_from(live, start_dof)
        assert result.verdict is Verdict.IN_FOCUS, result
        assert result.frames <= 5
        assert true_error_dof(live) < 0.5
    finally:
        live.puts.put("m1:Backlash", 0.0)
    setpoints = [event["stage_user_setpoint"] for event in live.events("primary")]
    dof = live.station.scale.depth_of_field
    assert min(setpoints) >= live.focus() - 70.1 * dof
    assert max(setpoints) <= live.focus() + 55.1 * dof


@pytest.mark.parametrize("start_dof", [0.0, 0.4])
def test_a_start_in_focus_takes_few_frames_and_ends_no_worse(live, start_dof):
    result = focus_from(live, start_dof)
    assert result.verdict is Verdict.IN_FOCUS, result
    assert result.frames <= 4
    assert true_error_dof(live) < max(start_dof, 0.3)
    places = [event["stage"] for event in live.events("primary")]
    assert np.ptp(places) < 1.5 * live.station.scale.depth_of_field


def test_focus_beyond_the_window_is_named_with_side_and_place(live):
    result = focus_from(live, 50.0, window_dof=(20.0, 80.0))
    assert result.verdict is Verdict.OUT_OF_RANGE, result
    assert result.side is Side.LOW
    dof = live.station.scale.depth_of_field
    assert result.focus_position == pytest.approx(live.focus(), abs=5 * dof)
    assert live.station.stage.position == pytest.approx(result.start, abs=dof / 10)


def test_a_blank_sample_has_no_texture(new_station, new_port, catalog):
    frames = catalog.storage.frames
    with simulated_station(port=new_port(), scene="blank", data_directory=frames) as ioc:
        live = new_station(ioc, frames)
        start = live.station.stage.position
        result = live.engine(autofocus(live.station)).plan_result
        assert result.verdict is Verdict.NO_TEXTURE, result
        assert live.station.stage.position == pytest.approx(start, abs=live.station.stage.tolerance)


def test_the_catalog_alone_repeats_the_search_bit_by_bit(live, recorder, catalog):
    result = focus_from(live, 20.0)
    assert recorder.flush(60)
    run = load_run(catalog, result.uid)
    said = run.start["autofocus"]
    scale = Scale(said["depth_of_field"], said["unit"])
    window = Window(*(scale.to_dof(end) for end in said["searched"]))
    search = BeliefSearch(
        window=window,
        start_dof=window.clip(scale.to_dof(said["start"])),
        approach=Side(said["approach"]["side"]),
    )
    stored, emitted, decided = run.events(), live.events("primary"), run.events("search")
    assert len(stored) == len(emitted) == len(decided) == result.frames
    for data, live_data, decision in zip(stored, emitted, decided, strict=True):
        observed = recorded_observation(data, "estimate")
        used = recorded_observation(live_data, "estimate")
        assert np.array_equal(observed.probabilities, used.probabilities)
        assert np.array_equal(observed.spectrum.power, used.spectrum.power)
        search = search.ingest(scale.to_dof(data["stage"]), observed)
        step = search.suggest()
        assert scale.to_stage(search.belief.posterior.best_dof) == decision["search_best"]
        if isinstance(step, Move):
            assert scale.to_stage(step.position_dof) == decision["search_next"]
            assert step.reason == decision["search_decision"]
    end = search.suggest()
    assert isinstance(end, Outcome)
    assert end.verdict is result.verdict is run.verdict is Verdict.IN_FOCUS
