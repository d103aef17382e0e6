"""Run a demo: simulated station, plan, catalog, figure."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bluesky import RunEngine
from bluesky import plan_stubs as bps
from rich.console import Console

from bluesky_autofocus.catalog import Catalog, load_run, open_catalog, record
from bluesky_autofocus.errors import NotRestoredError, StationError
from bluesky_autofocus.figure import save_figure
from bluesky_autofocus.live import StepTable
from bluesky_autofocus.result import FocusResult
from bluesky_autofocus.search import BELIEF
from devices import Station, connect_station
from devices.sim.process import RunningIoc, simulated_station
from plans import autofocus

from ..interrupt import AbortOnInterrupt
from ..recorded_plan import check_recorded, run_plan
from .drawing import run_figure
from .fault import FaultAfterFirstFrame
from .plane_stage import with_plane_stage
from .pv import SimulationPvs
from .reference import FOCUS, Reference, find_reference
from .report import DemoReport
from .request import DemoRequest
from .station import station_settings

__all__ = ["run_demo"]

CARRIAGE = "m1:TruePosition"


def run_demo(request: DemoRequest, console: Console) -> DemoReport:
    """Run a demo from IOC to figure.

    Parameters
    ----------
    request : DemoRequest
        What to run.
    console : rich.console.Console
        Where to tell about it.

    Returns
    -------
    DemoReport
        How it ended.

    Raises
    ------
    AutofocusError
        If station or catalog cannot be started, or the run cannot be read back.
    """
    with open_catalog() as catalog:
        console.print(f"Catalog: {catalog.storage.home}", style="dim", soft_wrap=True)
        with simulated_station(
            scene=request.scene,
            stack=None if request.stack is None else request.stack.folder,
            seed=request.seed,
            data_directory=catalog.storage.frames,
        ) as ioc:
            console.print(
                f"Station: {ioc.prefix} in process {ioc.pid}, {request.name}", style="dim"
            )
            if request.how.note:
                console.print(request.how.note, style="dim")
            console.print()
            names = [CARRIAGE, FOCUS]
            if request.fault is not None:
                names.append(f"fault:{request.fault[0]}")
            with (
                SimulationPvs(ioc.prefix, *names) as pvs,
                _connected_station(request, ioc, catalog) as station,
            ):
                return _focus(request, station, pvs, catalog, console)


@contextmanager
def _connected_station(
    request: DemoRequest, ioc: RunningIoc, catalog: Catalog
) -> Iterator[Station]:
    station = connect_station(
        station_settings(request, ioc.prefix), frames_directory=str(catalog.storage.frames)
    )
    if request.stack is not None and request.search == BELIEF:
        station = with_plane_stage(station, request.stack.positions)
    try:
        yield station
    finally:
        station.disconnect()


def _focus(
    request: DemoRequest,
    station: Station,
    pvs: SimulationPvs,
    catalog: Catalog,
    console: Console,
) -> DemoReport:
    engine = RunEngine({}, call_returns_result=True, context_managers=[AbortOnInterrupt])
    engine.subscribe(StepTable(console))
    reference = find_reference(request, pvs)
    run_plan(engine, bps.mv(station.stage, request.start, timeout=station.move_timeout_s))
    if request.fault is not None:
        name, value = request.fault
        engine.subscribe(FaultAfterFirstFrame(pvs, f"fault:{name}", value))
    with record(engine, catalog) as recorder:
        began = time.monotonic()
        result = _autofocus(engine, station, request.search)
        seconds = time.monotonic() - began
        check_recorded(recorder, catalog)
    return DemoReport(
        request=request,
        result=result,
        carriage=_carriage(pvs),
        reference=reference,
        depth_of_field=station.scale.depth_of_field if station.optics else None,
        scale=station.scale.depth_of_field,
        seconds=seconds,
        figure=_draw(request, catalog, result.uid, reference),
        how_to_read=catalog.how_to_read(result.uid),
    )


def _autofocus(engine: RunEngine, station: Station, search: str) -> FocusResult:
    try:
        return run_plan(engine, autofocus(station, search=search))
    except NotRestoredError as error:
        if error.result is None:
            raise
        # The verdict is what a demo is about; that nothing could be put back belongs to it.
        return replace(error.result, message=str(error))


def _carriage(pvs: SimulationPvs) -> float | None:
    try:
        return pvs.get(CARRIAGE)
    except StationError:
        return None


def _draw(
    request: DemoRequest,
    catalog: Catalog,
    uid: str,
    reference: Reference,
) -> Path | None:
    """Draw the run as the catalog has it: what is shown is what was recorded."""
    run = load_run(catalog, uid)
    if "primary" not in run.streams:
        return None
    return save_figure(
        run_figure(run, request, reference), request.figure or Path(f"focus-{uid[:8]}.png")
    )
