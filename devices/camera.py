"""The focus camera: an areaDetector that delivers the frame it announces, or says why not."""

# ophyd's own mixins disagree on what `stage` and `unstage` return.
# pyright: reportIncompatibleMethodOverride=false

import time
from dataclasses import dataclass
from threading import Event

import numpy as np
from numpy.typing import NDArray
from ophyd import Component as Cpt
from ophyd.areadetector.cam import CamBase
from ophyd.areadetector.detectors import DetectorBase
from ophyd.areadetector.plugins import ImagePlugin, PluginBase
from ophyd.areadetector.trigger_mixins import SingleTrigger
from ophyd.device import Staged
from ophyd.signal import EpicsSignalBase
from ophyd.status import DeviceStatus, StatusBase

from bluesky_autofocus.errors import CameraFaultError
from bluesky_autofocus.measurement import full_scale_level

from .bounded import with_write_timeout
from .hdf5 import FocusHDF5

__all__ = ["FocusCamera"]

POLL_S = 0.005
READ_ATTEMPTS = 3
# pyepics gives a read 1 s of its own, which a computer with other work to do may exceed.
READ_TIMEOUT_S = 5.0
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


@dataclass(frozen=True)
class _Announced:
    """What the camera says that its frames will be; it may not change while it is staged."""

    shapes: tuple[tuple[int, int], tuple[int, int]]
    pixel_type: np.dtype


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
    **kwargs
        Passed to ophyd's ``DetectorBase``.
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
        self._announced: _Announced | None = None
        self.stage_sigs["cam.num_images"] = 1
        self.stage_sigs["cam.image_mode"] = "Single"
        if exposure_s is not None:
            self.stage_sigs["cam.acquire_time"] = exposure_s

    @property
    def full_scale(self) -> float:
        """Grey level at which the sensor saturates."""
        announced = self._announced or self._read_announced()
        return full_scale_level(announced.pixel_type, self.bits)

    @property
    def frame_shape(self) -> tuple[int, int]:
        """Rows and columns that the next frame is announced to have."""
        announced = self._announced or self._read_announced()
        return announced.shapes[0]

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
        self._announced = self._read_announced()
        return [self]

    def unstage(self) -> list[object] | None:
        """Put back what staging changed.

        Returns
        -------
        list or None
            What ophyd's mixin returns.
        """
        self._announced = None
        return super().unstage()

    def pause(self) -> None:
        """Get ready to take the last frame again, as the RunEngine may after a pause."""
        self.hdf.pause()

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
        # ophyd's own trigger watches the end of the acquisition from outside: it loses a frame
        # that is ready before it returns, and reports one that never came.
        thread_class = self.cam.acquire.cl.thread_class
        thread_class(target=self._take, args=(taken, time.time()), daemon=True).start()
        return taken

    def _take(self, taken: DeviceStatus, triggered_at: float) -> None:
        try:
            self._expose(with_file=True)
            # Only now: a datum for a frame that never came would shift all later ones.
            self.generate_datum(self._image_name, triggered_at, {})
        except Exception as error:
            taken.set_exception(error)
        else:
            taken.set_finished()

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
        announced = self._announced or self._read_announced()
        shape = self._shape_of(self.image)
        pixels = self._read_pixels(shape[0] * shape[1])
        if shape not in announced.shapes or pixels.size != shape[0] * shape[1]:
            raise CameraFaultError(
                f"{self.name} delivered a frame of {shape[0]} x {shape[1]} pixels ({pixels.size} "
                f"values) and announces {announced.shapes[0][0]} x {announced.shapes[0][1]}: check "
                "its region of interest and binning, and that nothing else changes them."
            )
        return pixels.reshape(shape).astype(announced.pixel_type, copy=False)

    def _read_pixels(self, count: int) -> NDArray[np.number]:
        # pyepics gives a read that comes while another one waits for its answer that same answer,
        # be it a single element: as when ophyd asks for metadata just after it has connected.
        pixels = np.empty(0)
        for _ in range(READ_ATTEMPTS):
            pixels = np.asarray(self.image.array_data.get(count=count, use_monitor=False))
            if pixels.size == count:
                break
        return pixels

    @staticmethod
    def _shape_of(plugin: PluginBase) -> tuple[int, int]:
        return int(plugin.array_size.height.get()), int(plugin.array_size.width.get())

    def _read_announced(self) -> _Announced:
        cam = self.cam
        rows, columns, *bins = (
            max(1, int(signal.get(timeout=READ_TIMEOUT_S)))
            for signal in (cam.size.size_y, cam.size.size_x, cam.bin_y, cam.bin_x)
        )
        data_type = cam.data_type.get(as_string=True, timeout=READ_TIMEOUT_S)
        return _Announced(
            # Most drivers count the region in sensor pixels, some in binned ones.
            shapes=((rows // bins[0], columns // bins[1]), (rows, columns)),
            pixel_type=np.dtype(data_type.lower()),
        )

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
        try:
            self._expose(with_file=False)
        finally:
            for signal, value in reversed(found):
                signal.set(value).wait()

    def _expose(self, *, with_file: bool) -> None:
        """Take one frame and wait, within the limit, until it is where it can be read."""
        counters: dict[str, EpicsSignalBase] = {"a new image": self.image.unique_id}
        if with_file:
            counters["its file"] = self.hdf.file_number
        before = {sign: counter.get(use_monitor=False) for sign, counter in counters.items()}
        ended = Event()
        # Put-completion, not the monitor: a busy server may leave out a short 1 between two 0.
        self.cam.acquire.put(1, use_complete=True, callback=lambda **_: ended.set())
        if not ended.wait(float(self.cam.acquire_time.get()) + self.frame_timeout_s):
            fault = self._missing(["the end of its acquisition", *counters])
            self.cam.acquire.put(0, wait=False)
            raise fault
        # Plugins that block have done their work by now; others may need a moment.
        deadline = time.monotonic() + self.frame_timeout_s
        while late := [s for s, c in counters.items() if c.get(use_monitor=False) == before[s]]:
            if time.monotonic() > deadline:
                raise self._missing(late)
            time.sleep(POLL_S)

    def _missing(self, signs: list[str]) -> CameraFaultError:
        return CameraFaultError(
            f"{self.name} was triggered and did not show {', '.join(signs)} within "
            f"{self.frame_timeout_s:g} s after its exposure time. The camera says: "
            f"{self.cam.status_message.get() or 'nothing'!r}."
        )
