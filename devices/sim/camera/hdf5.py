"""HDF5 files laid out as areaDetector's NDFileHDF5 does it, one chunk a frame."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from devices.sim.camera.disk import Reserve
from devices.sim.camera.frame import Frame

__all__ = ["Hdf5File", "Layout"]


@dataclass(frozen=True)
class Layout:
    """How a file is laid out.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of a frame.
    dtype : numpy.dtype
        Type of the pixels.
    chunk : (int, int, int)
        Frames, rows and columns of a chunk; 0 stands for one frame, all rows, all columns.
    zlib_level : int, optional
        Level of the deflate filter, 0 to 9; None stores the pixels as they are.
    swmr : bool
        Whether other processes may read while the file grows.
    """

    shape: tuple[int, int]
    dtype: np.dtype
    chunk: tuple[int, int, int] = (0, 0, 0)
    zlib_level: int | None = None
    swmr: bool = True

    @property
    def chunk_shape(self) -> tuple[int, int, int]:
        """The chunk, never larger than a frame."""
        frames, rows, columns = self.chunk
        return (
            max(1, frames),
            min(rows or self.shape[0], self.shape[0]),
            min(columns or self.shape[1], self.shape[1]),
        )


class Hdf5File:
    """A file that takes one frame after another.

    Frames are at ``/entry/data/data``, shape (frames, rows, columns); number and time of each at
    ``/entry/instrument/NDAttributes``. Each frame is handed to the operating system before
    `append` returns.

    Parameters
    ----------
    path : pathlib.Path
        The file; one that exists is overwritten, as areaDetector does.
    layout : Layout
        How it is laid out.

    Raises
    ------
    OSError
        If the file cannot be made, or the disk has no room for one frame.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.layout = layout
        self.frames = 0
        self._frame_bytes = layout.dtype.itemsize * layout.shape[0] * layout.shape[1]
        fresh = not path.exists()
        self._reserve = Reserve(path)
        try:
            self._reserve.hold(0, self._frame_bytes)
            # The library's chunk cache holds a frame until it is complete; one frame is enough.
            self._file = h5py.File(path, "w", libver="latest", rdcc_nbytes=self._frame_bytes)
            try:
                self._reserve.forget()
                self._reserve.hold(0, self._frame_bytes)
                self._data = self._add_data()
                self._attributes = self._add_attributes()
                if layout.swmr:
                    self._file.swmr_mode = True
            except BaseException:
                self._file.close()
                raise
        except BaseException:
            self._reserve.release()
            if fresh:
                path.unlink()
            raise

    def append(self, frame: Frame) -> None:
        """Write one frame.

        Parameters
        ----------
        frame : Frame
            Of the layout's shape and type.

        Raises
        ------
        ValueError
            If shape or type differ from the layout's; nothing is written.
        OSError
            If the disk is full or gone.
        """
        if frame.pixels.shape != self.layout.shape or frame.pixels.dtype != self.layout.dtype:
            raise ValueError(
                f"The frame is {frame.pixels.shape} {frame.pixels.dtype}, the file was opened for "
                f"{self.layout.shape} {self.layout.dtype}. Stop the capture and start it again."
            )
        self._reserve.hold(self._file.id.get_filesize(), self._frame_bytes)
        try:
            self._write(frame)
        except RuntimeError as error:
            # What the operating system refuses at a flush comes out of HDF5 in this guise.
            raise OSError(errno.EIO, f"HDF5 could not write: {error}", str(self.path)) from error

    def close(self) -> None:
        """Close the file; a second time does nothing.

        Raises
        ------
        OSError
            If what is left to write cannot be written.
        """
        try:
            self._file.close()
        except RuntimeError as error:
            raise OSError(errno.EIO, f"HDF5 could not close: {error}", str(self.path)) from error
        self._reserve.release()

    def _write(self, frame: Frame) -> None:
        index = self.frames
        values = (
            frame.unique_id,
            frame.timestamp_s,
            frame.epics_seconds,
            frame.epics_nanoseconds,
        )
        for dataset, value in zip(self._attributes, values, strict=True):
            dataset.resize(index + 1, axis=0)
            dataset[index] = value
        self._data.resize(index + 1, axis=0)
        self._data[index] = frame.pixels
        # Pixels last: a reader that sees the frame finds its number and time as well.
        for dataset in (*self._attributes, self._data):
            dataset.flush()
        self.frames = index + 1

    def _add_data(self) -> h5py.Dataset:
        entry = _group(self._file, "entry", "NXentry")
        instrument = _group(entry, "instrument", "NXinstrument")
        detector = _group(instrument, "detector", "NXdetector")
        level = self.layout.zlib_level
        data = detector.create_dataset(
            "data",
            shape=(0, *self.layout.shape),
            maxshape=(None, *self.layout.shape),
            chunks=self.layout.chunk_shape,
            dtype=self.layout.dtype,
            compression=None if level is None else "gzip",
            compression_opts=level,
        )
        data.attrs["signal"] = 1
        shared = _group(entry, "data", "NXdata")
        shared["data"] = data
        return data

    def _add_attributes(self) -> Sequence[h5py.Dataset]:
        group = _group(self._file, "entry/instrument/NDAttributes", "NXcollection")
        return [
            _attribute(group, "NDArrayUniqueId", "<i4", "The unique ID of the NDArray"),
            _attribute(group, "NDArrayTimeStamp", "<f8", "The timestamp of the NDArray, s"),
            _attribute(group, "NDArrayEpicsTSSec", "<u4", "Its whole seconds since 1990"),
            _attribute(group, "NDArrayEpicsTSnSec", "<u4", "Its nanoseconds"),
        ]


def _group(parent: h5py.Group, name: str, nexus_class: str) -> h5py.Group:
    group = parent.create_group(name)
    group.attrs["NX_class"] = nexus_class
    return group


def _attribute(group: h5py.Group, name: str, dtype: str, description: str) -> h5py.Dataset:
    dataset = group.create_dataset(name, shape=(0,), maxshape=(None,), chunks=(64,), dtype=dtype)
    dataset.attrs["NDAttrName"] = name
    dataset.attrs["NDAttrDescription"] = description
    dataset.attrs["NDAttrSourceType"] = "NDAttrSourceDriver"
    dataset.attrs["NDAttrSource"] = "Driver"
    return dataset
