"""The simulated ``cam1:``: settings, acquisition and its state."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import isfinite
from typing import Any

from caproto import SkipWrite
from caproto.server import PvpropertyData

from .camera_exposure import Exposure, Region
from .camera_frame import Frame
from .camera_pvs import (
    COLOR_MODES,
    DATA_TYPES,
    ENABLE,
    YES_NO,
    Pair,
    Records,
    RefusedError,
)

__all__ = ["CAMERA_PORT", "Cam"]

logger = logging.getLogger(__name__)

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


class Cam(Records):
    """The camera driver's PVs, as ADSimDetector and ADBase have them.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    rows, columns : int
        Size of the sensor.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels, fixed while the IOC runs.
    acquire : coroutine function
        Takes frames until it is done; cancelled when a client stops the acquisition.
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
        acquire: Callable[[], Awaitable[None]],
        startup: Hook | None = None,
        shutdown: Hook | None = None,
    ) -> None:
        super().__init__(prefix)
        self._rows, self._columns = rows, columns
        self._acquire_frames = acquire
        self._acquisition: asyncio.Task[None] | None = None
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
            put=self._put_acquire,
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

    @property
    def acquiring(self) -> bool:
        """Whether an acquisition is under way."""
        return self._acquisition is not None

    async def refuse(self, message: str) -> None:
        """Show why a put was not followed."""
        await super().refuse(message)
        await self.say(message)

    async def say(self, message: str) -> None:
        """Set the status message, cut to what the PV can hold."""
        await self.status_message.write(message[:255])

    async def enter(self, state: str) -> None:
        """Set the detector state."""
        if self.detector_state.value != state:
            await self.detector_state.write(state)

    async def delivered(self, frame: Frame) -> None:
        """Count a frame that the plugins have done with."""
        rows, columns = frame.pixels.shape
        sizes = (self.array_size_x, columns), (self.array_size_y, rows)
        for channel, size in (*sizes, (self.array_size, frame.pixels.nbytes)):
            if channel.value != size:
                await channel.write(size)
        await self.images_counter.write(self.images_counter.value + 1)
        await self.counter.write(frame.unique_id)

    async def _fit_region(self) -> None:
        fitted = self.region.fitted(self._rows, self._columns)
        for name, pair in self._region.items():
            size = getattr(fitted, name)
            if pair.value != size:
                await pair.write(size)

    async def _put_acquire(self, _instance: PvpropertyData, wanted: Any) -> None:
        if wanted == "Acquire":
            if self._acquisition is None:
                self._acquisition = asyncio.create_task(self._run())
            await asyncio.wait({self._acquisition})
        elif wanted == "Done":
            await self.stop()
        else:
            await self.refuse(f"Acquire = {wanted!r} is refused: put Acquire or Done")
        raise SkipWrite

    async def stop(self) -> None:
        """Stop the acquisition under way, if any, and wait until it has ended."""
        if self._acquisition is not None:
            self._acquisition.cancel()
            await asyncio.wait({self._acquisition})
            # A task that is cancelled before its first step never comes to its own clean-up.
            self._acquisition = None

    async def _run(self) -> None:
        await self.busy.write("Acquiring")
        await self.acquire.write("Acquire")
        await self.images_counter.write(0)
        await self.say("Acquiring data")
        state, message = "Idle", "Waiting for acquisition"
        try:
            await self._acquire_frames()
        except asyncio.CancelledError:
            state = "Idle" if self.image_mode.value == "Continuous" else "Aborted"
            message = "Acquisition stopped"
        except Exception as error:
            logger.exception("%sacquisition failed", self.prefix)
            state, message = "Error", f"Acquisition failed: {error}"
        finally:
            self._acquisition = None
            await self.enter(state)
            await self.say(message)
            await self.acquire.write("Done")
            await self.busy.write("Done")
