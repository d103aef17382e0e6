"""The focus camera: an areaDetector that delivers the frame it announces, or says why not."""

# ophyd's own mixins disagree on what `stage` and `unstage` return.
# pyright: reportIncompatibleMethodOverride=false

import time
from functools import reduce
from operator import and_

import numpy as np
from numpy.typing import NDArray
from ophyd import Component as Cpt
from ophyd.areadetector.cam import CamBase
from ophyd.areadetector.detectors import DetectorBase
from ophyd.areadetector.plugins import ImagePlugin, PluginBase
from ophyd.areadetector.trigger_mixins import SingleTrigger
from ophyd.device import Staged
from ophyd.signal import EpicsSignalBase
from ophyd.status import DeviceStatus, StatusBase, SubscriptionStatus

from bluesky_autofocus.errors import CameraFaultError
from bluesky_autofocus.measurement import full_scale_level

from .bounded import with_write_timeout
from .hdf5 import FocusHDF5

__all__ = ["FocusCamera"]

_CONFIGURATION = (
    "acquire_time",
    "gain",
    "bin_x",
    "bin_y",
    "data_type",
    "manufacturer",
    "model",
)


class FocusCam(with_write_timeout(CamBase)):
    """The ``cam1:`` part of any areaDetector camera."""

    _default_configuration_attrs = _CONFIGURATION


class FocusImage(with_write_timeout(ImagePlugin)):
    """The ``image1:`` part: the latest frame over Channel Access."""


