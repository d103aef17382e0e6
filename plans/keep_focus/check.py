"""One check of the focus, and the refocus that it may call for."""

import warnings
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.protocols import Readable, Stageable
from bluesky.utils import MsgGenerator, RunEngineControlException, short_uid

from bluesky_autofocus.errors import CameraFaultError, FocusLostError, StageFaultError
from bluesky_autofocus.result import FocusResult
from devices import EstimatorSensor, FocusSensor
from devices.station import FrameCamera, Station

from ..autofocus import autofocus
from ..readouts import Readout
from ..stubs import expose, record, stage_camera
from .borrowed import BorrowedCamera
from .sharp_enough import SharpEnough

__all__ = ["CHECK_STREAM", "REFOCUS_STREAM", "FocusCheck", "OpenRun", "refocused"]

CHECK_STREAM = "focus_check"
REFOCUS_STREAM = "refocus"


@dataclass(frozen=True)
class OpenRun:
    """A run of the user's that is open.

    Parameters
    ----------
    key : hashable or None
        Its run key.
    uid : str
        Its uid.
    """

    key: Hashable
    uid: str


@dataclass
class FocusCheck:
    """Checks the focus between the events of a run, and focuses again where needed.

    Parameters
    ----------
    station : Station
        Stage, camera and sensors.
    sensor : FocusSensor or EstimatorSensor
        Which of its sensors to judge by.
    sharp_enough : SharpEnough
        The judge.
    window : (float, float)
        Where the stage may go.
    search : str, optional
        How to look for the focus.
    on_failure : {'stop', 'warn'}
        Whether a focus that is not found again stops the plan.
    """

    station: Station
    sensor: FocusSensor | EstimatorSensor
    sharp_enough: SharpEnough
    window: tuple[float, float]
    search: str | None
    on_failure: Literal["stop", "warn"]
    recorded: Mapping[str, Any] = field(default_factory=dict, init=False)
    """Data of the latest event in the stream of checks."""
    _number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Prepare what the checks say of themselves."""
        self._check = Readout("check", {"number": "", "reason": ""})
        self._refocus = Readout(
            "refocus",
            {
                "number": "",
                "reason": "",
                "uid": "",
                "verdict": "",
                "message": "",
                "position": self.station.scale.unit,
                "frames": "",
            },
        )

    def run(self, reason: str, run: OpenRun, *, borrowed: bool) -> MsgGenerator[None]:
        """Check, and focus again if the frame is not sharp enough.

        Parameters
        ----------
        reason : str
            Why now.
        run : OpenRun
            Where to record it; no event of it may be open.
        borrowed : bool
            Whether the plan itself has the camera staged.

        Yields
        ------
        Msg
            Plan messages.

        Raises
        ------
        FocusLostError
            If the focus was not found again, unless that is only warned of.
        NotRestoredError
            If stage or camera could not be put back.
        """
        # A pause from here on repeats the check, and not what the plan did before it.
        yield from bps.checkpoint()
        result: FocusResult | None = None
        try:
            yield from self._look(reason, run, borrowed=borrowed)
            fault = self.sharp_enough.fault(self.recorded)
            if fault:
                result = yield from self._focus(fault, run, borrowed=borrowed)
                if result.in_focus and self.sharp_enough.needs_reference(self.recorded):
                    yield from self._look("reference in focus", run, borrowed=borrowed)
                    self.sharp_enough.learn(self.recorded)
            failure = "" if result is None or result.in_focus else f"{result.verdict}: {result}"
        except (CameraFaultError, StageFaultError) as error:
            failure = str(error)
        yield from bps.checkpoint()
        if failure:
            self._report(failure, result)

    def _look(self, reason: str, run: OpenRun, *, borrowed: bool) -> MsgGenerator[None]:
        """Take one frame and record what the sensor says of it."""
        self._number += 1
        self._check.publish(number=self._number, reason=reason)
        readables = [self.station.stage, cast(Readable, self.sensor), self._check]

        def look() -> MsgGenerator[None]:
            yield from expose(self.station)
            yield from _in_run(_measured(readables), run)
            # From here on a pause does not repeat the frame that was recorded.
            yield from bps.checkpoint()

        camera = self.station.camera
        if borrowed or not isinstance(camera, Stageable):
            yield from look()
        else:
            yield from bpp.finalize_wrapper(_staged(self.station, look()), bps.unstage(camera))

    def _focus(self, reason: str, run: OpenRun, *, borrowed: bool) -> MsgGenerator[FocusResult]:
        """Focus again, in a run of its own, and say so in the user's."""
        result = yield from refocused(
            self.station,
            window=self.window,
            search=self.search,
            borrowed=borrowed,
            md={"keep_focus": {"parent": run.uid, "check": self._number, "reason": reason}},
        )
        self._refocus.publish(
            number=self._number,
            reason=reason,
            uid=result.uid,
            verdict=str(result.verdict),
            message=result.message,
            position=result.position,
            frames=result.frames,
        )
        yield from bps.checkpoint()
        yield from _in_run(record(REFOCUS_STREAM, [self._refocus]), run)
        return result

    def _report(self, failure: str, result: FocusResult | None) -> None:
        said = f"The plan could not be kept in focus: {failure}"
        if self.on_failure == "stop":
            raise FocusLostError(f"{said} With on_failure='warn' the plan would go on.", result)
        warnings.warn(f"{said} The plan goes on.", RuntimeWarning, stacklevel=2)


def refocused(
    station: Station,
    *,
    window: tuple[float, float] | None,
    search: str | None,
    borrowed: bool,
    md: dict[str, Any],
) -> MsgGenerator[FocusResult]:
    """Focus in a run of its own while other runs may be open.

    Parameters
    ----------
    station : Station
        Where.
    window : (float, float), optional
        Where the stage may go.
    search : str, optional
        How to look for the focus.
    borrowed : bool
        Whether the camera is staged already, for another run.
    md : dict
        Metadata for the run.

    Returns
    -------
    FocusResult
        As of `plans.autofocus`.

    Yields
    ------
    Msg
        Plan messages.
    """
    if borrowed:
        lent = BorrowedCamera(station.camera)
        station = replace(station, camera=cast(FrameCamera, lent))
    return (
        yield from bpp.set_run_key_wrapper(
            autofocus(station, window=window, search=search, md=md), run=short_uid("refocus")
        )
    )


def _measured(readables: list[Readable]) -> MsgGenerator[None]:
    """Record a check; a frame that cannot be measured is the camera's fault."""
    try:
        yield from record(CHECK_STREAM, readables)
    except RunEngineControlException:
        raise
    except Exception as error:
        raise CameraFaultError(f"A frame could not be measured: {error}") from error


def _staged(station: Station, plan: MsgGenerator[None]) -> MsgGenerator[None]:
    yield from stage_camera(station)
    yield from plan


def _in_run(plan: MsgGenerator[None], run: OpenRun) -> MsgGenerator[None]:
    """Send the messages of a plan to a run that is open."""
    if run.key is None:
        return (yield from plan)
    return (yield from bpp.set_run_key_wrapper(plan, run=run.key))
