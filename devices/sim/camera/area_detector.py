"""A simulated areaDetector camera: driver, image plugin and HDF5 plugin."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any

import numpy as np
from caproto.server import PvpropertyData
from numpy.typing import NDArray

from devices.sim.camera.cam import Cam
from devices.sim.camera.cam_pvs import CAMERA_PORT
from devices.sim.camera.exposure import Exposure, take
from devices.sim.camera.file_plugin import Hdf5Plugin
from devices.sim.camera.frame import Frame
from devices.sim.camera.image_plugin import ImagePlugin
from devices.sim.faults import Faults
from devices.sim.scene import Scene

__all__ = ["AreaDetector"]

DATA_TYPES = ("UInt8", "UInt16")


class AreaDetector:
    """A camera that ophyd cannot tell from an ADSimDetector with its plugins.

    Parameters
    ----------
    prefix : str
        Prefix of the camera; ``cam1:``, ``image1:`` and ``HDF1:`` follow it.
    scene : Scene
        What the camera sees.
    stage_position : callable
        Returns the true position of the stage, engineering units.
    faults : Faults
        The faults in force, read at each frame.
    data_directory : pathlib.Path or str, optional
        The only folder in which files may be written; None allows every folder.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels while this camera lives.
    bits : int, optional
        Depth of the converter: 8 for UInt8, 9 to 16 for UInt16, by default 16.
    seed : int
        Seed of the flicker.
    max_frames_per_file : int
        Most frames in one file.

    Raises
    ------
    ValueError
        If type and depth do not go together.
    """

    def __init__(
        self,
        prefix: str,
        *,
        scene: Scene,
        stage_position: Callable[[], float],
        faults: Faults,
        data_directory: Path | str | None = None,
        data_type: str = "UInt8",
        bits: int | None = None,
        seed: int = 0,
        max_frames_per_file: int = 10_000,
    ) -> None:
        self._scene = scene
        self._stage_position = stage_position
        self._faults = faults
        self._bits = _checked_bits(data_type, bits)
        self._seed = seed
        self._exposures = 0
        self._last_pixels: NDArray[np.unsignedinteger] | None = None
        self._renderer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")
        rows, columns = scene.shape
        self.cam = Cam(
            f"{prefix}cam1:",
            rows=rows,
            columns=columns,
            data_type=data_type,
            acquire=self._acquire,
            startup=self._measure_rates,
            shutdown=self._shut_down,
        )
        self.image = ImagePlugin(
            f"{prefix}image1:",
            camera_port=CAMERA_PORT,
            data_type=data_type,
            max_pixels=rows * columns,
        )
        self.hdf5 = Hdf5Plugin(
            f"{prefix}HDF1:",
            camera_port=CAMERA_PORT,
            data_type=data_type,
            data_directory=None if data_directory is None else Path(data_directory),
            max_frames=max_frames_per_file,
        )
        self.pvdb: dict[str, PvpropertyData] = {
            **self.cam.pvdb,
            **self.image.pvdb,
            **self.hdf5.pvdb,
        }

    async def close(self) -> None:
        """Stop the acquisition and close the file."""
        await self.cam.stop()
        await self.hdf5.close()
        self._renderer.shutdown(wait=False, cancel_futures=True)

    async def _shut_down(self, _instance: PvpropertyData, _async_lib: Any) -> None:
        await self.close()

    async def _measure_rates(self, _instance: PvpropertyData, _async_lib: Any) -> None:
        groups = (self.cam, self.image, self.hdf5)
        before = [int(group.counter.value) for group in groups]
        while True:
            await asyncio.sleep(1.0)
            now = [int(group.counter.value) for group in groups]
            for group, last, count in zip(groups, before, now, strict=True):
                rate = float(max(0, count - last))
                if group.array_rate.value != rate:
                    await group.array_rate.write(rate)
            before = now

    async def _acquire(self) -> None:
        loop = asyncio.get_running_loop()
        taken = 0
        while True:
            started_s, start = time(), loop.time()
            exposure, faults = self.cam.exposure, replace(self._faults)
            await self.cam.enter("Acquire")
            if faults.camera_hang:
                await asyncio.Event().wait()
            pixels = await self._expose(exposure, faults, start)
            taken += 1
            if not faults.camera_drop:
                await _uninterrupted(self._deliver(pixels, started_s))
            mode = self.cam.image_mode.value
            if mode == "Single" or (mode == "Multiple" and taken >= self.cam.num_images.value):
                return
            await self.cam.enter("Waiting")
            # Even with no period to wait for, a stop must get its turn.
            await asyncio.sleep(max(0.0, start + exposure.period_s - loop.time()))

    async def _expose(
        self, exposure: Exposure, faults: Faults, start: float
    ) -> NDArray[np.unsignedinteger]:
        # The frame shows the stage as it is at mid-exposure. The stage is nearly always at rest
        # then, so the rendering begins with the exposure and is done again only if it was not.
        index, self._exposures = self._exposures, self._exposures + 1
        position = self._stage_position()
        rendering = self._render(position, exposure, faults, index)
        try:
            await _sleep_until(start + exposure.exposure_s / 2)
            if self._stage_position() != position:
                rendering.cancel()
                rendering = self._render(self._stage_position(), exposure, faults, index)
            await _sleep_until(start + exposure.exposure_s)
            pixels = await rendering
        finally:
            rendering.cancel()
        last = self._last_pixels
        if faults.camera_freeze and last is not None and last.shape == pixels.shape:
            pixels = last
        return pixels

    def _render(
        self, position: float, exposure: Exposure, faults: Faults, index: int
    ) -> asyncio.Future[NDArray[np.unsignedinteger]]:
        def render() -> NDArray[np.unsignedinteger]:
            return take(
                self._scene,
                position,
                exposure,
                faults,
                bits=self._bits,
                index=index,
                seed=self._seed,
            )

        return asyncio.get_running_loop().run_in_executor(self._renderer, render)

    async def _deliver(self, pixels: NDArray[np.unsignedinteger], started_s: float) -> None:
        await self.cam.enter("Readout")
        self._last_pixels = pixels
        frame = Frame(pixels, int(self.cam.counter.value) + 1, started_s)
        if self.cam.array_callbacks.value == "Enable":
            await self.image.process(frame)
            await self.hdf5.process(frame)
        await self.cam.delivered(frame)


def _checked_bits(data_type: str, bits: int | None) -> int:
    if data_type not in DATA_TYPES:
        raise ValueError(f"The data type is {data_type!r}; choose one of {', '.join(DATA_TYPES)}.")
    allowed = range(8, 9) if data_type == "UInt8" else range(9, 17)
    chosen = allowed[-1] if bits is None else bits
    if chosen not in allowed:
        raise ValueError(
            f"{chosen} bits do not go with {data_type}; "
            f"give {allowed[0]} to {allowed[-1]} or leave them out."
        )
    return chosen


async def _sleep_until(deadline: float) -> None:
    await asyncio.sleep(max(0.0, deadline - asyncio.get_running_loop().time()))


async def _uninterrupted(work: Awaitable[None]) -> None:
    """Finish the work even when the caller is cancelled, then be cancelled."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
