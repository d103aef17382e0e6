"""Keep a scan over the sample in focus by a surface that is known."""

from typing import Any

from bluesky import Msg
from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import SurfaceError
from bluesky_autofocus.focus_surface import FocusSurface
from devices.station import Station

from .checks import checked_window
from .sample_move import SampleAxis
from .stubs import move_and_verify

__all__ = ["follow_focus_wrapper"]

# What is nearer to focus than this is not moved for.
NEAR_ENOUGH_DOF = 0.1


def follow_focus_wrapper(
    plan: MsgGenerator[Any],
    station: Station,
    surface: FocusSurface,
    x: SampleAxis,
    y: SampleAxis,
    *,
    window: tuple[float, float] | None = None,
) -> MsgGenerator[Any]:
    """Move the stage to where the surface says, before each event after a move of the sample.

    Parameters
    ----------
    plan : generator
        Any plan that moves the sample; it must not move the stage.
    station : Station
        Whose stage follows.
    surface : FocusSurface
        From `focus_map`.
    x, y : SampleAxis
        Axes of the sample that the surface is given over.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.

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
    SurfaceError
        If the surface leads out of the window; the stage is not moved there.
    WindowError
        Before the plan begins: as `autofocus`.
    StageFaultError
        If the stage does not arrive.
    """
    low, high = allowed = checked_window(station, window)
    moved = True

    def follow(msg: Msg) -> MsgGenerator[object]:
        nonlocal moved
        here_x = float((yield from bps.rd(x)))
        here_y = float((yield from bps.rd(y)))
        target = surface(here_x, here_y)
        if not low <= target <= high:
            raise SurfaceError(
                f"At ({here_x:g}, {here_y:g}) the surface puts focus at {target:.6g} "
                f"{station.scale.unit}, outside [{low:g}, {high:g}]. Widen the window, or map the "
                "sample again."
            )
        stage = float((yield from bps.rd(station.stage)))
        if abs(stage - target) > NEAR_ENOUGH_DOF * station.scale.depth_of_field:
            yield from move_and_verify(station, target, allowed)
        moved = False
        return (yield msg)

    def watch(msg: Msg) -> tuple[MsgGenerator[object] | None, None]:
        nonlocal moved
        if msg.command == "set" and msg.obj in (x, y):
            moved = True
        elif moved and msg.command in ("trigger", "create"):
            return follow(msg), None
        return None, None

    return (yield from bpp.plan_mutator(plan, watch))
