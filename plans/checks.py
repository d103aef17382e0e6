"""What has to hold before anything moves."""

from math import isfinite

from bluesky import plan_stubs as bps
from bluesky.utils import MsgGenerator, RunEngineControlException

from bluesky_autofocus.errors import (
    AutofocusError,
    CameraFaultError,
    OpticsError,
    StageFaultError,
    WindowError,
)
from devices import EstimatorSensor
from devices.station import Station

from .recorded_event import position_key

__all__ = [
    "MOST_STEPS",
    "approachable",
    "approachable_both_ways",
    "checked_start",
    "checked_window",
    "load_estimator",
]

MOST_STEPS = 200
"""Steps towards the sample that a move is divided into at most."""


def checked_window(station: Station, window: tuple[float, float] | None) -> tuple[float, float]:
    """Return the allowed travel, in the stage's unit.

    Parameters
    ----------
    station : Station
        Whose window and soft limits apply.
    window : (float, float), optional
        A narrower window than the station's.

    Returns
    -------
    (float, float)
        The window.

    Raises
    ------
    WindowError
        If it is missing, empty, inverted, not finite, or reaches past the station's window or the
        stage's soft limits; or if the stage would need more than `MOST_STEPS` steps towards the
        sample to cross it.
    """
    unit, limits = station.scale.unit, _soft_limits(station)
    given = window or station.window or limits
    if given is None:
        raise WindowError(
            f"{station.stage.name} has no soft limits and no window was given. Give the window in "
            "the station file or to the plan."
        )
    low, high = float(given[0]), float(given[1])
    if not (isfinite(low) and isfinite(high)):
        raise WindowError(f"The window [{low}, {high}] {unit} is not finite. Give two positions.")
    if not low < high:
        raise WindowError(
            f"The window [{low:g}, {high:g}] {unit} is empty or inverted. Give the lower end first."
        )
    for what, bounds in (("station's window", station.window), ("stage's soft limits", limits)):
        if bounds is not None and (low < bounds[0] or high > bounds[1]):
            raise WindowError(
                f"The window [{low:g}, {high:g}] {unit} reaches past the {what} "
                f"[{bounds[0]:g}, {bounds[1]:g}]. Give a window inside them."
            )
    if station.sample and high - low > MOST_STEPS * station.sample.largest_step:
        raise WindowError(
            f"The window [{low:g}, {high:g}] {unit} is more than {MOST_STEPS} steps towards the "
            f"sample wide, of {station.sample.largest_step:g} {unit} each. Give a narrower window "
            "or a larger sample.largest_step."
        )
    return low, high


def approachable(station: Station, window: tuple[float, float]) -> tuple[float, float]:
    """Return where frames may be taken: wherever the whole way of the approach fits the window.

    Elsewhere the play of the stage is not taken up, and the sample is not where the encoder says.

    Parameters
    ----------
    station : Station
        Whose approach.
    window : (float, float)
        Where the stage may go.

    Returns
    -------
    (float, float)
        The window without the backlash at the end on the approach side.

    Raises
    ------
    WindowError
        If the window is not wider than the backlash.
    """
    low, high = window
    backlash, unit = station.approach.backlash, station.scale.unit
    if not backlash < high - low:
        raise WindowError(
            f"The window [{low:g}, {high:g}] {unit} is not wider than approach.backlash, "
            f"{backlash:g}. Give a wider window, or the backlash that the stage has."
        )
    return (low + backlash, high) if station.approach.side == "low" else (low, high - backlash)


def approachable_both_ways(station: Station, window: tuple[float, float]) -> tuple[float, float]:
    """Return where frames may be taken by a plan that arrives from below and from above.

    Parameters
    ----------
    station : Station
        Whose backlash.
    window : (float, float)
        Where the stage may go.

    Returns
    -------
    (float, float)
        The window without the backlash at either end.

    Raises
    ------
    WindowError
        If the window is not wider than twice the backlash.
    """
    low, high = window
    backlash, unit = station.approach.backlash, station.scale.unit
    if not 2 * backlash < high - low:
        raise WindowError(
            f"The window [{low:g}, {high:g}] {unit} is not wider than twice approach.backlash, "
            f"2 x {backlash:g}, and the stage is to arrive from both sides. Give a wider window, "
            "or the backlash that the stage has."
        )
    return low + backlash, high - backlash


def checked_start(station: Station, window: tuple[float, float]) -> MsgGenerator[float]:
    """Read where the stage is and make sure that a search may start there.

    Parameters
    ----------
    station : Station
        Whose stage to read.
    window : (float, float)
        Where the stage may go.

    Returns
    -------
    float
        The stage position; exactly inside the window.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    WindowError
        If the stage is outside the window.
    StageFaultError
        If the stage cannot be read, or does not read as a number.
    """
    name, unit = station.stage.name, station.scale.unit
    try:
        start = float((yield from bps.rd(station.stage)))
        read = yield from bps.read(station.stage)
    except RunEngineControlException:
        raise
    except Exception as error:
        raise StageFaultError(f"{name} cannot be read: {error}. Is its IOC running?") from error
    if position_key(station) not in read:
        raise StageFaultError(
            f"{name} reads {sorted(read)} and hints at no position among them: give it hints, or "
            f"let it read its position as {name!r}."
        )
    if not isfinite(start):
        raise StageFaultError(f"{name} reads {start}: check its encoder.")
    low, high = window
    tolerance = station.position_tolerance
    if not low - tolerance <= start <= high + tolerance:
        raise WindowError(
            f"{name} is at {start:g} {unit}, outside the window [{low:g}, {high:g}]. Move it "
            "inside, or give a window that contains it."
        )
    return min(max(start, low), high)


def load_estimator(sensor: EstimatorSensor) -> None:
    """Load the estimator for the camera as it is now.

    Parameters
    ----------
    sensor : EstimatorSensor
        The sensor that will use it.

    Raises
    ------
    OpticsError, WeightsError
        If it cannot be loaded for the station's optics.
    CameraFaultError
        If the camera does not say what its frames are.
    """
    try:
        sensor.load()
    except OpticsError as error:
        raise OpticsError(f"{error} Or choose another search, such as 'sweep'.") from error
    except AutofocusError:
        raise
    except Exception as error:
        raise CameraFaultError(
            f"The camera of {sensor.name} cannot be read: {error}. Is its IOC running?"
        ) from error


def _soft_limits(station: Station) -> tuple[float, float] | None:
    limits = getattr(station.stage, "limits", None)
    # EPICS says "no limits" with two equal numbers.
    if limits is None or limits[0] >= limits[1]:
        return None
    return float(limits[0]), float(limits[1])
