"""Checks and refocuses between the events of a plan, on a real RunEngine."""

from typing import Any

import event_model
import pytest
from bluesky import plan_stubs as bps
from bluesky import plans as bp
from bluesky import preprocessors as bpp
from bluesky.utils import RunEngineInterrupted
from ophyd import Component, Device
from ophyd.sim import SynAxis
from ophyd.status import Status

from bluesky_autofocus.errors import FocusLostError, KeepFocusError, WindowError
from bluesky_autofocus.verdict import Verdict
from plans import keep_focus_decorator, keep_focus_wrapper

POINTS = 6


def reasons(recorded, uid: str) -> list[str]:
    return [event["check_reason"] for event in recorded.events(uid, "focus_check")]


@pytest.fixture
def scan(strict, engine, detector, motor):
    """Run a scan of another motor, kept in focus."""

    def run(detectors=(detector,), **options):
        plan = bp.scan(list(detectors), motor, 0, 1, POINTS)
        engine(keep_focus_wrapper(plan, strict.station, search="hill_climb", **options))

    return run


def test_a_focus_that_jumps_is_found_again_once(strict, scan, drift, recorded):
    drift(3)
    scan(every_events=1)
    (parent,), refocuses = recorded.runs("scan"), recorded.runs("autofocus")
    # The first one teaches what this sample looks like in focus.
    assert len(refocuses) == 2
    assert strict.stage.readback.get() == pytest.approx(strict.camera.focus, abs=2.0)
    assert len(recorded.events(parent["uid"], "primary")) == POINTS
    said = recorded.events(parent["uid"], "refocus")
    assert [event["refocus_uid"] for event in said] == [start["uid"] for start in refocuses]
    assert [event["refocus_verdict"] for event in said] == ["in_focus", "in_focus"]
    assert said[0]["refocus_reason"] == "this place has not been in focus yet"
    assert "<" in said[1]["refocus_reason"]
    assert reasons(recorded, parent["uid"]) == [
        "before the first event",
        "reference in focus",
        "after 1 events",
        "after 1 events",
        "after 1 events",
        "reference in focus",
        "after 1 events",
        "after 1 events",
    ]
    for start, event in zip(refocuses, said, strict=True):
        assert start["keep_focus"]["parent"] == parent["uid"]
        assert start["keep_focus"]["check"] == event["refocus_number"]
        assert recorded.stop(start["uid"])["exit_status"] == "success"
    assert recorded.stop(parent["uid"])["num_events"]["primary"] == POINTS
    assert strict.camera.staged == strict.camera.unstaged > 2


def test_every_document_is_valid_and_each_event_has_what_its_descriptor_says(
    strict, scan, drift, recorded
):
    drift(2)
    scan(every_events=2)
    keys = {}
    for name, document in strict.documents:
        event_model.schema_validators[event_model.DocumentNames[name]].validate(document)
        if name == "descriptor":
            keys[document["uid"]] = set(document["data_keys"])
        elif name == "event":
            assert set(document["data"]) == keys[document["descriptor"]]
    (parent,) = recorded.runs("scan")
    assert set(recorded.descriptor(parent["uid"], "primary")["data_keys"]) == {
        "det",
        "sample_x",
        "sample_x_setpoint",
    }


@pytest.mark.parametrize(("every", "checks"), [(1, 7), (2, 4), (100, 2)])
def test_a_check_comes_every_so_many_events(scan, recorded, every, checks):
    scan(every_events=every)
    (parent,) = recorded.runs("scan")
    assert len(reasons(recorded, parent["uid"])) == checks
    assert len(recorded.runs("autofocus")) == 1


def test_a_check_comes_after_so_much_time(strict, engine, detector, recorded):
    plan = bp.count([detector], num=4, delay=0.15)
    engine(keep_focus_wrapper(plan, strict.station, every_minutes=0.2 / 60, search="hill_climb"))
    (parent,) = recorded.runs("count")
    said = reasons(recorded, parent["uid"])
    assert 3 <= len(said) <= 4
    assert all(reason.endswith("minutes") for reason in said[2:])


def test_a_check_comes_after_a_motor_moved_and_before_the_next_event(
    strict, engine, detector, motor, recorded
):
    other = SynAxis(name="other")

    def plan():
        yield from bps.open_run({"plan_name": "mine"})
        for place in (1, 1, 2):
            yield from bps.mv(other, place)
            yield from bps.trigger_and_read([detector])
        yield from bps.mv(motor, 3)
        yield from bps.trigger_and_read([detector])
        yield from bps.close_run()

    commands = []
    engine.msg_hook = commands.append
    engine(keep_focus_wrapper(plan(), strict.station, after_moves=[motor], search="hill_climb"))
    (parent,) = recorded.runs("mine")
    assert reasons(recorded, parent["uid"]) == [
        "before the first event",
        "reference in focus",
        # Another place has to be focused again by a measure without a scale of its own.
        "sample_x moved",
        "reference in focus",
    ]
    assert len(recorded.runs("autofocus")) == 2
    moved = next(i for i, msg in enumerate(commands) if msg.command == "set" and msg.obj is motor)
    later = [(msg.command, msg.obj) for msg in commands[moved:]]
    assert later.index(("trigger", strict.camera)) < later.index(("trigger", detector))


