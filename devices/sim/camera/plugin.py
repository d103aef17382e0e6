"""What every plugin of the simulated camera serves."""

from caproto import ChannelType

from devices.sim.camera.frame import Frame
from devices.sim.camera.pair import COLOR_MODES, DATA_TYPES, ENABLE, YES_NO, Pair
from devices.sim.camera.records import Records

__all__ = ["Plugin"]


class Plugin(Records):
    """A plugin: it is handed each frame while its callbacks are enabled.

    The camera hands a frame to its plugins one after another and takes the next one when all have
    done with it, so nothing queues up and nothing is dropped for want of time.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    plugin_type : str
        Name of the areaDetector plugin.
    port : str
        Name of this plugin's port.
    camera_port : str
        Port from which frames come.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels.
    """

    def __init__(
        self, prefix: str, *, plugin_type: str, port: str, camera_port: str, data_type: str
    ) -> None:
        super().__init__(prefix)
        self.last_frame: Frame | None = None
        self.string("PortName_RBV", port, "Port of this plugin")
        self.string("PluginType_RBV", plugin_type, "Kind of plugin")
        self.string("ADCoreVersion_RBV", "3.12.1", "Version of areaDetector that is imitated")
        self.string("DriverVersion_RBV", "3.12.1", "Version of the plugin that is imitated")
        self.fixed("NDArrayPort", camera_port, "Port from which frames come")
        self.fixed("NDArrayAddress", 0, "Address on that port")
        self.enable: Pair = self.choice(
            "EnableCallbacks", "Enable", "Whether this plugin takes frames", ENABLE
        )
        self.choice(
            "BlockingCallbacks",
            "Yes",
            "The camera always waits for its plugins; kept because clients set it",
            YES_NO,
        )
        self.choice("ArrayCallbacks", "Enable", "Whether it would hand frames on", ENABLE)
        self.fixed("MinCallbackTime", 0.0, "Shortest time between two frames, s")
        self.counter = self.number("ArrayCounter", 0, "Frames taken since it was last set")
        self.array_rate = self.add("ArrayRate_RBV", 0.0, "Frames in the last second", units="Hz")
        self.number("DroppedArrays", 0, "Frames left out for want of time: none")
        self.ndimensions = self.add("NDimensions_RBV", 0, "Dimensions of the last frame")
        self.dimensions = self.add(
            "Dimensions_RBV", [0] * 10, "Size of the last frame: columns, rows", max_length=10
        )
        self.sizes = [
            self.add(f"ArraySize{axis}_RBV", 0, f"Size of the last frame, {what}", units="px")
            for axis, what in enumerate(("columns", "rows", "not used in a 2-D frame"))
        ]
        self.state("DataType_RBV", data_type, "Type of the pixels", DATA_TYPES)
        self.state("ColorMode_RBV", "Mono", "Colour mode", COLOR_MODES)
        self.add("BayerPattern_RBV", "RGGB", "Not used in a mono frame", dtype=ChannelType.STRING)
        self.unique_id = self.add("UniqueId_RBV", 0, "Number of the last frame")
        self.timestamp = self.add(
            "TimeStamp_RBV", 0.0, "Start of the last exposure since 1990", units="s", precision=3
        )
        self.epics_seconds = self.add("EpicsTSSec_RBV", 0, "Its whole seconds", units="s")
        self.epics_nanoseconds = self.add("EpicsTSNsec_RBV", 0, "Its nanoseconds", units="ns")

    async def process(self, frame: Frame) -> None:
        """Take one frame, unless callbacks are disabled.

        Parameters
        ----------
        frame : Frame
            The frame.
        """
        if self.enable.value != "Enable":
            return
        rows, columns = frame.pixels.shape
        if self.last_frame is None or self.last_frame.pixels.shape != frame.pixels.shape:
            await self.ndimensions.write(2)
            await self.dimensions.write([columns, rows] + [0] * 8)
            for channel, size in zip(self.sizes, (columns, rows, 0), strict=True):
                await channel.write(size)
        self.last_frame = frame
        await self.handle(frame)
        await self.timestamp.write(frame.timestamp_s)
        await self.epics_seconds.write(frame.epics_seconds)
        await self.epics_nanoseconds.write(frame.epics_nanoseconds)
        await self.counter.write(self.counter.value + 1)
        await self.unique_id.write(frame.unique_id)

    async def handle(self, frame: Frame) -> None:
        """Do what this plugin is for, before the frame's number is published."""
        raise NotImplementedError
