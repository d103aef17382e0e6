"""Small plans: one move, one frame, each bounded and checked.

Whatever a device raises is a fault of that device; only the RunEngine's own interruptions pass.
"""

from bluesky import plan_stubs as bps
from bluesky.protocols import Stoppable
from bluesky.run_engine import WaitForTimeoutError
from bluesky.utils import FailedStatus, MsgGenerator, RunEngineControlException, short_uid

from bluesky_autofocus.errors import StageFaultError
from devices.station import Station

from .stops import stops

__all__ = [
    "ATTEMPTS",
    "SETTLE_TIMEOUT_S",
    "give_up",
    "last_readback",
    "move_and_verify",
    "return_to",
    "told",
]

ATTEMPTS = 2
SETTLE_TIMEOUT_S = 2.0
# Share of the tolerance within which a stage counts as never having left.
UNMOVED = 0.1


def move_and_verify(
    station: Station, target: float, window: tuple[float, float]
) -> MsgGenerator[float]:
    """Move the stage, from the approach side, and make sure that it is there.

    Towards the sample it goes in steps, if the station says so. Each stop has to be reached before
    the stage moves on.

    Parameters
    ----------
    station : Station
        Whose stage to move.
    target : float
        Where to, in the stage's unit; inside the window.
    window : (float, float)
        Where the stage may go: the start of the approach stays inside as well.

    Returns
    -------
    float
        The readback at the end.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StageFaultError
        If the stage did not arrive at a stop on its way, tried twice, or did not finish a move in
        time.
    """
    stage, tolerance, unit = station.stage, station.position_tolerance, station.scale.unit
    readback = yield from _readback(station)
    said = ""
    for _ in range(ATTEMPTS):
        for position in stops(station, readback, target, window):
            said = yield from _move(station, position)
            readback = yield from _readback(station)
            missed = abs(readback - position)
            if not said and missed > tolerance:
                said = (
                    f"{stage.name} was sent to {position:.6g} {unit} and ended at {readback:.6g}, "
                    f"{missed:.3g} away (allowed: {tolerance:.3g})."
                )
            if said:
                break
        else:
            return readback
    raise StageFaultError(f"{said} Tried {ATTEMPTS} times.")


def return_to(station: Station, start: float, window: tuple[float, float]) -> MsgGenerator[float]:
    """Take the stage back to where it started; one that is there to a hair is not moved.

    A run arrives everywhere from the approach side, so a stage at its start was left there so, or
    could not leave: moving it off and back again would only ask more of a faulty one.

    Parameters
    ----------
    station : Station
        Whose stage to move.
    start : float
        Where it started, in the stage's unit.
    window : (float, float)
        Where the stage may go.

    Returns
    -------
    float
        The readback at the end.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StageFaultError
        As `move_and_verify`.
    """
    readback = yield from _readback(station)
    if abs(readback - start) <= UNMOVED * station.position_tolerance:
        return readback
    return (yield from move_and_verify(station, start, window))


def _readback(station: Station) -> MsgGenerator[float]:
    try:
        return float((yield from bps.rd(station.stage)))
    except RunEngineControlException:
        raise
    except Exception as error:
        raise StageFaultError(f"{station.stage.name} cannot be read: {told(error)}") from error


def last_readback(station: Station, known: float) -> MsgGenerator[float]:
    """Read where the stage is, or settle for what was known before.

    Parameters
    ----------
    station : Station
        Whose stage to read.
    known : float
        Where it was last seen.

    Returns
    -------
    float
        The readback, or `known` if the stage does not answer.

    Yields
    ------
    Msg
        Plan messages.
    """
    try:
        return (yield from _readback(station))
    except StageFaultError:
        return known


def _move(station: Station, position: float) -> MsgGenerator[str]:
    """Move once; return what the stage has to say against it, or raise if it does not answer."""
    stage, group = station.stage, short_uid("move")
    try:
        yield from bps.abs_set(stage, position, group=group)
        yield from bps.wait(group, timeout=station.move_timeout_s)
    except WaitForTimeoutError as error:
        if isinstance(stage, Stoppable):
            yield from give_up(bps.stop(stage))
        yield from give_up(bps.wait(group, timeout=SETTLE_TIMEOUT_S))
        raise StageFaultError(
            f"{stage.name} did not finish its move to {position:.6g} {station.scale.unit} within "
            f"{station.move_timeout_s:g} s and was stopped."
        ) from error
    except RunEngineControlException:
        raise
    except Exception as error:
        return told(error)
    return ""


def give_up(plan: MsgGenerator[object]) -> MsgGenerator[None]:
    """Run a plan whose failure changes nothing any more.

    A status that fails after its wait was given up would otherwise be thrown into the plan at
    some later message.

    Parameters
    ----------
    plan : generator
        The plan.

    Yields
    ------
    Msg
        Plan messages.
    """
    try:
        yield from plan
    except RunEngineControlException:
        raise
    except Exception:
        return


def told(error: BaseException) -> str:
    """Say an error by its cause, as a sentence: a failed status only names itself.

    Parameters
    ----------
    error : BaseException
        What was raised.

    Returns
    -------
    str
        With a full stop.
    """
    if isinstance(error, FailedStatus) and error.__cause__ is not None:
        error = error.__cause__
    said = str(error) or type(error).__name__
    return said if said.endswith((".", "!", "?")) else f"{said}."
