"""The PVs of the simulated ``cam1:``."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import isfinite
from typing import Any

from caproto.server import PvpropertyData

from devices.sim.camera.exposure import Exposure, Region
from devices.sim.camera.pair import COLOR_MODES, DATA_TYPES, ENABLE, YES_NO, Pair, RefusedError
from devices.sim.camera.records import Records

__all__ = ["CAMERA_PORT", "CamPvs", "Hook"]

Hook = Callable[[PvpropertyData, Any], Awaitable[None]]

CAMERA_PORT = "CAM"
LONGEST_EXPOSURE_S = 3600.0
DETECTOR_STATES = (
    "Idle",
    "Acquire",
    "Readout",
    "Correct",
    "Saving",
    "Aborting",
    "Error",
    "Waiting",
    "Initializing",
    "Disconnected",
    "Aborted",
)


def _seconds(wanted: Any) -> float:
    if not (isfinite(wanted) and 0 <= wanted <= LONGEST_EXPOSURE_S):
        raise RefusedError(f"give seconds from 0 to {LONGEST_EXPOSURE_S:g}")
    return float(wanted)


def _gain(wanted: Any) -> float:
    if not (isfinite(wanted) and 0 < wanted <= 1000):
        raise RefusedError("give a factor above 0 and up to 1000")
    return float(wanted)


def _at_least_one(wanted: Any) -> int:
    if wanted < 1:
        raise RefusedError("give 1 or more")
    return int(wanted)


class CamPvs(Records):
    """The settings and states of ADBase that ADSimDetector uses.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    rows, columns : int
        Size of the sensor.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels, fixed while the IOC runs.
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
        startup: Hook | None = None,
        shutdown: Hook | None = None,
    ) -> None:
        super().__init__(prefix)
        self._rows, self._columns = rows, columns
        self._add_identity()
        self._add_acquisition()
        self._add_region()
        self._add_array(data_type)
        self.array_rate = self.add(
            "ArrayRate_RBV",
            0.0,
            "Frames in the last second",
            units="Hz",
            startup=startup,
            shutdown=shutdown,
        )

    async def put_acquire(self, _instance: PvpropertyData, wanted: Any) -> None:
        """Start or stop an acquisition."""
        raise NotImplementedError

    @property
    def region(self) -> Region:
        """The region of interest in force."""
        numbers = {name: int(pair.value) for name, pair in self._region.items()}
        return Region(
            **numbers,
            reverse_x=self._reverse_x.value == "Yes",
            reverse_y=self._reverse_y.value == "Yes",
        )

    @property
    def exposure(self) -> Exposure:
        """The settings for the next frame."""
        return Exposure(
            exposure_s=self.acquire_time.value,
            period_s=self.acquire_period.value,
            gain=self.gain.value,
            region=self.region,
        )

    async def _fit_region(self) -> None:
        fitted = self.region.fitted(self._rows, self._columns)
        for name, pair in self._region.items():
            size = getattr(fitted, name)
            if pair.value != size:
                await pair.write(size)

    def _add_identity(self) -> None:
        self.string("PortName_RBV", CAMERA_PORT, "Port of the camera")
        self.string("Manufacturer_RBV", "Simulated detector", "Manufacturer")
        self.string("Model_RBV", "Autofocus scene", "Model")
        self.string("SerialNumber_RBV", "0", "Serial number")
        self.string("FirmwareVersion_RBV", "none", "Firmware version")
        self.string("SDKVersion_RBV", "none", "Version of the vendor's library")
        self.string("ADCoreVersion_RBV", "3.12.1", "Version of areaDetector that is imitated")
        self.string("DriverVersion_RBV", "2.10.0", "Version of ADSimDetector that is imitated")
        self.add("MaxSizeX_RBV", self._columns, "Columns of the sensor", units="px")
        self.add("MaxSizeY_RBV", self._rows, "Rows of the sensor", units="px")

    def _add_acquisition(self) -> None:
        self.acquire = self.choice(
            "Acquire",
            "Done",
            "Start or stop; a put with callback returns when acquisition has ended",
            ("Done", "Acquire"),
            readback_labels=("Done", "Acquiring"),
            put=self.put_acquire,
        )
        self.busy = self.state(
            "AcquireBusy", "Done", "Camera or plugins are at work", ("Done", "Acquiring")
        )
        self.choice(
            "WaitForPlugins",
            "Yes",
            "The camera always waits for its plugins; kept because clients set it",
            YES_NO,
        )
        self.acquire_time = self.number(
            "AcquireTime", 0.02, "Exposure", check=_seconds, units="s", precision=4
        )
        self.acquire_period = self.number(
            "AcquirePeriod",
            0.02,
            "Shortest time between the starts of two exposures",
            check=_seconds,
            units="s",
            precision=4,
        )
        self.gain = self.number(
            "Gain", 1.0, "Gain; 1 is the sensor's own", check=_gain, precision=3
        )
        self.image_mode = self.choice(
            "ImageMode",
            "Single",
            "One frame, NumImages frames, or frames until stopped",
            ("Single", "Multiple", "Continuous"),
        )
        self.num_images = self.number(
            "NumImages", 1, "Frames of a Multiple acquisition", check=_at_least_one
        )
        self.images_counter = self.add(
            "NumImagesCounter_RBV", 0, "Frames of the acquisition so far"
        )
        self.fixed("NumExposures", 1, "Exposures summed into a frame")
        self.fixed("TriggerMode", "Internal", "Trigger", labels=("Internal", "External"))
        self.detector_state = self.state(
            "DetectorState_RBV", "Idle", "What the camera does", DETECTOR_STATES
        )
        self.status_message = self.text(
            "StatusMessage_RBV", "Waiting for acquisition", "What the camera does, or why not"
        )

    def _add_region(self) -> None:
        def pair(name: str, attribute: str, value: int, doc: str) -> Pair:
            def check(wanted: Any) -> int:
                region = replace(self.region, **{attribute: int(wanted)})
                return getattr(region.fitted(self._rows, self._columns), attribute)

            return self.number(name, value, doc, check=check, then=self._fit_region, units="px")

        self._region = {
            attribute: pair(name, attribute, value, doc)
            for name, attribute, value, doc in (
                ("MinX", "min_x", 0, "First column that is read"),
                ("MinY", "min_y", 0, "First row that is read"),
                ("SizeX", "size_x", self._columns, "Columns that are read, before binning"),
                ("SizeY", "size_y", self._rows, "Rows that are read, before binning"),
                ("BinX", "bin_x", 1, "Columns summed into a pixel"),
                ("BinY", "bin_y", 1, "Rows summed into a pixel"),
            )
        }
        self._reverse_x = self.choice("ReverseX", "No", "Mirror left to right", YES_NO)
        self._reverse_y = self.choice("ReverseY", "No", "Mirror top to bottom", YES_NO)

    def _add_array(self, data_type: str) -> None:
        self.array_size_x = self.add("ArraySizeX_RBV", 0, "Columns of the last frame", units="px")
        self.array_size_y = self.add("ArraySizeY_RBV", 0, "Rows of the last frame", units="px")
        self.add("ArraySizeZ_RBV", 0, "Not used in a 2-D frame")
        self.array_size = self.add("ArraySize_RBV", 0, "Size of the last frame", units="bytes")
        self.counter = self.number("ArrayCounter", 0, "Frames delivered since it was last set")
        self.array_callbacks = self.choice(
            "ArrayCallbacks", "Enable", "Whether frames are handed to the plugins", ENABLE
        )

        def served(wanted: Any) -> str:
            if wanted != data_type:
                raise RefusedError(f"this IOC was started for {data_type}; restart it for another")
            return data_type

        # The record fields are served because ophyd asks whether the data type is disabled.
        self.choice(
            "DataType",
            data_type,
            "Type of the pixels, fixed while the IOC runs",
            DATA_TYPES,
            check=served,
            record="mbbi",
        )
        self.fixed("ColorMode", "Mono", "Colour mode", labels=COLOR_MODES)