def test_nothing_is_checked_while_a_named_motor_moves_or_a_frame_is_exposed(
    strict, engine, detector, recorded
):
    class Slow(SynAxis):
        def __init__(self, name):
            super().__init__(name=name)
            self.status = Status(obj=self)

        def set(self, value):  # pyright: ignore[reportIncompatibleMethodOverride]
            return self.status

        def trigger(self):  # pyright: ignore[reportIncompatibleMethodOverride]
            return self.status

    moving: Any = Slow("slow")
    exposing: Any = Slow("other")

    def plan():
        yield from bps.open_run({"plan_name": "mine"})
        yield from bps.trigger_and_read([detector])
        yield from bps.abs_set(moving, 1, group="later")
        yield from bps.trigger_and_read([detector], name="while_moving")
        moving.status.set_finished()
        yield from bps.wait("later")
        yield from bps.trigger_and_read([detector], name="at_rest")
        yield from bps.trigger(exposing, group="exposed")
        yield from bps.create("exposing")
        yield from bps.read(detector)
        yield from bps.save()
        yield from bps.trigger_and_read([detector], name="still_exposing")
        # The third event since the last check: due, and not before the exposure has ended.
        yield from bps.trigger_and_read([detector], name="after")
        exposing.status.set_finished()
        yield from bps.wait("exposed")
        yield from bps.trigger_and_read([detector], name="at_last")
        yield from bps.close_run()

    engine(
        keep_focus_wrapper(
            plan(), strict.station, after_moves=[moving], every_events=3, search="hill_climb"
        )
    )
    (parent,) = recorded.runs("mine")
    assert recorded.order(parent["uid"]) == [
        "focus_check",
        "refocus",
        "focus_check",
        "primary",
        "while_moving",
        "focus_check",
        "refocus",
        "focus_check",
        "at_rest",
        "exposing",
        "still_exposing",
        "after",
        "focus_check",
        "at_last",
    ]


def test_nothing_comes_between_a_trigger_and_its_event(scan, engine, detector, motor, drift):
    drift(3)
    commands = []
    engine.msg_hook = commands.append
    # Always due.
    scan(every_minutes=1e-9)
    reading, events = False, 0
    for msg in commands:
        if reading and msg.command == "save":
            reading, events = False, events + 1
        elif reading:
            assert msg.command in ("trigger", "wait", "create", "read")
            assert msg.obj in (None, detector, motor)
        else:
            reading = msg.command == "trigger" and msg.obj is detector
    assert events == POINTS


def test_a_camera_that_the_plan_has_staged_is_shared(strict, scan, drift, recorded):
    drift(3)
    scan(every_events=1, detectors=[strict.camera])
    assert strict.camera.staged == strict.camera.unstaged == 1
    (parent,), refocuses = recorded.runs("scan"), recorded.runs("autofocus")
    assert len(refocuses) == 2
    assert "camera_frames" in recorded.descriptor(parent["uid"], "primary")["data_keys"]
    for start in refocuses:
        keys = recorded.descriptor(start["uid"], "primary")["data_keys"]
        assert "focus_sharpness" in keys
        # Its file was announced in the scan's own run.
        assert "camera_frames" not in keys
        assert start["detectors"] == ["camera"]


def test_the_plans_own_event_is_a_check_as_well(strict, scan, drift, recorded):
    drift(3)
    scan(every_events=100, detectors=[strict.camera, strict.station.sensor])
    (parent,) = recorded.runs("scan")
    said = reasons(recorded, parent["uid"])
    assert len(said) == 4
    assert said[2].startswith("in the plan's own event: sharpness")
    assert len(recorded.runs("autofocus")) == 2


def test_a_threshold_of_ones_own_decides(strict, scan, recorded):
    scan(below_sharpness=1e-9)
    assert recorded.runs("autofocus") == []
    (parent,) = recorded.runs("scan")
    assert len(reasons(recorded, parent["uid"])) == POINTS
    assert strict.stage.targets == []


