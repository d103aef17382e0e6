"""The simulated station: stage, camera, scene and faults as one IOC."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from caproto.server import PvpropertyData

from devices.sim.camera.area_detector import AreaDetector
from devices.sim.fault_pvs import FaultPVs
from devices.sim.faults import Faults
from devices.sim.network import LOOPBACK, PortError, StationServer, port_is_free
from devices.sim.scene.pvs import SceneGroup
from devices.sim.scene.rendered import RenderedScene
from devices.sim.scene.replayed import ReplayedScene
from devices.sim.stage.motor_record import MotorRecord
from devices.sim.stage.settings import StageSettings

__all__ = ["SimulatedStation"]

LISTEN_TIMEOUT_S = 10.0


class SimulatedStation:
    """Everything that one simulated station serves.

    Parameters
    ----------
    prefix : str
        Prefix of all PVs, with its separator, for instance ``SIM:``.
    scene : RenderedScene or ReplayedScene
        What the camera sees.
    stage : StageSettings, optional
        What the stage is, in the scene's engineering unit.
    data_directory : pathlib.Path, optional
        The only folder that the camera may write to; None allows every folder.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels.
    bits : int, optional
        Depth of the camera's converter; by default 8 or 16.
    seed : int
        Seed of stage and camera noise.
    """

    def __init__(
        self,
        prefix: str,
        *,
        scene: RenderedScene | ReplayedScene,
        stage: StageSettings | None = None,
        data_directory: Path | None = None,
        data_type: str = "UInt8",
        bits: int | None = None,
        seed: int = 0,
    ) -> None:
        self.prefix = prefix
        self.faults = Faults()
        self.stage = MotorRecord(f"{prefix}m1", faults=self.faults, settings=stage, seed=seed)
        self.camera = AreaDetector(
            prefix,
            scene=scene,
            stage_position=self.stage.true_position,
            faults=self.faults,
            data_directory=data_directory,
            data_type=data_type,
            bits=bits,
            seed=seed,
        )
        self.scene_pvs = SceneGroup(f"{prefix}scene:", scene=scene)
        self.fault_pvs = FaultPVs(
            f"{prefix}fault:", faults=self.faults, disconnect_stage=self._disconnect_stage
        )
        self.pvdb: dict[str, PvpropertyData[Any]] = {
            **self.stage.pvdb,
            **self.camera.pvdb,
            **self.scene_pvs.pvdb,
            **self.fault_pvs.pvdb,
        }
        self._server: StationServer | None = None

    async def serve(self, port: int, *, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Serve the PVs until told to stop; the camera's files are closed on the way out.

        Parameters
        ----------
        port : int
            Loopback port for TCP and UDP.
        ready : callable
            Called once, when clients can connect.
        stop : asyncio.Event
            Set to end.

        Raises
        ------
        PortError
            If another process holds the port.
        Exception
            Whatever ends the server, the stage or a start-up hook before it is told to stop.
        """
        if not port_is_free(port):
            raise PortError(
                f"port {port} is in use by another process; give another --port, or 0 for any"
            )
        await self.stage.initialise()
        await self.fault_pvs.initialise()
        await self.scene_pvs.initialise()
        self._server = StationServer(dict(self.pvdb), port)
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("server", self._server.run()),
                ("stage", self.stage.run()),
                ("stop", stop.wait()),
                ("ready", self._announce(port, ready)),
            )
        ]
        try:
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if done == {tasks[-1]} and tasks[-1].exception() is None:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
        if not stop.is_set():
            names = ", ".join(task.get_name() for task in done)
            raise RuntimeError(f"the task {names} ended although nobody told it to stop")

    async def _announce(self, port: int, ready: Callable[[], None]) -> None:
        """Call `ready` when a client can connect."""
        async with asyncio.timeout(LISTEN_TIMEOUT_S):
            while self._server is None or self._server.port is None:
                await asyncio.sleep(0.01)
            if self._server.port != port:
                raise PortError(
                    f"port {port} was taken by another process at the last moment; start again"
                )
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(LOOPBACK, port)
                    writer.close()
                    await writer.wait_closed()
                    break
                await asyncio.sleep(0.01)
        ready()

    async def _disconnect_stage(self, gone: bool) -> None:
        if self._server is not None:
            await (self._server.hide if gone else self._server.show)(self.stage.prefix)
