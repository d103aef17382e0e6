"""A suspender that holds a plan while the sample is out of focus."""

from dataclasses import dataclass
from typing import Any

from bluesky import RunEngine
from bluesky.suspenders import SuspendFloor
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import FocusLostError, KeepFocusError
from devices.station import Station

from .check import refocused

__all__ = ["FocusSuspender"]

MOST_IN_A_ROW = 3


@dataclass
class _OpenRun:
    """What is known of a run: whether it is a search, and which devices it reads."""

    searching: bool
    devices: set[str]


class FocusSuspender(SuspendFloor):
    """Suspends any plan when a frame is not sharp enough, focuses again, and lets it go on.

    It watches what the station's sensor last said, so it acts on frames that the plan itself takes
    and has measured: camera and sensor belong among the plan's detectors. The RunEngine goes back
    to the last checkpoint, so that the blurred event is taken again; where it was recorded already,
    it comes once more under the same number. The refocus is a run of its own, whose start document
    names the suspended run as ``keep_focus.parent``.

    Parameters
    ----------
    station : Station
        Focus stage, camera and sensors.
    below_sharpness : float
        Suspend below this sharpness, on the sensor's scale.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station's.
    search : str, optional
        How to look for the focus, as for `plans.autofocus`. With a classical one it is the
        classical sensor that is watched, else the estimator where the station has one.
    **kwargs
        Passed to `bluesky.suspenders.SuspendFloor`; with a `pre_plan` of your own there is no
        refocus, and the plan goes on when the sensor says ``resume_thresh`` or more.

    Raises
    ------
    KeepFocusError
        If the threshold is not a positive number.
    FocusLostError
        Into the suspended plan, which ends with it, if the focus is not found again, or the plan's
        frames are below the threshold after three refocuses in a row. Where an event of the plan
        is open, bluesky's own clean-up fails over it with ``IllegalMessageSequence``, of which
        this is then the context.

    Examples
    --------
    >>> RE.install_suspender(FocusSuspender(station, below_sharpness=0.9))
    >>> RE(bp.count([station.camera, station.estimator], num=100, delay=60))
    """

    def __init__(
        self,
        station: Station,
        below_sharpness: float,
        *,
        window: tuple[float, float] | None = None,
        search: str | None = None,
        **kwargs: Any,
    ):
        if not below_sharpness > 0:
            raise KeepFocusError(
                f"below_sharpness is {below_sharpness}: it must be a positive number, on the scale "
                "of the station's sensor."
            )
        use_estimator = station.estimator is not None and search in (None, "belief")
        sensor = station.estimator if use_estimator and station.estimator else station.sensor
        kwargs.setdefault("pre_plan", self._refocus)
        super().__init__(sensor.sharpness, below_sharpness, **kwargs)
        self._station = station
        self._window = window
        self._search = search
        self._found = False
        self._in_a_row = 0
        self._subscription: int | None = None
        self._open_runs: dict[str, _OpenRun] = {}

    def __repr__(self) -> str:
        """Name the station; bluesky's own would tell of the pre-plan, which is this object's."""
        return f"FocusSuspender({self._station.name!r}, {self._suspend_thresh:g})"

    def install(self, RE: RunEngine, *, event_type: str | None = None) -> None:  # noqa: N803
        """Watch the sensor, and which runs are open.

        Parameters
        ----------
        RE : RunEngine
            Whose plans to suspend.
        event_type : str, optional
            Which of the signal's events to watch.
        """
        self._subscription = RE.subscribe(self._witness)
        super().install(RE, event_type=event_type)

    def remove(self) -> None:
        """Stop watching."""
        if self.RE is not None and self._subscription is not None:
            self.RE.unsubscribe(self._subscription)
        super().remove()

    def get_futures(self) -> tuple[list[Any], str]:
        """Hold no plan before it begins: nothing would take the frame that lets it go on.

        Returns
        -------
        list, str
            Nothing to wait for, and why.
        """
        return [], ""

    def _witness(self, name: str, document: dict[str, Any]) -> None:
        if name == "start":
            devices = set(document.get("detectors", ()))
            searching = document.get("purpose") == "autofocus"
            self._open_runs[document["uid"]] = _OpenRun(searching, devices)
        elif name == "descriptor" and document["run_start"] in self._open_runs:
            self._open_runs[document["run_start"]].devices.update(document["object_keys"])
        elif name == "stop":
            self._open_runs.pop(document["run_start"], None)

    @property
    def _searching(self) -> bool:
        return any(run.searching for run in self._open_runs.values())

    def _should_suspend(self, value: float) -> bool:
        # What a search sees on its way is no reason to suspend it.
        if not self._open_runs or self._searching or self._found:
            return False
        blurred = super()._should_suspend(value)
        if not blurred:
            self._in_a_row = 0
        return blurred

    def _should_resume(self, value: float) -> bool:
        return self._found or (not self._searching and super()._should_resume(value))

    def _refocus(self) -> MsgGenerator[None]:
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            raise FocusLostError(
                f"The plan's frames are below a sharpness of {self._suspend_thresh:g} after "
                f"{MOST_IN_A_ROW} refocuses in a row, each of which found focus. Give a lower "
                "below_sharpness, or find out what blurs the plan's own frames."
            )
        # A plan stages what it reads.
        name = self._station.camera.name
        borrowed = any(name in run.devices for run in self._open_runs.values())
        result = yield from refocused(
            self._station,
            window=self._window,
            search=self._search,
            borrowed=borrowed,
            md={"keep_focus": {"parent": next(reversed(self._open_runs), "")}},
        )
        if not result.in_focus:
            raise FocusLostError(f"The suspended plan is not in focus: {result}", result)
        self._resume()

    def _resume(self) -> None:
        """Let the plan go on, whatever the sensor said of the last frame."""
        self._found = True
        self(self._sig.get())
        self._found = False