def test_two_runs_at_once_are_told_apart(strict, engine, detector, recorded):
    def plan():
        for key in ("a", "b"):
            yield from bpp.set_run_key_wrapper(bps.open_run({"plan_name": key}), key)
        for key in ("a", "b", "b"):
            yield from bpp.set_run_key_wrapper(bps.trigger_and_read([detector]), key)
        for key in ("a", "b"):
            yield from bpp.set_run_key_wrapper(bps.close_run(), key)

    engine(keep_focus_wrapper(plan(), strict.station, every_events=1, search="hill_climb"))
    (a,), (b,) = recorded.runs("a"), recorded.runs("b")
    assert len(recorded.events(a["uid"], "focus_check")) == 2
    assert len(recorded.events(b["uid"], "focus_check")) == 2
    assert len(recorded.events(b["uid"], "primary")) == 2


def test_no_check_is_made_while_another_runs_event_is_open(strict, engine, detector, recorded):
    def plan():
        for key in ("a", "b"):
            yield from bpp.set_run_key_wrapper(bps.open_run({"plan_name": key}), key)
        yield from bpp.set_run_key_wrapper(bps.create("primary"), "a")
        yield from bpp.set_run_key_wrapper(bps.read(detector), "a")
        for _ in range(3):
            yield from bpp.set_run_key_wrapper(bps.trigger_and_read([detector]), "b")
        yield from bpp.set_run_key_wrapper(bps.save(), "a")
        for key in ("a", "b"):
            yield from bpp.set_run_key_wrapper(bps.close_run(), key)

    engine(keep_focus_wrapper(plan(), strict.station, every_events=1, search="hill_climb"))
    (a,), (b,) = recorded.runs("a"), recorded.runs("b")
    assert len(recorded.events(a["uid"], "primary")) == 1
    assert len(recorded.events(b["uid"], "primary")) == 3
    assert recorded.events(b["uid"], "focus_check") == []


def test_the_decorator_keeps_the_plans_return_value(strict, engine, detector):
    @keep_focus_decorator(strict.station, every_events=2, search="hill_climb")
    def plan(detectors):
        yield from bp.count(detectors)
        return "mine"

    assert engine(plan([detector])).plan_result == "mine"


def scans_the_stage(strict, motor):
    return bp.scan([strict.camera], strict.stage, -1, 1, 3)


def moves_the_stage(strict, motor):
    def plan():
        yield from bps.open_run({"plan_name": "mine"})
        yield from bps.mv(motor, 1)
        yield from bps.mv(strict.stage, 5)
        yield from bps.close_run()

    return bpp.contingency_wrapper(plan(), except_plan=lambda error: bps.close_run())


@pytest.mark.parametrize("plan", [scans_the_stage, moves_the_stage])
def test_a_plan_that_moves_the_focus_stage_is_refused(strict, engine, motor, plan):
    with pytest.raises(KeepFocusError, match="moves stage"):
        engine(keep_focus_wrapper(plan(strict, motor), strict.station))
    assert strict.stage.targets == []
    assert strict.camera.staged == strict.camera.unstaged


class Microscope(Device):
    """A device whose axis has the stage's record."""

    class Axis(Device):
        def set(self, value):
            raise AssertionError("the stage was moved")

    focus = Component(Axis, "m1")


def test_the_stage_is_known_by_its_prefix(strict, engine):
    strict.stage.prefix = "XF:m1"
    axis = Microscope("XF:", name="microscope").focus
    with pytest.raises(KeepFocusError, match="moves stage"):
        engine(keep_focus_wrapper(bps.mv(axis, 1), strict.station))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"every_events": 0}, "every_events is 0"),
        ({"every_minutes": 0.0}, "every_minutes is 0.0"),
        ({"every_minutes": float("nan")}, "every_minutes is nan"),
        ({"below_sharpness": -1.0}, "below_sharpness is -1.0"),
        ({"on_failure": "ignore"}, "on_failure is 'ignore'"),
        ({"window": (-80.0, 0.0)}, "station's window"),
    ],
)
def test_bad_settings_are_refused_before_anything_happens(strict, scan, options, said):
    with pytest.raises((KeepFocusError, WindowError), match=said):
        scan(**options)
    assert strict.documents == []


def test_a_focus_that_is_lost_for_good_stops_the_plan(strict, scan, drift, recorded):
    drift(3, by=500.0)
    with pytest.raises(FocusLostError, match="could not be kept in focus") as caught:
        scan(every_events=1)
    assert caught.value.result is not None
    assert caught.value.result.verdict is not Verdict.IN_FOCUS
    (parent,) = recorded.runs("scan")
    assert len(recorded.events(parent["uid"], "primary")) == 3
    assert recorded.stop(parent["uid"])["exit_status"] == "fail"
    assert recorded.events(parent["uid"], "refocus")[-1]["refocus_verdict"] != "in_focus"
    assert strict.camera.staged == strict.camera.unstaged


