"""The PVs of the simulated ``HDF1:`` plugin."""

from pathlib import Path, PurePosixPath
from typing import Any

from caproto.server import PvpropertyData

from devices.sim.camera.frame import Frame
from devices.sim.camera.pair import YES_NO, RefusedError
from devices.sim.camera.plugin import Plugin

__all__ = ["FilePvs"]

COMPRESSIONS = ("None", "N-bit", "szip", "zlib", "Blosc", "BSLZ4", "LZ4", "JPEG")


def _not_negative(wanted: Any) -> int:
    if wanted < 0:
        raise RefusedError("give 0 or more")
    return int(wanted)


def _level(wanted: Any) -> int:
    if not 0 <= wanted <= 9:
        raise RefusedError("give a level from 0 to 9")
    return int(wanted)


def _compression(wanted: Any) -> str:
    if wanted not in ("None", "zlib"):
        raise RefusedError("the simulation knows None and zlib")
    return wanted


def _absolute(wanted: Any) -> str:
    if not PurePosixPath(wanted).is_absolute():
        raise RefusedError("give an absolute path")
    return wanted


class FilePvs(Plugin):
    """The settings and states of NDPluginFile and NDFileHDF5.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    camera_port : str
        Port from which frames come.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels.
    folder : pathlib.Path
        Folder of the files until a client chooses one.
    """

    def __init__(self, prefix: str, *, camera_port: str, data_type: str, folder: Path) -> None:
        super().__init__(
            prefix,
            plugin_type="NDFileHDF5",
            port="HDF1",
            camera_port=camera_port,
            data_type=data_type,
        )
        self._add_names(folder)
        self._add_writing()
        self._add_layout()
        self._add_unused()

    async def path_changed(self) -> None:
        """Act on a new folder."""
        raise NotImplementedError

    async def put_capture(self, _instance: PvpropertyData, wanted: Any) -> None:
        """Start or end a capture."""
        raise NotImplementedError

    async def put_write_file(self, _instance: PvpropertyData, wanted: Any) -> None:
        """Write a file now."""
        raise NotImplementedError

    async def handle(self, frame: Frame) -> None:
        """Save a frame."""
        raise NotImplementedError

    async def refuse(self, message: str) -> None:
        """Show why a put was not followed."""
        await super().refuse(message)
        await self.write_message.write(message[:255])

    async def failed(self, message: str) -> None:
        """Show that writing failed, and why."""
        await super().refuse(message)
        await self.write_message.write(message[:255])
        await self.write_status.write("Write error")

    async def succeeded(self) -> None:
        """Show that writing works."""
        if self.write_status.value != "Write OK":
            await self.write_status.write("Write OK")
            await self.write_message.write("")

    def _add_names(self, folder: Path) -> None:
        self.create_directory = self.number(
            "CreateDirectory",
            0,
            "Folders that may be made for FilePath: 0 none, -n the last n, n all below the n-th",
        )
        self.file_path = self.text_pair(
            "FilePath",
            f"{str(folder).rstrip('/')}/",
            "Folder of the files",
            check=_absolute,
            then=self.path_changed,
        )
        self.path_exists = self.state(
            "FilePathExists_RBV",
            YES_NO[folder.is_dir()],
            "Whether the folder exists and may be used",
            YES_NO,
        )
        self.file_name = self.text_pair("FileName", "frames", "Name of the files")
        self.file_number = self.number(
            "FileNumber", 0, "Number of the next file", check=_not_negative
        )
        self.file_template = self.text_pair(
            "FileTemplate", "%s%s_%6.6d.h5", "How folder, name and number make the full name"
        )
        self.full_file_name = self.text("FullFileName_RBV", "", "Full name of the last file")
        self.auto_increment = self.choice(
            "AutoIncrement", "Yes", "Whether each file takes the next number", YES_NO
        )

    def _add_writing(self) -> None:
        self.auto_save = self.choice(
            "AutoSave", "No", "Single: each frame; Capture: as soon as all are there", YES_NO
        )
        self.write_mode = self.choice(
            "FileWriteMode",
            "Single",
            "A file a frame, frames kept and then written, or frames written as they come",
            ("Single", "Capture", "Stream"),
        )
        self.num_capture = self.number(
            "NumCapture", 1, "Frames of a capture; 0 is until stopped", check=_not_negative
        )
        self.num_captured = self.add("NumCaptured_RBV", 0, "Frames of the capture so far")
        self.capture = self.choice(
            "Capture",
            "Done",
            "Start or end a capture; a put with callback returns when it has ended",
            ("Done", "Capture"),
            readback_labels=("Done", "Capturing"),
            put=self.put_capture,
        )
        self.write_file = self.choice(
            "WriteFile",
            "Done",
            "Write now; a put with callback returns when the file is closed",
            ("Done", "Write"),
            readback_labels=("Done", "Writing"),
            put=self.put_write_file,
        )
        self.write_status = self.state(
            "WriteStatus", "Write OK", "How the last write went", ("Write OK", "Write error")
        )
        self.write_message = self.text("WriteMessage", "", "Why a write failed, and what to do")
        self.lazy_open = self.choice(
            "LazyOpen", "No", "Open a stream at its first frame and not at its start", YES_NO
        )

    def _add_layout(self) -> None:
        self.swmr_mode = self.choice(
            "SWMRMode", "On", "Others may read the file while it grows", ("Off", "On")
        )
        self.swmr_active = self.state(
            "SWMRActive_RBV", "Off", "A file is open that others may read", ("Off", "Active")
        )
        self.state(
            "SWMRSupported_RBV",
            "Supported",
            "Whether the library can do it",
            ("Not Supported", "Supported"),
        )
        self.chunk_frames = self.number(
            "NumFramesChunks", 1, "Frames of a chunk", check=_not_negative
        )
        self.chunk_rows = self.number(
            "NumRowChunks", 0, "Rows of a chunk; 0 is all", check=_not_negative
        )
        self.chunk_columns = self.number(
            "NumColChunks", 0, "Columns of a chunk; 0 is all", check=_not_negative
        )
        self.compression = self.choice(
            "Compression", "None", "How pixels are compressed", COMPRESSIONS, check=_compression
        )
        self.zlib_level = self.number("ZLevel", 6, "Level of zlib", check=_level)
        self.fixed("FileFormat", "HDF5", "Format of the files", labels=("HDF5", "Invalid"))

    def _add_unused(self) -> None:
        self.fixed("NumFramesFlush", 1, "Frames between two flushes")
        self.fixed("StoreAttr", "Yes", "Number and time go with each frame", labels=YES_NO)
        self.fixed("StorePerform", "No", "Timing of the writing is stored", labels=YES_NO)
        self.fixed("DeleteDriverFile", "No", "Remove the driver's own file", labels=YES_NO)
        self.fixed("NumExtraDims", 0, "Extra dimensions")
        for axis in "NXY":
            self.fixed(f"ExtraDimSize{axis}", 1, f"Size of the extra dimension {axis}")
            self.string(f"ExtraDimName{axis}_RBV", "", f"Name of the extra dimension {axis}")
        self.fixed("BoundaryAlign", 0, "Alignment of chunks, bytes")
        self.fixed("BoundaryThreshold", 1, "Size from which chunks are aligned, bytes")
        self.fixed("NumDataBits", 8, "For the N-bit filter")
        self.fixed("DataBitsOffset", 0, "For the N-bit filter")
        self.fixed("SZipNumPixels", 16, "For the szip filter")
        self.add("RunTime", 0.0, "Not measured", units="s")
        self.add("IOSpeed", 0.0, "Not measured", units="Mbit/s")
