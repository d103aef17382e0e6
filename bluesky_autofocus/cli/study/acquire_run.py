"""Record focal stacks at simulated stations: one station and one run for each sample."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bluesky import RunEngine

from bluesky_autofocus.catalog import Catalog, open_catalog, record
from devices import StationSettings, connect_station
from devices.sim.network import free_port
from devices.sim.process import client_environment, set_client_environment, simulated_station
from devices.station_file import ApproachSettings, CameraSettings, LimitSettings, StageSettings
from plans import StacksResult, record_stacks

from ..demo.pv import SimulationPvs
from ..demo.reference import FOCUS
from ..demo.station import EXPOSURE_S, MOVE_TIMEOUT_S, SCENE_BACKLASH_UM, SIMULATED_OPTICS
from ..interrupt import AbortOnInterrupt
from ..recorded_plan import check_recorded, run_plan
from .acquire_request import UNEVEN_SCENES, AcquireRequest

__all__ = ["AcquiredRun", "acquire_stacks"]

# The focus of a scene lies within 300 µm of 0, and a sweep reaches 48 depths of field beyond it.
WINDOW_UM = (-700.0, 700.0)


@dataclass(frozen=True)
class AcquiredRun:
    """The run of one sample.

    Parameters
    ----------
    scene : str
        What was under the objective.
    focus_um : float
        True focus of the simulation.
    result : StacksResult
        How the run ended.
    """

    scene: str
    focus_um: float
    result: StacksResult

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it.

        Returns
        -------
        dict
            Sample, uid, frames, verdict, message, true focus.
        """
        return {
            "sample": self.scene,
            "uid": self.result.uid,
            "frames": self.result.frames,
            "verdict": None if self.result.verdict is None else str(self.result.verdict),
            "message": self.result.message,
            "known_focus": self.focus_um,
        }


def acquire_stacks(request: AcquireRequest, tell: Callable[[str], None]) -> list[AcquiredRun]:
    """Record the focal stacks of every sample.

    Parameters
    ----------
    request : AcquireRequest
        What to run.
    tell : callable
        Told how it goes on.

    Returns
    -------
    list of AcquiredRun
        One for each sample.

    Raises
    ------
    AutofocusError
        If a station or the catalog cannot be started, or a run cannot be recorded.
    """
    ports: list[int] = []
    while len(ports) < len(request.scenes):
        ports = list(dict.fromkeys([*ports, free_port()]))
    # Channel Access reads its addresses once, so all stations are named before the first starts.
    set_client_environment(client_environment(*ports))
    engine = RunEngine({}, call_returns_result=True, context_managers=[AbortOnInterrupt])
    runs = []
    with open_catalog() as catalog:
        tell(f"Catalog: {catalog.storage.home}")
        tell(f"Study: {request.study}")
        for scene, port in zip(request.scenes, ports, strict=True):
            with simulated_station(
                scene=scene,
                port=port,
                seed=request.seed,
                shape=(request.size, request.size),
                data_directory=catalog.storage.frames,
            ) as ioc:
                run = _acquire(request, scene, ioc.prefix, catalog, engine)
            made = run.result
            tell(f"{scene}: {made.frames} frames, run {made.uid[:8]}. {made.message}")
            runs.append(run)
    return runs


def _acquire(
    request: AcquireRequest, scene: str, prefix: str, catalog: Catalog, engine: RunEngine
) -> AcquiredRun:
    with SimulationPvs(prefix, FOCUS) as pvs, record(engine, catalog) as recorder:
        station = connect_station(_settings(prefix), frames_directory=str(catalog.storage.frames))
        try:
            focus = pvs.get(FOCUS)
            positions = focus + request.offsets_dof * station.scale.depth_of_field
            plan = record_stacks(
                station,
                positions.tolist(),
                sample=scene,
                study=request.study,
                lights=request.lights,
                known_focus=focus,
                flat=scene not in UNEVEN_SCENES,
                md={"simulated": True, "scene": scene, "seed": request.seed},
            )
            result = run_plan(engine, plan)
            check_recorded(recorder, catalog)
        finally:
            station.disconnect()
    return AcquiredRun(scene, focus, result)


def _settings(prefix: str) -> StationSettings:
    return StationSettings(
        name="simulated",
        stage=StageSettings(prefix=f"{prefix}m1"),
        camera=CameraSettings(prefix=prefix, exposure_s=EXPOSURE_S),
        optics=SIMULATED_OPTICS,
        window=WINDOW_UM,
        approach=ApproachSettings(side="low", backlash=SCENE_BACKLASH_UM),
        limits=LimitSettings(move_timeout_s=MOVE_TIMEOUT_S),
    )
