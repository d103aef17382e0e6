"""The HDF5 file writer of an areaDetector camera, left as it was found."""

# ophyd's own mixins disagree on what `stage` and `unstage` return.
# pyright: reportIncompatibleMethodOverride=false

from collections.abc import Iterator
from typing import Any

from ophyd import Component as Cpt
from ophyd.areadetector.base import EpicsSignalWithRBV
from ophyd.areadetector.filestore_mixins import FileStoreHDF5Single
from ophyd.areadetector.plugins import HDF5Plugin

from .bounded import WRITE_TIMEOUT_S, with_write_timeout

__all__ = ["FocusHDF5"]

_PUT_BACK = ("create_directory", "file_path", "file_name", "file_number")


class FocusHDF5(with_write_timeout(HDF5Plugin, WRITE_TIMEOUT_S), FileStoreHDF5Single):
    """Writes each frame of a run into a file of its own, numbered in order.

    One file a run would be read back wrong, or not at all, as soon as it holds a frame that no
    event refers to: one taken again after a pause, or come too late. With a file a frame such a
    frame is just a file that nobody asks for, and each file is closed as soon as it is written.

    Beyond ophyd's own mixin it creates the folder before it names it (an IOC refuses a path that
    is not there), and puts path, name and number back afterwards.

    Parameters
    ----------
    *args, **kwargs
        Passed to ophyd's plugin and mixin; ``write_path_template`` is needed.
    """

    create_directory = Cpt(
        EpicsSignalWithRBV, "CreateDirectory", write_timeout=WRITE_TIMEOUT_S, kind="omitted"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # `stage` writes it before the path, where the mixin writes it after.
        self.stage_sigs.pop("create_directory")
        self._found: dict[str, Any] = {}
        self._announced: dict[str, Any] | None = None

    def stage(self) -> list[object] | None:
        """Announce new files for the run.

        Returns
        -------
        list or None
            What ophyd's mixin returns.

        Raises
        ------
        OSError
            If the IOC cannot write to the folder.
        """
        self._found = {name: getattr(self, name).get() for name in _PUT_BACK}
        self.create_directory.set(-3).wait()
        return super().stage()

    def unstage(self) -> list[object] | None:
        """Put path, name and number back.

        Returns
        -------
        list or None
            What ophyd's mixin returns.
        """
        unstaged = super().unstage()
        while self._found:
            name, value = self._found.popitem()
            getattr(self, name).set(value).wait()
        return unstaged

    def _generate_resource(self, resource_kwargs: dict[str, Any]) -> None:
        super()._generate_resource(resource_kwargs)
        _, resource = self._asset_docs_cache[-1]
        # Readers append the file's name as it is; ophyd leaves the folder without its slash.
        resource["resource_path"] += "/"

    def collect_asset_docs(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Hand out what has not been said of the files.

        Yields
        ------
        (str, dict)
            Documents: the resource before the first frame, a datum a frame.
        """
        said = list(super().collect_asset_docs())
        self._announced = next((document for name, document in said if name == "resource"), None)
        yield from said

    def pause(self) -> None:
        """Say again what the RunEngine may have thrown away.

        A pause within an event makes it take the event again, without the resource that it was
        given for it; without that no frame of the run could be read. Said twice it does no harm.
        """
        if self._announced is not None:
            self._asset_docs_cache.appendleft(("resource", self._announced))
            self._announced = None

    def generate_datum(self, key: str, timestamp: float, datum_kwargs: dict[str, Any]) -> str:
        """Announce the file that was written last.

        Parameters
        ----------
        key : str
            Data key of the frame.
        timestamp : float
            When it was triggered.
        datum_kwargs : dict
            What else is to be said of it.

        Returns
        -------
        str
            The datum's identifier.
        """
        # The plugin shows the number that the next file will have.
        number = int(self.file_number.get(use_monitor=False)) - 1
        return super().generate_datum(key, timestamp, {**datum_kwargs, "point_number": number})
