"""A run over a field: checks, camera, search, verdict, whichever search it is."""

from collections.abc import Callable
from typing import Any, TypeVar

from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import StationError
from bluesky_autofocus.search import Search, Window
from bluesky_autofocus.verdict import Side
from devices import FieldSensor
from devices.station import Station

from .checks import approachable, checked_start, load_estimator
from .field_run import FieldRun
from .find_focus import find_focus
from .staged_camera import with_camera_staged

__all__ = ["focused_field"]

Run = TypeVar("Run", bound=FieldRun)


def focused_field(
    station: Station,
    allowed: tuple[float, float],
    make_run: type[Run],
    make_search: Callable[..., Search],
    *,
    plan_name: str,
    search: str,
    md: dict[str, Any] | None,
) -> MsgGenerator[Any]:
    """Search over a field in a run of its own.

    Parameters
    ----------
    station : Station
        Stage and camera, and the optics, which must be known.
    allowed : (float, float)
        Where the stage may go, in its unit.
    make_run : type
        Keeps what the run knows.
    make_search : callable
        Makes the search from ``window``, ``start_dof`` and ``approach``.
    plan_name, search : str
        For the metadata.
    md : dict or None
        More of it.

    Returns
    -------
    FocusResult
        What the run has come to.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StationError
        Before anything moves: if the station's optics are unknown.
    """
    if station.estimator is None:
        raise StationError(
            f"{plan_name} needs the optics of the station, and {station.name!r} has none. Give "
            "them in the station file, or calibrate."
        )
    sensor = FieldSensor.like(station.estimator)
    searched = approachable(station, allowed)
    start = yield from checked_start(station, allowed)
    load_estimator(sensor)
    scale = station.scale
    places = Window(scale.to_dof(searched[0]), scale.to_dof(searched[1]))
    strategy = make_search(
        window=places,
        start_dof=places.clip(scale.to_dof(start)),
        approach=Side(station.approach.side),
    )
    run = make_run(station, sensor, strategy, start, allowed, searched)

    @bpp.subs_decorator({"all": [run.witness]})
    @bpp.run_decorator(md={**run.metadata(search), "plan_name": plan_name, **(md or {})})
    def recorded() -> MsgGenerator[None]:
        yield from find_focus(run)

    yield from with_camera_staged(
        station, recorded(), lambda: run.result() if run.outcome else None
    )
    return run.result()
