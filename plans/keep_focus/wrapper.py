"""The preprocessor that keeps a plan in focus."""

from collections.abc import Hashable, Sequence
from typing import Any, Literal, TypeVar

from bluesky import preprocessors as bpp
from bluesky.protocols import NamedMovable, Status
from bluesky.utils import Msg, MsgGenerator, make_decorator

from bluesky_autofocus.errors import KeepFocusError
from devices import EstimatorSensor, StreamingCamera
from devices.station import Station

from ..checks import checked_window, load_estimator
from .check import CHECK_STREAM, FocusCheck, OpenRun
from .devices_in_plan import lineage, same_device
from .occasions import Occasions
from .sharp_enough import SharpEnough

__all__ = ["keep_focus_decorator", "keep_focus_wrapper"]

Returned = TypeVar("Returned")
Inserted = tuple[MsgGenerator[Any] | None, MsgGenerator[Any] | None]
NOTHING: Inserted = (None, None)
UNCOUNTED_STREAMS = ("baseline",)


def keep_focus_wrapper(
    plan: MsgGenerator[Returned],
    station: Station,
    *,
    every_events: int | None = None,
    every_minutes: float | None = None,
    after_moves: Sequence[NamedMovable] = (),
    below_sharpness: float | None = None,
    on_failure: Literal["stop", "warn"] = "stop",
    window: tuple[float, float] | None = None,
    search: str | None = None,
) -> MsgGenerator[Returned]:
    """Keep a plan in focus: check with one frame when due, and focus again only if needed.

    A check is made before the first event, and later before the event that follows its occasion:
    between two events, never while one is being read or a frame exposed. It is an event in the
    stream ``focus_check`` of the plan's own run. A refocus is a run of its own, whose start
    document names the plan's run as ``keep_focus.parent``, and an event in the stream ``refocus``.

    Parameters
    ----------
    plan : generator
        Any plan. It must not move the focus stage itself.
    station : Station
        Focus stage, camera and sensors. The plan may use the camera too.
    every_events : int, optional
        Check after so many events of the plan. Default, if no other occasion is given: 1.
    every_minutes : float, optional
        Check after so much time.
    after_moves : sequence of NamedMovable
        Check after any of these has moved.
    below_sharpness : float, optional
        Focus again below this sharpness, on the sensor's scale. Default: when the estimator does
        not see the frame in focus; for a classical measure, at less than four fifths of the
        sharpness that the same place had in focus. An event of the plan that holds the sensor's
        readings is a check as well: below the threshold a refocus follows.
    on_failure : {'stop', 'warn'}
        What to do if the focus is not found again: stop the plan with `FocusLostError`, or warn
        and go on.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station's.
    search : str, optional
        How to look for the focus, as for `plans.autofocus`.

    Returns
    -------
    object
        What the plan returns.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    KeepFocusError
        Before anything happens if a setting is out of range; and if the plan moves the focus
        stage: as its run opens where it says so, or else at that move; and if it stages a camera
        that cannot be shared.
    WindowError
        Before anything happens, if the window cannot be used.
    FocusLostError
        If the focus was lost and not found again.
    """
    if on_failure not in ("stop", "warn"):
        raise KeepFocusError(f"on_failure is {on_failure!r}: choose 'stop' or 'warn'.")
    occasions = Occasions(every_events, every_minutes, after_moves)
    use_estimator = station.estimator is not None and search in (None, "belief")
    sensor = station.estimator if use_estimator and station.estimator else station.sensor
    judge = SharpEnough(sensor.name, below_sharpness)
    allowed = checked_window(station, window)
    if isinstance(sensor, EstimatorSensor):
        load_estimator(sensor)
    check = FocusCheck(station, sensor, judge, allowed, search, on_failure)
    keeper = _Keeper(station, occasions, check)
    return (
        yield from bpp.subs_wrapper(
            bpp.plan_mutator(plan, keeper.process), {"all": [keeper.witness]}
        )
    )


keep_focus_decorator = make_decorator(keep_focus_wrapper)
"""As `keep_focus_wrapper`, for a function that makes a plan."""


