"""Focal stacks in two lights, recorded on the live simulation and found again in the catalog."""

import numpy as np
import pytest
from bluesky import plan_stubs as bps

from bluesky_autofocus.catalog import load_run
from bluesky_autofocus.errors import StudyError
from bluesky_autofocus.studies import (
    CLASSICAL_PEAK,
    SIMULATED_FOCUS,
    measure_stored,
    stacks_of_run,
    study_runs,
)
from plans import autofocus, record_stacks

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

OFFSETS_DOF = (-6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0)
LIGHTS = {"bright": 1.5, "dark": 0.75}


@pytest.fixture
def recorded(live, recorder):
    """Record a sample and return what the plan returned."""

    def make(sample, **more):
        station, focus = live.station, live.focus()
        positions = [focus + u * station.scale.depth_of_field for u in OFFSETS_DOF]
        plan = record_stacks(station, positions, sample=sample, study="live", lights=LIGHTS, **more)
        result = live.engine(plan).plan_result
        assert result.verdict is None, result
        assert recorder.flush(60)
        return result

    return make


def test_exposure_is_multiplied_and_all_is_left_as_found(live, recorded, catalog):
    live.engine(bps.mv(live.station.stage, 25.0))
    before = float(live.puts.get("cam1:AcquireTime"))
    result = recorded("left", known_focus=live.focus(), md={"simulated": True})
    assert float(live.puts.get("cam1:AcquireTime")) == before
    assert live.station.stage.position == pytest.approx(25.0, abs=live.station.stage.tolerance)
    run = load_run(catalog, result.uid)
    assert run.verdict is None and len(run.frames()) == result.frames == 2 * len(OFFSETS_DOF)
    bright, dark = stacks_of_run(run)
    assert (bright.source.light, dark.source.light) == ("bright", "dark")
    assert bright.source.truth == SIMULATED_FOCUS and bright.source.simulated
    # A stack goes through both sides of focus, wherever the stage came from.
    assert list(bright.positions) == sorted(bright.positions)
    means = [np.mean([frame.mean() for _, frame in stack.planes()]) for stack in (bright, dark)]
    assert means[0] / means[1] == pytest.approx(2.0, rel=0.05)
    position, frame = dark.nearest(live.focus())
    assert position == pytest.approx(live.focus(), abs=1.0) and frame.shape == (1024, 1024)


def test_without_a_known_focus_the_sweep_itself_is_the_truth(live, recorded, catalog):
    recorded("again", known_focus=live.focus())
    second = recorded("again")
    runs = {run.start["study"]["sample"]: run for run in study_runs(catalog, "live")}
    assert runs["again"].uid == second.uid
    (bright,) = measure_stored(stacks_of_run(runs["again"])[:1])
    assert bright.source.truth == CLASSICAL_PEAK and not bright.source.simulated
    dof = live.station.scale.depth_of_field
    assert bright.source.focus == pytest.approx(live.focus(), abs=0.3 * dof)
    assert bright.u_dof == pytest.approx(OFFSETS_DOF, abs=0.4)


def test_other_runs_and_unknown_studies_are_refused(live, recorder, catalog):
    uid = live.engine(autofocus(live.station)).plan_result.uid
    assert recorder.flush(60)
    with pytest.raises(StudyError, match="of the plan autofocus"):
        stacks_of_run(load_run(catalog, uid))
    with pytest.raises(StudyError, match="no complete run of the study none"):
        study_runs(catalog, "none")
