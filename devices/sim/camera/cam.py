"""The simulated ``cam1:``: it starts, stops and reports acquisitions."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from caproto import SkipWrite
from caproto.server import PvpropertyData

from devices.sim.camera.cam_pvs import CamPvs, Hook
from devices.sim.camera.frame import Frame

__all__ = ["Cam"]

logger = logging.getLogger(__name__)


class Cam(CamPvs):
    """The camera driver, as ADSimDetector behaves.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    rows, columns : int
        Size of the sensor.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels, fixed while the IOC runs.
    acquire : coroutine function
        Takes frames until it is done; cancelled when a client stops the acquisition.
    startup, shutdown : coroutine functions, optional
        Run by the server for as long as it lives, and before it ends.
    """

    def __init__(
        self,
        prefix: str,
        *,
        rows: int,
        columns: int,
        data_type: str,
        acquire: Callable[[], Awaitable[None]],
        startup: Hook | None = None,
        shutdown: Hook | None = None,
    ) -> None:
        super().__init__(
            prefix,
            rows=rows,
            columns=columns,
            data_type=data_type,
            startup=startup,
            shutdown=shutdown,
        )
        self._acquire_frames = acquire
        self._acquisition: asyncio.Task[None] | None = None

    async def refuse(self, message: str) -> None:
        """Show why a put was not followed."""
        await super().refuse(message)
        await self.say(message)

    async def say(self, message: str) -> None:
        """Set the status message, cut to what the PV can hold."""
        await self.status_message.write(message[:255])

    async def enter(self, state: str) -> None:
        """Set the detector state."""
        if self.detector_state.value != state:
            await self.detector_state.write(state)

    async def delivered(self, frame: Frame) -> None:
        """Count a frame that the plugins have done with."""
        rows, columns = frame.pixels.shape
        sizes = (self.array_size_x, columns), (self.array_size_y, rows)
        for channel, size in (*sizes, (self.array_size, frame.pixels.nbytes)):
            if channel.value != size:
                await channel.write(size)
        await self.images_counter.write(self.images_counter.value + 1)
        await self.counter.write(frame.unique_id)

    async def put_acquire(self, _instance: PvpropertyData, wanted: Any) -> None:
        """Start or stop; a start returns when the acquisition has ended."""
        if wanted == "Acquire":
            if self._acquisition is None:
                self._acquisition = asyncio.create_task(self._run())
            await asyncio.wait({self._acquisition})
        elif wanted == "Done":
            await self.stop()
        else:
            await self.refuse(f"Acquire = {wanted!r} is refused: put Acquire or Done")
        raise SkipWrite

    async def stop(self) -> None:
        """Stop the acquisition under way, if any, and wait until it has ended."""
        if self._acquisition is not None:
            self._acquisition.cancel()
            await asyncio.wait({self._acquisition})
            # A task that is cancelled before its first step never comes to its own clean-up.
            self._acquisition = None

    async def _run(self) -> None:
        await self.busy.write("Acquiring")
        await self.acquire.write("Acquire")
        await self.images_counter.write(0)
        await self.say("Acquiring data")
        state, message = "Idle", "Waiting for acquisition"
        try:
            await self._acquire_frames()
        except asyncio.CancelledError:
            state = "Idle" if self.image_mode.value == "Continuous" else "Aborted"
            message = "Acquisition stopped"
        except Exception as error:
            logger.exception("%sacquisition failed", self.prefix)
            state, message = "Error", f"Acquisition failed: {error}"
        finally:
            self._acquisition = None
            await self.enter(state)
            await self.say(message)
            await self.acquire.write("Done")
            await self.busy.write("Done")
