"""A detector that streams its frames into a file, as a camera."""

from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import unquote, urlparse

import h5py
import numpy as np
from bluesky.protocols import Hints, Reading, Status
from event_model import DataKey
from numpy.typing import NDArray

from bluesky_autofocus.errors import CameraFaultError

__all__ = ["StreamingCamera", "StreamingDetector"]

HDF5 = "application/x-hdf5"
Readings = dict[str, Reading[Any]]


class StreamingDetector(Protocol):
    """A detector that streams its frames into files, as those of ophyd-async do."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def hints(self) -> Hints:
        """Its hinted fields."""
        ...

    def stage(self) -> Status:
        """Get ready."""
        ...

    def unstage(self) -> Status:
        """Stop."""
        ...

    def trigger(self) -> Status:
        """Take one frame."""
        ...

    async def read(self) -> Readings:
        """Return its readings."""
        ...

    async def describe(self) -> dict[str, DataKey]:
        """Describe its readings and frames."""
        ...

    async def read_configuration(self) -> Readings:
        """Return its settings."""
        ...

    async def describe_configuration(self) -> dict[str, DataKey]:
        """Describe its settings."""
        ...

    def collect_asset_docs(self, index: int | None = None) -> AsyncIterator[Any]:
        """Announce files and the frames in them.

        Parameters
        ----------
        index : int, optional
            Up to which frame.
        """
        ...


class StreamingCamera:
    """A detector of ophyd-async's as a camera: its frames are read from the file it writes.

    Parameters
    ----------
    detector : ophyd_async.core.StandardDetector
        A detector that writes HDF5, one frame a trigger, readable while it is written.
    full_scale : float
        Grey level at which it saturates.
    data_key : str, optional
        Data key of its frames. Default: its hinted field.
    """

    parent = None

    def __init__(self, detector: StreamingDetector, full_scale: float, data_key: str | None = None):
        self.detector = detector
        self.full_scale = full_scale
        self.data_key = data_key
        self._announced: deque[tuple[str, Any]] = deque()
        self._file: tuple[Path, str] | None = None

    @property
    def name(self) -> str:
        """The detector's name."""
        return self.detector.name

    @property
    def hints(self) -> Hints:
        """The detector's hints."""
        return self.detector.hints

    def stage(self) -> Status:
        """Get ready to write a new file."""
        self._announced.clear()
        self._file = None
        return self.detector.stage()

    def unstage(self) -> Status:
        """Stop and close the file."""
        return self.detector.unstage()

    def trigger(self) -> Status:
        """Take one frame."""
        return self.detector.trigger()

    async def read(self) -> Readings:
        """Return the detector's readings."""
        return await self.detector.read()

    async def describe(self) -> dict[str, DataKey]:
        """Describe the detector's readings and frames."""
        return await self.detector.describe()

    async def read_configuration(self) -> Readings:
        """Return the detector's settings."""
        return await self.detector.read_configuration()

    async def describe_configuration(self) -> dict[str, DataKey]:
        """Describe the detector's settings."""
        return await self.detector.describe_configuration()

    async def collect_asset_docs(self, index: int | None = None) -> AsyncIterator[tuple[str, Any]]:
        """Announce files and the frames in them.

        Parameters
        ----------
        index : int, optional
            As for the detector.

        Yields
        ------
        str, dict
            Names and documents.
        """
        await self._listen(index)
        while self._announced:
            yield self._announced.popleft()

    async def frame(self) -> NDArray[np.number]:
        """Read the latest frame from the file.

        Returns
        -------
        numpy.ndarray
            Shape (rows, columns).

        Raises
        ------
        CameraFaultError
            If the detector has announced no HDF5 file, or it cannot be read.
        """
        if self._file is None:
            await self._listen(None)
        if self._file is None:
            raise CameraFaultError(
                f"{self.name} has announced no HDF5 file for {self._key!r}. Trigger it first, and "
                "see that it writes HDF5."
            )
        path, dataset = self._file
        try:
            with h5py.File(path, "r", swmr=True) as file:
                frame = np.squeeze(cast(h5py.Dataset, file[dataset])[-1])
        except (OSError, KeyError, ValueError) as error:
            raise CameraFaultError(
                f"The frames of {self.name} in {path} cannot be read: {error}. Can this machine "
                "see that file?"
            ) from error
        return frame

    @property
    def _key(self) -> str:
        return self.data_key or next(iter(self.hints.get("fields", [])), self.name)

    async def _listen(self, index: int | None) -> None:
        """Keep what the detector announces, and note the file with the frames."""
        async for name, document in self.detector.collect_asset_docs(index):
            self._announced.append((name, document))
            if name != "stream_resource" or document["data_key"] != self._key:
                continue
            if document["mimetype"] == HDF5:
                path = Path(unquote(urlparse(document["uri"]).path))
                self._file = path, document["parameters"]["dataset"]
