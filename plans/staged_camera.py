"""A plan with the camera made ready around it, and put back as it was found."""

from collections.abc import Callable

from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.protocols import Stageable
from bluesky.utils import MsgGenerator, RunEngineControlException

from bluesky_autofocus.errors import NotRestoredError
from bluesky_autofocus.result import FocusResult
from devices.station import Station

from .frame_stubs import stage_camera, unstage_camera

__all__ = ["with_camera_staged"]


def with_camera_staged(
    station: Station,
    plan: MsgGenerator[None],
    result: Callable[[], FocusResult | None] = lambda: None,
) -> MsgGenerator[None]:
    """Stage the camera around a plan; what went wrong first is not masked by the clean-up.

    Parameters
    ----------
    station : Station
        Whose camera to stage; one that cannot be staged is left alone.
    plan : generator
        What to do meanwhile.
    result : callable, optional
        Called if the camera cannot be put back: what the plan has come to by then.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    CameraFaultError
        Before the plan: if the camera cannot be staged.
    NotRestoredError
        If the camera could not be put back as it was found.
    """
    camera = station.camera
    if not isinstance(camera, Stageable):
        yield from plan
        return
    failed: list[Exception] = []

    def remember(error: Exception) -> MsgGenerator[None]:
        failed.append(error)
        yield from bps.null()

    def unstage() -> MsgGenerator[None]:
        try:
            yield from unstage_camera(station)
        except RunEngineControlException:
            raise
        except Exception as error:
            first, ended = failed[0] if failed else None, result()
            before = first or (ended.message if ended else "")
            raise NotRestoredError(
                f"{before} {camera.name} could not be put back as it was found: {error}".strip(),
                ended,
            ) from (first or error)

    def staged() -> MsgGenerator[None]:
        yield from stage_camera(station)
        yield from plan

    yield from bpp.contingency_wrapper(staged(), except_plan=remember, final_plan=unstage)
