"""The simulated ``HDF1:`` plugin: files written by the IOC."""

import asyncio
import errno
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from caproto import SkipWrite
from caproto.server import PvpropertyData

from devices.sim.camera.file_pvs import FilePvs
from devices.sim.camera.frame import Frame
from devices.sim.camera.hdf5 import Hdf5File, Layout
from devices.sim.camera.pair import RefusedError
from devices.sim.camera.paths import create_folder, file_name, inside

__all__ = ["Hdf5Plugin"]

logger = logging.getLogger(__name__)

MOST_CAPTURE_BYTES = 256 * 2**20
"""Memory that the Capture mode may hold before it writes."""


class Hdf5Plugin(FilePvs):
    """Files of frames, as NDFileHDF5 writes them.

    Files are written by a thread of its own, so that a slow disk does not hold up other PVs; the
    camera waits for it. An error ends the capture, closes the file with the frames that are whole,
    and shows in ``WriteStatus`` and ``WriteMessage``; the camera goes on.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    camera_port : str
        Port from which frames come.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels.
    data_directory : pathlib.Path or None
        The only folder that may be written to; None allows every folder.
    max_frames : int
        Most frames in one file.
    """

    def __init__(
        self,
        prefix: str,
        *,
        camera_port: str,
        data_type: str,
        data_directory: Path | None,
        max_frames: int,
    ) -> None:
        super().__init__(
            prefix,
            camera_port=camera_port,
            data_type=data_type,
            folder=data_directory.absolute() if data_directory else Path("/"),
        )
        self._data_directory = data_directory
        self._max_frames = max_frames
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hdf5")
        self._file: Hdf5File | None = None
        self._captured: list[Frame] = []
        self._capture_ended = asyncio.Event()
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """End the capture, close the file and stop the writing thread."""
        async with self._turn:
            await self._end_capture()
        self._writer.shutdown(wait=False)

    async def handle(self, frame: Frame) -> None:
        """Save the frame as the write mode asks."""
        async with self._turn:
            mode = self.write_mode.value
            if mode == "Single":
                if self.auto_save.value == "Yes":
                    await self._attempt(self._write_alone([frame]))
            elif self.capture.value == "Capture":
                if mode == "Stream":
                    await self._attempt(self._stream(frame))
                else:
                    await self._attempt(self._keep(frame))

    async def path_changed(self) -> None:
        """Make the folder if allowed, and tell whether it is there."""
        folder = Path(self.file_path.value)
        if not self.file_path.value.endswith("/"):
            await self.file_path.show(f"{self.file_path.value}/")
        try:
            if not inside(folder, self._data_directory):
                raise RefusedError(self._outside(folder))
            depth = int(self.create_directory.value)
            exists = await self._in_thread(create_folder, folder, depth)
            if not exists:
                raise RefusedError(
                    f"{folder} does not exist and CreateDirectory = {depth} does not allow to "
                    "make it; make the folder or set CreateDirectory first"
                )
        except (OSError, RefusedError) as error:
            await self.path_exists.write("No")
            await self.failed(str(error))
        else:
            await self.path_exists.write("Yes")

    async def put_capture(self, _instance: PvpropertyData, wanted: Any) -> None:
        """Start or end a capture; a start returns when the capture has ended."""
        if wanted == "Capture":
            async with self._turn:
                if self.capture.value == "Done":
                    await self._attempt(self._start_capture())
            await self._capture_ended.wait()
        else:
            async with self._turn:
                await self._attempt(self._end_capture())
        raise SkipWrite

    async def put_write_file(self, _instance: PvpropertyData, wanted: Any) -> None:
        """Write the last frame, or what the Capture mode has kept."""
        if wanted == "Write":
            async with self._turn:
                await self.write_file.write("Write")
                await self._attempt(self._write_now())
                await self.write_file.write("Done")
        raise SkipWrite

    async def _attempt(self, work: Any) -> None:
        # ValueError is a frame of another shape: it is left out, and the capture goes on as it
        # does in areaDetector. Any other error ends the capture.
        try:
            await work
        except ValueError as error:
            await self.failed(str(error))
        except Exception as error:
            if not isinstance(error, OSError):
                logger.exception("%swriting failed", self.prefix)
            await self.failed(str(error))
            await self._end_capture(quietly=True)

    async def _in_thread(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *args)

    def _outside(self, path: Path) -> str:
        where = self._data_directory or "an absolute path"
        return f"{path} is not inside {where}; choose a path there"

    def _layout(self, frame: Frame) -> Layout:
        return Layout(
            shape=(frame.pixels.shape[0], frame.pixels.shape[1]),
            dtype=np.dtype(frame.pixels.dtype),
            chunk=(
                int(self.chunk_frames.value),
                int(self.chunk_rows.value),
                int(self.chunk_columns.value),
            ),
            zlib_level=int(self.zlib_level.value) if self.compression.value == "zlib" else None,
            swmr=self.swmr_mode.value == "On",
        )

    async def _open(self, like: Frame) -> Hdf5File:
        folder, number = self.file_path.value, int(self.file_number.value)
        full = file_name(self.file_template.value, folder, self.file_name.value, number)
        path = Path(full)
        if not inside(path, self._data_directory):
            raise RefusedError(self._outside(path))
        if not path.parent.is_dir():
            await self.path_exists.write("No")
            raise OSError(errno.ENOENT, "The folder does not exist; make it", str(path.parent))
        file = await self._in_thread(Hdf5File, path, self._layout(like))
        await self.full_file_name.write(full)
        if self.auto_increment.value == "Yes":
            await self.file_number.write(number + 1)
        await self.succeeded()
        return file

    async def _start_capture(self) -> None:
        mode = self.write_mode.value
        self._capture_ended.set()
        if mode == "Single":
            raise ValueError("Capture needs FileWriteMode Capture or Stream; set it first")
        if self.last_frame is None and not (mode == "Stream" and self.lazy_open.value == "Yes"):
            raise ValueError("The plugin has seen no frame and knows no size; take a frame first")
        self._captured = []
        if mode == "Capture":
            self._require_memory()
        elif self.last_frame is not None and self.lazy_open.value == "No":
            self._file = await self._open(self.last_frame)
        self._capture_ended.clear()
        await self.num_captured.write(0)
        await self.swmr_active.write("Active" if self._swmr else "Off")
        await self.capture.write("Capture")

    @property
    def _swmr(self) -> bool:
        return self._file is not None and self._file.layout.swmr

    def _require_memory(self) -> None:
        frame = self.last_frame
        count = int(self.num_capture.value)
        if frame is None or not 0 < count * frame.pixels.nbytes <= MOST_CAPTURE_BYTES:
            raise ValueError(
                f"Capture mode holds 1 frame up to {MOST_CAPTURE_BYTES} bytes of them, and "
                f"NumCapture = {count} is outside; change NumCapture or use Stream"
            )

    async def _stream(self, frame: Frame) -> None:
        if self._file is None:
            self._file = await self._open(frame)
            await self.swmr_active.write("Active" if self._swmr else "Off")
        await self._in_thread(self._file.append, frame)
        await self.succeeded()
        await self.num_captured.write(self._file.frames)
        wanted = int(self.num_capture.value)
        if wanted and self._file.frames >= wanted:
            await self._end_capture()
        elif self._file.frames >= self._max_frames:
            await self._end_capture()
            await self.failed(
                f"The file is closed at {self._max_frames} frames, the most that this IOC writes"
            )

    async def _keep(self, frame: Frame) -> None:
        first = self._captured[0] if self._captured else frame
        if first.pixels.shape != frame.pixels.shape:
            raise ValueError(
                f"The frame is {frame.pixels.shape}, the capture began with "
                f"{first.pixels.shape}. Stop the capture and start it again."
            )
        self._captured.append(frame)
        await self.num_captured.write(len(self._captured))
        if len(self._captured) >= int(self.num_capture.value):
            if self.auto_save.value == "Yes":
                await self._write_now()
            await self._end_capture()

    async def _end_capture(self, *, quietly: bool = False) -> None:
        file, self._file = self._file, None
        try:
            if file is not None:
                await self._in_thread(file.close)
        except OSError as error:
            # On a full disk the close fails as the write did; the write's error says more.
            if not quietly:
                await self.failed(str(error))
        finally:
            await self.swmr_active.write("Off")
            await self.capture.write("Done")
            self._capture_ended.set()

    async def _write_now(self) -> None:
        if self.write_mode.value == "Capture":
            frames, self._captured = self._captured, []
        else:
            frames = [self.last_frame] if self.last_frame is not None else []
        if not frames:
            raise ValueError("There is no frame to write; take one first")
        await self._write_alone(frames)

    async def _write_alone(self, frames: list[Frame]) -> None:
        file = await self._open(frames[0])
        try:
            for frame in frames:
                await self._in_thread(file.append, frame)
        finally:
            await self._in_thread(file.close)
