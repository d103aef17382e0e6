"""The plan that takes a focal stack of a sample deeper than the depth of field."""

from functools import partial
from typing import Any

from bluesky.utils import MsgGenerator

from bluesky_autofocus.result import StackResult
from devices.station import Station

from .checks import checked_window
from .field_focus import focused_field
from .stack_run import StackRun

__all__ = ["SPACING_DOF", "SPACING_LIMITS_DOF", "focus_stack"]

# Those of the search, which imports torch.
SPACING_DOF, SPACING_LIMITS_DOF = 1.2, (0.25, 3.0)
"""Distance between planes, and its bounds, depths of field."""


def focus_stack(
    station: Station,
    *,
    spacing_dof: float = SPACING_DOF,
    window: tuple[float, float] | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[StackResult]:
    """Take a focal stack, with as many planes as the sample is deep, where it is.

    The first frames tell, cell by cell of 64 pixels, where the sample is in focus; planes are then
    taken there, and one on either side. Where altitudes are far apart none are taken between them.
    The last frame shows whether the sample has moved meanwhile; it is not one of the stack.
    At the end the stage is where most of the field is in focus; unless the verdict is `in_focus`,
    it goes back to where it started. Window, approach and camera are as for `autofocus`.

    ``bluesky-autofocus fuse UID`` or `bluesky_autofocus.replay.fuse_run` then make one sharp image
    and a map of heights of the recorded run.

    Parameters
    ----------
    station : Station
        Stage and camera, and the optics, which must be known.
    spacing_dof : float, default 1.2
        Distance between planes, depths of field, 0.25 to 3. With 1.2 the fused image is as sharp as
        that of a dense stack, with 2 and more it is not.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    md : dict, optional
        Metadata for the run.

    Returns
    -------
    StackResult
        Which frames make the stack, where they were taken, and the verdict.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StationError
        Before anything moves: if the station's optics are unknown.
    SearchError
        Before anything moves: if the spacing is out of range.
    WindowError, StageFaultError, CameraFaultError, RegionError, OpticsError, WeightsError
        Before anything moves: as `autofocus`.
    NotRestoredError
        If stage or camera could not be put back as they were found; the run says so as well.
    """
    # Late, because it imports torch.
    from bluesky_autofocus.search.stack_search import StackSearch

    allowed = checked_window(station, window)
    search = partial(StackSearch, spacing_dof=spacing_dof)
    return (
        yield from focused_field(
            station, allowed, StackRun, search, plan_name="focus_stack", search="stack", md=md
        )
    )
