"""Run a demo: simulated station, plan, catalog, figure."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bluesky import RunEngine
from bluesky import plan_stubs as bps
from bluesky.utils import RunEngineInterrupted
from ophyd import EpicsSignal, EpicsSignalRO
from rich.console import Console

from bluesky_autofocus.catalog import Catalog, frames_directory, load_run, open_catalog, record
from bluesky_autofocus.errors import CatalogError
from bluesky_autofocus.figure import focus_figure, save_figure
from bluesky_autofocus.live import StepTable
from devices import Station, connect_station
from devices.sim.process import RunningIoc, simulated_station
from plans import autofocus

from .demo_reference import Reference, find_reference
from .demo_report import DemoReport
from .demo_request import DemoRequest
from .demo_station import station_settings

__all__ = ["run_demo"]

FLUSH_TIMEOUT_S = 60.0
PV_TIMEOUT_S = 10.0


def run_demo(request: DemoRequest, console: Console, figure: Path | None) -> DemoReport:
    """Run a demo from IOC to figure.

    Parameters
    ----------
    request : DemoRequest
        What to run.
    console : rich.console.Console
        Where to tell about it.
    figure : Path, optional
        Where to save the figure; default ``focus-UID.png`` in the working directory.

    Returns
    -------
    DemoReport
        How it ended.

    Raises
    ------
    AutofocusError
        If station or catalog cannot be started, or the run cannot be read back.
    """
    frames = frames_directory()
    with open_catalog() as catalog:
        console.print(f"Catalog: {catalog.storage.home}", style="dim")
        with simulated_station(
            scene=request.scene,
            stack=None if request.stack is None else request.stack.folder,
            seed=request.seed,
            data_directory=frames,
        ) as ioc:
            console.print(f"Simulated station: {ioc.prefix} (process {ioc.pid})", style="dim")
            station = connect_station(
                station_settings(request, ioc.prefix), frames_directory=str(frames)
            )
            return _focus(request, station, ioc, catalog, console, figure)


def _focus(
    request: DemoRequest,
    station: Station,
    ioc: RunningIoc,
    catalog: Catalog,
    console: Console,
    figure: Path | None,
) -> DemoReport:
    engine = RunEngine({}, call_returns_result=True)
    engine.subscribe(StepTable(console))
    reference = find_reference(request, ioc.prefix)
    carriage = _connected(EpicsSignalRO(f"{ioc.prefix}m1:TruePosition", name="carriage"))
    engine(bps.mv(station.stage, request.start, timeout=station.move_timeout_s))
    with record(engine, catalog) as recorder, _fault(request, ioc.prefix):
        began = time.monotonic()
        try:
            result = engine(autofocus(station, search=request.search)).plan_result
        except RunEngineInterrupted:
            engine.abort("interrupted by the user")
            raise KeyboardInterrupt from None
        seconds = time.monotonic() - began
        if not recorder.flush(FLUSH_TIMEOUT_S):
            raise CatalogError(
                f"The catalog did not take the run within {FLUSH_TIMEOUT_S:g} s. It is kept in "
                f"{catalog.storage.backup}."
            )
    picture = _draw(request, catalog, result.uid, reference, figure)
    return DemoReport(
        request=request,
        result=result,
        carriage=float(carriage.get()),
        reference=reference,
        depth_of_field=station.scale.depth_of_field if station.optics else None,
        seconds=seconds,
        figure=picture,
        how_to_read=catalog.how_to_read(result.uid),
    )


@contextmanager
def _fault(request: DemoRequest, prefix: str) -> Iterator[None]:
    """Switch the requested fault on for as long as the search runs."""
    if request.fault is None:
        yield
        return
    name, value = request.fault
    switch = _connected(EpicsSignal(f"{prefix}fault:{name}", name=name))
    switch.put(value, wait=True)
    yield


def _connected(signal: EpicsSignalRO) -> EpicsSignalRO:
    signal.wait_for_connection(timeout=PV_TIMEOUT_S)
    return signal


def _draw(
    request: DemoRequest,
    catalog: Catalog,
    uid: str,
    reference: Reference | None,
    path: Path | None,
) -> Path | None:
    """Draw the run as the catalog has it: what is shown is what was recorded."""
    run = load_run(catalog, uid)
    if "primary" not in run.streams:
        return None
    table = run.table("primary")
    frames = run.frames()
    drawn = focus_figure(
        frames[0],
        frames[-1],
        table["stage"].tolist(),
        table["focus_sharpness"].tolist(),
        unit=request.unit,
        title=f"{request.name}, {request.search}: {run.verdict} after {len(frames)} frames",
        measure=run.start["autofocus"]["measure"],
        reference=None if reference is None else (reference.position, reference.name),
    )
    return save_figure(drawn, path or Path(f"focus-{uid[:8]}.png"))
