"""A suspender on a real RunEngine: the blurred event is taken again after a refocus."""

from threading import Thread

import pytest
from bluesky import plan_stubs as bps
from bluesky import plans as bp
from bluesky.utils import IllegalMessageSequence, RunEngineInterrupted

from bluesky_autofocus.errors import FocusLostError, KeepFocusError
from plans import FocusSuspender, autofocus

POINTS = 6


@pytest.fixture
def threshold(strict, engine) -> float:
    """Four fifths of the sharpness in focus."""
    camera, sensor = strict.camera, strict.station.sensor

    def look():
        yield from bps.stage(camera)
        yield from bps.trigger(camera, wait=True)
        reading = yield from bps.read(sensor)
        yield from bps.unstage(camera)
        return reading

    engine(look())
    strict.camera.staged = strict.camera.unstaged = 0
    return 0.8 * sensor.sharpness.get()


@pytest.fixture
def suspended(strict, engine, threshold, motor):
    """Scan another motor with the camera, under a suspender."""

    def run(**options):
        engine.install_suspender(
            FocusSuspender(strict.station, threshold, search="hill_climb", **options)
        )
        engine(bp.scan([strict.camera, strict.station.sensor], motor, 0, 1, POINTS))

    return run


def test_a_blurred_event_is_taken_again_after_a_refocus(
    strict, suspended, drift, threshold, recorded
):
    drift(3)
    suspended()
    (parent,), (refocus,) = recorded.runs("scan"), recorded.runs("autofocus")
    events = recorded.events(parent["uid"], "primary")
    assert [e["sample_x"] for e in events] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert all(event["focus_sharpness"] >= threshold for event in events)
    assert refocus["keep_focus"]["parent"] == parent["uid"]
    assert recorded.stop(refocus["uid"])["exit_status"] == "success"
    assert recorded.stop(parent["uid"])["exit_status"] == "success"
    # The camera is the scan's: the refocus neither stages nor records it.
    keys = recorded.descriptor(refocus["uid"], "primary")["data_keys"]
    assert "focus_sharpness" in keys
    assert strict.stage.readback.get() == pytest.approx(strict.camera.focus, abs=2.0)


def test_a_sample_that_stays_sharp_is_left_alone(strict, suspended, recorded):
    suspended()
    assert recorded.runs("autofocus") == []
    assert strict.stage.targets == []


def test_a_focus_that_is_lost_for_good_ends_the_plan(strict, suspended, drift, recorded):
    drift(3, by=500.0)
    with pytest.raises(FocusLostError, match="not in focus") as caught:
        suspended()
    assert caught.value.result is not None
    (parent,) = recorded.runs("scan")
    assert recorded.stop(parent["uid"])["exit_status"] == "fail"


def test_a_threshold_that_no_focus_reaches_ends_the_plan(
    strict, engine, threshold, motor, recorded
):
    never = FocusSuspender(strict.station, 100 * threshold, search="hill_climb")
    engine.install_suspender(never)
    # Where an event is open bluesky's clean-up fails first, see the suspender.
    with pytest.raises((FocusLostError, IllegalMessageSequence)) as caught:
        engine(bp.scan([strict.camera, strict.station.sensor], motor, 0, 1, POINTS))
    error: BaseException | None = caught.value
    while not isinstance(error, FocusLostError):
        assert error is not None
        error = error.__context__
    assert "after 3 refocuses in a row" in str(error)
    (parent,) = recorded.runs("scan")
    assert recorded.stop(parent["uid"])["exit_status"] == "fail"
    assert len(recorded.runs("autofocus")) == 3


def test_the_next_plan_begins_although_the_last_frame_was_blurred(
    strict, suspended, engine, drift, recorded
):
    drift(3, by=500.0)
    with pytest.raises(FocusLostError):
        suspended()
    strict.camera.focus -= 500.0
    assert engine(autofocus(strict.station, search="hill_climb")).plan_result.in_focus
    # The search itself was not suspended.
    assert len(recorded.runs("autofocus")) == 2


def test_with_a_plan_of_ones_own_the_sensor_decides(strict, suspended, engine, drift, recorded):
    drift(3)

    def refocus_by_hand():
        yield from bps.mv(strict.stage, strict.camera.focus)
        yield from bps.trigger(strict.camera, wait=True)
        yield from bps.read(strict.station.sensor)

    suspended(pre_plan=refocus_by_hand)
    assert recorded.runs("autofocus") == []
    (parent,) = recorded.runs("scan")
    assert len(recorded.events(parent["uid"], "primary")) == POINTS


def test_pause_and_resume_during_the_refocus(strict, suspended, engine, drift, recorded):
    drift(3)

    def pause(name, document):
        if name == "event" and "search_number" in document["data"]:
            if document["data"]["search_number"] == 2:
                # From another thread, as Ctrl-C does: it waits for the engine's own.
                Thread(target=engine.request_pause).start()

    engine.subscribe(pause)
    with pytest.raises(RunEngineInterrupted):
        suspended()
    engine.resume()
    (parent,) = recorded.runs("scan")
    assert len(recorded.events(parent["uid"], "primary")) == POINTS


def test_once_removed_it_does_nothing(strict, engine, threshold, motor, drift, recorded):
    drift(1)
    suspender = FocusSuspender(strict.station, threshold, search="hill_climb")
    engine.install_suspender(suspender)
    engine.remove_suspender(suspender)
    engine(bp.scan([strict.camera, strict.station.sensor], motor, 0, 1, 3))
    assert recorded.runs("autofocus") == []


@pytest.mark.parametrize("below", [0.0, -1.0, float("nan")])
def test_a_threshold_must_be_a_positive_number(soft, below):
    with pytest.raises(KeepFocusError, match="positive number"):
        FocusSuspender(soft.station, below)
