"""The HDF5 file writer of an areaDetector camera, left as it was found."""

# ophyd's own mixins disagree on what `stage` and `unstage` return.
# pyright: reportIncompatibleMethodOverride=false

from typing import Any

from ophyd import Component as Cpt
from ophyd.areadetector.base import EpicsSignalWithRBV
from ophyd.areadetector.filestore_mixins import FileStoreHDF5IterativeWrite
from ophyd.areadetector.plugins import HDF5Plugin
from ophyd.utils.errors import UnprimedPlugin

from .bounded import WRITE_TIMEOUT_S, with_write_timeout

__all__ = ["FocusHDF5"]

_PUT_BACK = ("create_directory", "file_path", "file_name", "file_number")


class FocusHDF5(with_write_timeout(HDF5Plugin, WRITE_TIMEOUT_S), FileStoreHDF5IterativeWrite):
    """Writes each frame of a run as one chunk of one HDF5 file.

    Beyond ophyd's own mixin it creates the folder before it names it (an IOC refuses a path that
    is not there), lets others read the file while it is written (SWMR), and puts path, name and
    number back afterwards.
    """

    create_directory = Cpt(
        EpicsSignalWithRBV, "CreateDirectory", write_timeout=WRITE_TIMEOUT_S, kind="omitted"
    )
    lazy_open = Cpt(
        EpicsSignalWithRBV, "LazyOpen", string=True, write_timeout=WRITE_TIMEOUT_S, kind="omitted"
    )
    swmr_mode = Cpt(
        EpicsSignalWithRBV, "SWMRMode", string=True, write_timeout=WRITE_TIMEOUT_S, kind="omitted"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filestore_spec = "AD_HDF5_SWMR"
        # `stage` writes it before the path, where the mixin writes it after.
        self.stage_sigs.pop("create_directory")
        # The mixin guesses the name of a file that is opened at once.
        self.stage_sigs["lazy_open"] = "No"
        self.stage_sigs["swmr_mode"] = "On"
        self.stage_sigs.move_to_end("capture")
        self._found: dict[str, Any] = {}

    def stage(self) -> list[object] | None:
        """Announce a new file for the run.

        Returns
        -------
        list or None
            What ophyd's mixin returns.

        Raises
        ------
        OSError
            If the IOC cannot write to the folder.
        """
        if not any(self.array_size.get()):
            raise UnprimedPlugin(f"{self.dotted_name} has not seen a frame yet.")
        self._found = {name: getattr(self, name).get() for name in _PUT_BACK}
        self.create_directory.set(-3).wait()
        return super().stage()

    def unstage(self) -> list[object] | None:
        """Close the file; put path, name and number back.

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