def test_with_a_warning_the_plan_goes_on(strict, scan, drift, recorded):
    drift(5, by=500.0)
    with pytest.warns(RuntimeWarning, match="The plan goes on"):
        scan(every_events=1, on_failure="warn")
    (parent,) = recorded.runs("scan")
    assert len(recorded.events(parent["uid"], "primary")) == POINTS
    assert recorded.stop(parent["uid"])["exit_status"] == "success"


def test_a_camera_without_frames_stops_the_plan(strict, scan, recorded):
    strict.camera.broken = True
    with pytest.raises(FocusLostError, match="no frame") as caught:
        scan()
    assert caught.value.result is None
    (parent,) = recorded.runs("scan")
    assert recorded.stop(parent["uid"])["exit_status"] == "fail"
    assert strict.camera.staged == strict.camera.unstaged == 1


def paused_before(plan, command, occurrence):
    """The plan, with a pause before one of its messages."""
    count = 0

    def insert(msg):
        nonlocal count
        count += msg.command == command
        if msg.command != command or count != occurrence:
            return None, None

        def pause_first():
            yield from bps.pause()
            return (yield msg)

        return pause_first(), None

    return bpp.plan_mutator(plan, insert)


PAUSED = [
    ("trigger", 1),
    ("wait", 1),
    ("create", 1),
    ("read", 2),
    ("save", 1),
    ("checkpoint", 2),
    ("unstage", 1),
    ("set", 3),
    ("create", 3),
    ("save", 20),
    ("close_run", 1),
    ("trigger", 25),
]


NOT_RESUMABLE = ("unstage", True)


@pytest.mark.parametrize(
    ("command", "occurrence", "shared"),
    # A shared camera is unstaged after its run; no plan of bluesky's can be resumed there.
    [
        (*at, shared)
        for at in PAUSED
        for shared in (False, True)
        if (at[0], shared) != NOT_RESUMABLE
    ],
)
def test_pause_and_resume_anywhere_lose_no_event(
    strict, engine, detector, motor, drift, recorded, command, occurrence, shared
):
    drift(2)
    plan = bp.scan([strict.camera if shared else detector], motor, 0, 1, POINTS)
    kept = keep_focus_wrapper(plan, strict.station, search="hill_climb")
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(kept, command, occurrence))
    engine.resume()
    (parent,) = recorded.runs("scan")
    assert [e["sample_x"] for e in recorded.events(parent["uid"], "primary")] == pytest.approx(
        [0, 0.2, 0.4, 0.6, 0.8, 1]
    )
    assert recorded.stop(parent["uid"])["exit_status"] == "success"
    assert strict.stage.readback.get() == pytest.approx(strict.camera.focus, abs=2.0)
    numbers = [e["check_number"] for e in recorded.events(parent["uid"], "focus_check")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(recorded.runs("autofocus")) == 2
    assert strict.camera.staged == strict.camera.unstaged


@pytest.mark.parametrize("how", ["abort", "stop"])
@pytest.mark.parametrize(("command", "occurrence"), PAUSED[:-1])
def test_an_abort_anywhere_closes_all_runs_and_leaves_the_camera(
    strict, engine, detector, motor, drift, recorded, how, command, occurrence
):
    drift(2)
    plan = bp.scan([detector], motor, 0, 1, POINTS)
    kept = keep_focus_wrapper(plan, strict.station, search="hill_climb")
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(kept, command, occurrence))
    getattr(engine, how)()
    for name in ("scan", "autofocus"):
        for start in recorded.runs(name):
            assert recorded.stop(start["uid"])
    assert strict.camera.staged == strict.camera.unstaged


@pytest.mark.parametrize(("command", "occurrence"), PAUSED[:-1])
def test_a_halt_anywhere_closes_all_runs_and_frees_the_camera(
    strict, engine, detector, motor, drift, recorded, command, occurrence
):
    drift(2)
    plan = bp.scan([detector], motor, 0, 1, POINTS)
    kept = keep_focus_wrapper(plan, strict.station, search="hill_climb")
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(kept, command, occurrence))
    here = strict.stage.readback.get()
    engine.halt()
    assert strict.stage.readback.get() == here
    assert strict.camera.staged == strict.camera.unstaged
    for name in ("scan", "autofocus"):
        for start in recorded.runs(name):
            assert recorded.stop(start["uid"])["exit_status"] in ("success", "abort")
    again = keep_focus_wrapper(
        bp.scan([detector], motor, 0, 1, POINTS), strict.station, search="hill_climb"
    )
    engine(again)
    assert recorded.stop(recorded.runs("scan")[-1]["uid"])["exit_status"] == "success"
