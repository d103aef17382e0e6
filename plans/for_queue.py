"""The plans for the queue server: all of their parameters are names, numbers and lists of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from bluesky import plan_stubs as bps
from bluesky import plans as bp
from bluesky import preprocessors as bpp
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator
from bluesky_queueserver import parameter_annotation_decorator

from bluesky_autofocus.errors import FocusLostError
from bluesky_autofocus.result import FocusResult, RegionsResult, StackResult, TiltResult
from bluesky_autofocus.search import SEARCHES
from devices.station import Station

from .autofocus import autofocus as autofocus_station
from .autofocus_regions import autofocus_regions as regions_of_station
from .checks import checked_window
from .focus_stack import SPACING_DOF, SPACING_LIMITS_DOF
from .focus_stack import focus_stack as stack_of_station
from .keep_focus import keep_focus_wrapper
from .measure_tilt import measure_tilt as tilt_of_station

__all__ = ["queue_plans"]

Result = TypeVar("Result", bound=FocusResult)

MOST_EVENTS = 100_000
LARGEST_FRAME_PX = 65_536
MOST_DELAY_S = 3600.0
WAIT_S = 0.1
MOST_WAITS = 100


def queue_plans(
    station: Station, detectors: Sequence[str], stored: Callable[[], bool]
) -> Mapping[str, Callable[..., MsgGenerator[Any]]]:
    """Make the plans that people submit to the queue server of a station.

    The queue server checks what is submitted against their annotations, before it is queued.

    Parameters
    ----------
    station : Station
        The station; its window bounds what may be asked for.
    detectors : sequence of str
        Names of the devices that may be counted.
    stored : callable
        Tells whether the catalog has all runs. A plan ends only then, or after ten seconds: the
        queue server may end the worker right after it.

    Returns
    -------
    mapping of str to callable
        By the names that they are to have in the worker.
    """
    low, high = checked_window(station, None)
    unit, known = station.scale.unit, station
    common = {
        "station": {
            "annotation": "Stations",
            "enums": {"Stations": (station.name,)},
            "default": station.name,
        },
        "window": {
            "description": f"Where the stage may go, in {unit}: [low, high], inside "
            f"[{low:g}, {high:g}]. Default: all of it.",
            "min": low,
            "max": high,
        },
        "search": {
            "annotation": "typing.Optional[Searches]",
            "enums": {"Searches": SEARCHES},
        },
    }
    region_of_frames = {
        "region": {
            "description": "Part of the frames that is to be in focus: [row, column, rows, "
            "columns], px, at least 64 each way. Default: as the station file says.",
            "min": 0,
            "max": LARGEST_FRAME_PX,
        }
    }

    def wait_for_catalog() -> MsgGenerator[None]:
        for _ in range(MOST_WAITS):
            if stored():
                return
            yield from bps.sleep(WAIT_S)

    def _ended(plan: MsgGenerator[Result], must_focus: bool) -> MsgGenerator[Result]:
        """Wait for the catalog, and fail unless the plan ended in focus, if that is asked for."""
        result = yield from bpp.finalize_wrapper(plan, wait_for_catalog)
        if must_focus and not result.in_focus:
            raise FocusLostError(str(result), result)
        return result

    @parameter_annotation_decorator({"parameters": {**common, **region_of_frames}})
    def autofocus(
        station: str = station.name,
        window: tuple[float, float] | None = None,
        search: str | None = None,
        region: tuple[int, int, int, int] | None = None,
        must_focus: bool = True,
        md: dict[str, Any] | None = None,
    ) -> MsgGenerator[FocusResult]:
        """Bring the sample into focus, or say why that cannot be done.

        Unless it ends in focus, the stage goes back to where it started.

        Parameters
        ----------
        station : str
            Name of the station.
        window : list of two numbers, optional
            Where the stage may go.
        search : str, optional
            How to look for the focus. Default: by belief where the optics are known, else a sweep.
        region : list of four integers, optional
            Part of the frames that is to be in focus.
        must_focus : bool
            Let this item fail, and the queue stop, unless it ends in focus.
        md : dict, optional
            Metadata for the run.
        """
        focus = autofocus_station(known, window=window, search=search, region=region, md=md)
        return (yield from _ended(focus, must_focus))

    devices = {
        "annotation": "typing.List[Detectors]",
        "devices": {"Detectors": tuple(detectors)},
    }
    bounded = {
        "num": {"min": 1, "max": MOST_EVENTS},
        "delay": {"min": 0.0, "max": MOST_DELAY_S},
        "every_events": {"min": 1, "max": MOST_EVENTS},
    }

    @parameter_annotation_decorator({"parameters": {"detectors": devices, **common, **bounded}})
    def count_in_focus(
        detectors: list[Readable],
        num: int = 1,
        delay: float = 0.0,
        every_events: int = 10,
        station: str = station.name,
        window: tuple[float, float] | None = None,
        search: str | None = None,
        on_failure: Literal["stop", "warn"] = "stop",
        md: dict[str, Any] | None = None,
    ) -> MsgGenerator[Any]:
        """Take readings, and keep the sample in focus meanwhile.

        Parameters
        ----------
        detectors : list of str
            Names of the devices to read.
        num : int
            Number of readings.
        delay : float
            Time between two readings, s.
        every_events : int
            Check the focus with one frame each time after so many readings.
        station : str
            Name of the station.
        window : list of two numbers, optional
            Where the stage may go.
        search : str, optional
            How to look for the focus. Default: by belief where the optics are known, else a sweep.
        on_failure : {'stop', 'warn'}
            If the focus is lost and not found again: let this item fail, or go on.
        md : dict, optional
            Metadata for the run.
        """
        plan = keep_focus_wrapper(
            bp.count(detectors, num, delay, md=md),
            known,
            every_events=every_events,
            window=window,
            search=search,
            on_failure=on_failure,
        )
        return (yield from bpp.finalize_wrapper(plan, wait_for_catalog))

    field = {name: common[name] for name in ("station", "window")}

    @parameter_annotation_decorator({"parameters": field})
    def autofocus_regions(
        station: str = station.name,
        window: tuple[float, float] | None = None,
        must_focus: bool = True,
        md: dict[str, Any] | None = None,
    ) -> MsgGenerator[RegionsResult]:
        """Bring every altitude of the sample into focus once, and tell where each of them is.

        Parameters
        ----------
        station : str
            Name of the station.
        window : list of two numbers, optional
            Where the stage may go.
        must_focus : bool
            Let this item fail, and the queue stop, unless all altitudes were seen in focus.
        md : dict, optional
            Metadata for the run.
        """
        plan = regions_of_station(known, window=window, md=md)
        return (yield from _ended(plan, must_focus))

    @parameter_annotation_decorator({"parameters": field})
    def measure_tilt(
        station: str = station.name,
        window: tuple[float, float] | None = None,
        must_focus: bool = True,
        md: dict[str, Any] | None = None,
    ) -> MsgGenerator[TiltResult]:
        """Measure the tilt of a flat sample with four frames near focus.

        Parameters
        ----------
        station : str
            Name of the station.
        window : list of two numbers, optional
            Where the stage may go.
        must_focus : bool
            Let this item fail, and the queue stop, unless the tilt was measured.
        md : dict, optional
            Metadata for the run.
        """
        plan = tilt_of_station(known, window=window, md=md)
        return (yield from _ended(plan, must_focus))

    planes = {"spacing_dof": {"min": SPACING_LIMITS_DOF[0], "max": SPACING_LIMITS_DOF[1]}}

    @parameter_annotation_decorator({"parameters": field | planes})
    def focus_stack(
        station: str = station.name,
        window: tuple[float, float] | None = None,
        spacing_dof: float = SPACING_DOF,
        must_focus: bool = True,
        md: dict[str, Any] | None = None,
    ) -> MsgGenerator[StackResult]:
        """Take a focal stack, with as many planes as the sample is deep, where it is.

        Parameters
        ----------
        station : str
            Name of the station.
        window : list of two numbers, optional
            Where the stage may go.
        spacing_dof : float
            Distance between planes, depths of field.
        must_focus : bool
            Let this item fail, and the queue stop, unless the stack is complete.
        md : dict, optional
            Metadata for the run.
        """
        plan = stack_of_station(known, window=window, spacing_dof=spacing_dof, md=md)
        return (yield from _ended(plan, must_focus))

    return {
        "autofocus": autofocus,
        "autofocus_regions": autofocus_regions,
        "count_in_focus": count_in_focus,
        "focus_stack": focus_stack,
        "measure_tilt": measure_tilt,
    }