class _Keeper:
    """Follows a plan message by message, and puts checks where they are due and do no harm."""

    def __init__(self, station: Station, occasions: Occasions, check: FocusCheck):
        self._station = station
        self._occasions = occasions
        self._check = check
        self._runs: dict[Hashable, OpenRun] = {}
        self._streams: dict[str, str] = {}
        self._creating: dict[Hashable, str] = {}
        self._staged: list[object] = []
        self._unfinished: list[Status] = []
        self._reading = False
        self._checking = False

    def witness(self, name: str, document: dict[str, Any]) -> None:
        """Keep what the checks recorded, and judge the events of the plan that can be judged."""
        if name == "descriptor":
            if document["run_start"] in {run.uid for run in self._runs.values()}:
                self._streams[document["uid"]] = document["name"]
        elif name == "event" and document["descriptor"] in self._streams:
            data = document["data"]
            if self._streams[document["descriptor"]] == CHECK_STREAM:
                self._check.recorded = data
            elif self._check.sharp_enough.judges(data):
                fault = self._check.sharp_enough.fault(data)
                if fault:
                    self._occasions.need(f"in the plan's own event: {fault}")
                else:
                    self._occasions.checked()

    def process(self, msg: Msg) -> Inserted:
        """Say what to put in the place of a message."""
        if self._checking:
            return NOTHING
        match msg.command:
            case "open_run":
                return self._opening(msg), None
            case "close_run":
                self._runs.pop(msg.run, None)
                self._creating.pop(msg.run, None)
                self._reading = False
            case "stage":
                return self._staging(msg), None
            case "unstage":
                self._staged = [device for device in self._staged if device is not msg.obj]
            case "set":
                return self._moving(msg), None
            case "trigger":
                return self._triggering(msg), None
            case "create":
                return self._creating_event(msg), None
            case "save":
                if self._creating.pop(msg.run, "") not in UNCOUNTED_STREAMS:
                    self._occasions.saw_event()
                self._reading = False
            case "drop":
                self._creating.pop(msg.run, None)
                self._reading = False
        return NOTHING

    def _opening(self, msg: Msg) -> MsgGenerator[Any]:
        if self._station.stage.name in msg.kwargs.get("motors", ()):
            raise self._refusal()
        uid = yield msg
        self._runs[msg.run] = OpenRun(msg.run, uid)
        return uid

    def _staging(self, msg: Msg) -> MsgGenerator[Any]:
        camera = self._station.camera
        if isinstance(camera, StreamingCamera) and msg.obj in (camera, camera.detector):
            raise KeepFocusError(
                f"The plan uses {camera.name}, which streams all frames of a run into one file: "
                "those of the checks would come between the plan's own. Leave it out of the plan."
            )
        self._staged.append(msg.obj)
        return (yield msg)

    def _moving(self, msg: Msg) -> MsgGenerator[Any]:
        if same_device(msg.obj, self._station.stage):
            raise self._refusal()
        status = yield msg
        moved = [m for m in self._occasions.after_moves if same_device(msg.obj, m)]
        if moved:
            self._occasions.need(f"{moved[0].name} moved")
            self._check.sharp_enough.forget()
            self._await(status)
        return status

    def _triggering(self, msg: Msg) -> MsgGenerator[Any]:
        yield from self._check_if_due(msg)
        self._reading = True
        status = yield msg
        self._await(status)
        return status

    def _await(self, status: Status | None) -> None:
        # There is none from a device that cannot be triggered.
        if status is not None:
            self._unfinished.append(status)

    def _creating_event(self, msg: Msg) -> MsgGenerator[Any]:
        yield from self._check_if_due(msg)
        self._reading = True
        self._creating[msg.run] = str(msg.kwargs.get("name", ""))
        return (yield msg)

    def _check_if_due(self, msg: Msg) -> MsgGenerator[None]:
        """Check before a message with which the reading of an event begins."""
        run, reason = self._runs.get(msg.run), self._occasions.due
        self._unfinished = [status for status in self._unfinished if not status.done]
        if not reason or run is None or self._reading or self._creating or self._unfinished:
            return
        borrowed = any(
            part is staged for part in lineage(self._station.camera) for staged in self._staged
        )
        self._checking = True
        try:
            yield from self._check.run(reason, run, borrowed=borrowed)
        finally:
            self._checking = False
        self._occasions.checked()

    def _refusal(self) -> KeepFocusError:
        name = self._station.stage.name
        return KeepFocusError(
            f"The plan moves {name}, with which it is to be kept in focus. Leave {name} out of the "
            "plan, or do not wrap it."
        )