class FocusCamera(SingleTrigger, DetectorBase):
    """An areaDetector camera that takes one frame at a time, for any driver.

    Each trigger ends with a new frame in ``image1:`` and in the HDF5 file, or fails within a
    bounded time with `CameraFaultError`. Exposure mode, file path and all else that staging
    changes is put back by ``unstage``.

    Parameters
    ----------
    prefix : str
        The areaDetector prefix with its colon, for instance ``XF:OAV:``.
    name : str
        Device name; the frames' data key is ``{name}_image``.
    frames_directory : str
        Folder for the HDF5 files, as the IOC sees it. ``strftime`` codes are filled in.
    read_directory : str, optional
        The same folder as this machine sees it, where that differs.
    exposure_s : float, optional
        Exposure time while staged, seconds. Default: as found.
    frame_timeout_s : float
        Longest wait for a frame, beyond the exposure time.
    bits : int, optional
        Depth of the sensor's converter, for cameras that deliver, say, 12 bits in 16.
    """

    cam = Cpt(FocusCam, "cam1:")
    image = Cpt(FocusImage, "image1:")
    hdf = Cpt(FocusHDF5, "HDF1:", write_path_template="/")

    def __init__(
        self,
        prefix: str,
        *,
        name: str,
        frames_directory: str,
        read_directory: str | None = None,
        exposure_s: float | None = None,
        frame_timeout_s: float = 5.0,
        bits: int | None = None,
        **kwargs,
    ):
        super().__init__(prefix, name=name, **kwargs)
        self.hdf.write_path_template = frames_directory
        self.hdf.read_path_template = read_directory
        self.read_attrs = ["hdf"]
        self.hdf.read_attrs = []
        self.hdf.configuration_attrs = []
        self.image.configuration_attrs = []
        self.frame_timeout_s = frame_timeout_s
        self.bits = bits
        self.stage_sigs["cam.num_images"] = 1
        self.stage_sigs["cam.image_mode"] = "Single"
        if exposure_s is not None:
            self.stage_sigs["cam.acquire_time"] = exposure_s

    @property
    def full_scale(self) -> float:
        """Grey level at which the sensor saturates."""
        return full_scale_level(self._pixel_type(), self.bits)

    def stage(self) -> list[object]:
        """Get ready to take single frames.

        Returns
        -------
        list
            The staged devices.

        Raises
        ------
        CameraFaultError
            If a camera that has taken no frame since its IOC started takes none now.
        """
        if not all(self._shape_of(self.hdf)):
            self._prime()
        super().stage()
        return [self]

    def trigger(self) -> StatusBase:
        """Take one frame.

        Returns
        -------
        ophyd.status.StatusBase
            Finishes when the frame can be read and is in its file; fails with `CameraFaultError`
            when that does not happen in time.

        Raises
        ------
        RuntimeError
            If the camera is not staged.
        """
        if self._staged != Staged.yes:
            raise RuntimeError(f"{self.name} is not staged: stage it before triggering.")
        taken = DeviceStatus(self)
        triggered_at = time.time()

        def finish(_: StatusBase) -> None:
            missing = [sign for sign, status in signs.items() if not status.success]
            if missing:
                self._acquisition_signal.put(0, wait=False)
                taken.set_exception(self._missing(missing))
                return
            # Only now: a datum for a frame that never came would shift all later ones.
            self.generate_datum(self._image_name, triggered_at, {})
            taken.set_finished()

        # ophyd's own trigger returns its status through an attribute that is already gone when
        # the frame is ready before it returns; these are watched before the frame is asked for.
        signs = self._acquire(with_file=True)
        reduce(and_, signs.values()).add_callback(finish)
        return taken

    def frame(self) -> NDArray[np.number]:
        """Read the latest frame over Channel Access.

        Returns
        -------
        numpy.ndarray
            Shape (rows, columns), of the camera's data type.

        Raises
        ------
        CameraFaultError
            If the frame has another shape than the camera announces.
        """
        # ophyd's own `image` fails for 2-D mono frames: it reads a depth of 0 as a side of 0.
        shape, announced = self._shape_of(self.image), self._announced_shapes()
        pixels = np.asarray(self.image.array_data.get(count=shape[0] * shape[1]))
        if shape not in announced or pixels.size != shape[0] * shape[1]:
            raise CameraFaultError(
                f"{self.name} delivered a frame of {shape[0]} x {shape[1]} pixels ({pixels.size} "
                f"values) and announces {announced[0][0]} x {announced[0][1]}: check its region of "
                "interest and binning, and that nothing else changes them."
            )
        return pixels.reshape(shape).astype(self._pixel_type(), copy=False)

    def _pixel_type(self) -> np.dtype:
        return np.dtype(self.cam.data_type.get(as_string=True).lower())

    @staticmethod
    def _shape_of(plugin: PluginBase) -> tuple[int, int]:
        return int(plugin.array_size.height.get()), int(plugin.array_size.width.get())

    def _announced_shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Shapes that fit the region: most drivers count it in sensor pixels, some in binned."""
        rows, columns = int(self.cam.size.size_y.get()), int(self.cam.size.size_x.get())
        binned = (
            rows // max(1, int(self.cam.bin_y.get())),
            columns // max(1, int(self.cam.bin_x.get())),
        )
        return binned, (rows, columns)

    def _prime(self) -> None:
        """Take one frame: until then the file plugin does not know its shape."""
        found = [
            (signal, signal.get())
            for signal in (self.cam.acquire, self.cam.image_mode, self.cam.array_callbacks)
        ]
        found += [(plugin.enable, plugin.enable.get()) for plugin in (self.image, self.hdf)]
        self.cam.acquire.set(0).wait()
        self.cam.image_mode.set("Single").wait()
        for signal, _ in found[2:]:
            signal.set(1).wait()
        signs = self._acquire(with_file=False)
        try:
            reduce(and_, signs.values()).wait()
        except Exception as error:
            raise self._missing([sign for sign, s in signs.items() if not s.success]) from error
        finally:
            for signal, value in reversed(found):
                signal.set(value).wait()

    def _acquire(self, *, with_file: bool) -> dict[str, StatusBase]:
        """Start one acquisition; return all that has to happen before its frame is complete."""
        timeout_s = float(self.cam.acquire_time.get()) + self.frame_timeout_s
        acquired = DeviceStatus(self, timeout=timeout_s)
        signs: dict[str, StatusBase] = {
            "the end of the acquisition": acquired,
            "a new image": _advance(self.image.unique_id, timeout_s),
        }
        if with_file:
            signs["its file"] = _advance(self.hdf.file_number, timeout_s)

        def finish(**_) -> None:
            # A camera that was given up may answer after all.
            if not acquired.done:
                acquired.set_finished()

        # Put-completion, not the monitor: a busy server may leave out a short 1 between two 0.
        self._acquisition_signal.put(1, use_complete=True, callback=finish)
        return signs

    def _missing(self, signs: list[str]) -> CameraFaultError:
        return CameraFaultError(
            f"{self.name} was triggered and did not show {', '.join(signs)} within "
            f"{self.frame_timeout_s:g} s after its exposure time. The camera says: "
            f"{self.cam.status_message.get() or 'nothing'!r}."
        )


def _advance(counter: EpicsSignalBase, timeout_s: float) -> StatusBase:
    """Wait until a counter differs from its present value."""
    before = counter.get(use_monitor=False)
    return SubscriptionStatus(
        counter, lambda *, value, **_: value != before, timeout=timeout_s, run=False
    )
