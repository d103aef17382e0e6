"""The simulated ``image1:`` plugin: the pixels over Channel Access."""

import numpy as np
from caproto import ChannelType

from devices.sim.camera.frame import Frame
from devices.sim.camera.plugin import Plugin

__all__ = ["ImagePlugin"]


class ImagePlugin(Plugin):
    """The last frame as a waveform, as NDPluginStdArrays serves it.

    The waveform's type is fixed when the IOC starts, as a real database's FTVL is: CHAR for 8 bits,
    else LONG, which is how Channel Access carries 16 unsigned bits.

    Parameters
    ----------
    prefix : str
        Prefix with the trailing colon.
    camera_port : str
        Port from which frames come.
    data_type : {"UInt8", "UInt16"}
        Type of the pixels.
    max_pixels : int
        Pixels of the largest frame.
    """

    def __init__(self, prefix: str, *, camera_port: str, data_type: str, max_pixels: int) -> None:
        super().__init__(
            prefix,
            plugin_type="NDPluginStdArrays",
            port="IMAGE1",
            camera_port=camera_port,
            data_type=data_type,
        )
        # Served from a numpy array of bytes, a frame takes a fifteenth of the time of any other
        # kind of CHAR channel.
        eight_bit = data_type == "UInt8"
        self._wire_type = np.dtype(np.uint8 if eight_bit else ">i4")
        self.array_data = self.add(
            "ArrayData",
            np.zeros(max_pixels, self._wire_type),
            "Pixels of the last frame, row by row, as many as the array sizes say",
            dtype=bytes if eight_bit else ChannelType.LONG,
            max_length=max_pixels,
            # A client that cannot keep up gets the newest frame and no queue of old ones.
            max_subscription_backlog=1,
        )

    async def handle(self, frame: Frame) -> None:
        """Publish the pixels."""
        flat = frame.pixels.reshape(-1).astype(self._wire_type, copy=False)
        flat.flags.writeable = False
        await self.array_data.write(flat, verify_value=False, timestamp=frame.started_s)
