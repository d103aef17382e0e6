"""What is under the simulated objective, as PVs."""

from math import isfinite, nan
from typing import Any

from caproto import ChannelType
from caproto.server import PVGroup, PvpropertyData, pvproperty

from devices.sim.scene.rendered import RenderedScene
from devices.sim.scene.replayed import ReplayedScene

__all__ = ["SceneGroup"]

INTERPOLATIONS = ["rendered", "nearest", "linear"]
BRIGHTEST = 100.0

# caproto takes channel types here, and its own types know only Python ones.
STRING: Any = ChannelType.STRING
ENUM: Any = ChannelType.ENUM


class SceneGroup(PVGroup):
    """The scene's name, its truth as far as it is known, and its light.

    Parameters
    ----------
    prefix : str
        Prefix of the PVs, with the trailing colon, for instance ``SIM:scene:``.
    scene : RenderedScene or ReplayedScene
        What the camera sees.
    """

    name_ = pvproperty(
        name="Name",
        doc="Name of the scene, or of the recorded stack's folder",
        value="",
        dtype=STRING,
        read_only=True,
    )
    unit = pvproperty(
        name="Unit",
        doc="Unit of the positions: um, mm, or index where only the order is known",
        value="",
        dtype=STRING,
        read_only=True,
    )
    focus_position = pvproperty(
        name="FocusPosition",
        doc="True stage position of best focus; NaN where nobody knows it",
        value=nan,
        units="EGU",
        precision=4,
        read_only=True,
    )
    depth_of_field = pvproperty(
        name="DepthOfField",
        doc="Full depth of field; NaN where the optics are unknown",
        value=nan,
        units="EGU",
        precision=4,
        read_only=True,
    )
    interpolation = pvproperty(
        name="Interpolation",
        doc="Frames are rendered, or the nearest recorded plane, or a linear blend of two",
        value="rendered",
        enum_strings=INTERPOLATIONS,
        dtype=ENUM,
    )
    light = pvproperty(
        name="Light",
        doc="Factor on the illumination of every frame from now on; 0 is dark",
        value=1.0,
        units="factor",
        precision=3,
        lower_ctrl_limit=0.0,
        upper_ctrl_limit=BRIGHTEST,
    )

    drift = pvproperty(
        name="Drift",
        doc="How far the sample, and with it the focus, has moved since the start",
        value=0.0,
        units="EGU",
        precision=4,
    )

    def __init__(self, prefix: str, *, scene: RenderedScene | ReplayedScene, **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self._scene = scene

    async def initialise(self) -> None:
        """Show the scene; to be awaited once before the PVs are served."""
        scene = self._scene
        for channel, value in (
            (self.name_, scene.name[:39]),
            (self.unit, scene.unit),
            (self.focus_position, nan if scene.focus_position is None else scene.focus_position),
            (self.depth_of_field, nan if scene.depth_of_field is None else scene.depth_of_field),
            (self.interpolation, scene.interpolation),
            (self.light, scene.light),
            (self.drift, scene.drift),
        ):
            await channel.write(value, verify_value=False)
        for channel in (self.focus_position, self.depth_of_field, self.drift):
            await channel.write_metadata(units=scene.unit)

    async def group_write(self, instance: PvpropertyData[Any], value: Any) -> Any:
        """Pass a put on to the scene.

        Parameters
        ----------
        instance : PvpropertyData
            The channel; ``Interpolation``, ``Light`` or ``Drift``.
        value : str, int or float
            What was put.

        Returns
        -------
        str, int or float
            The same.

        Raises
        ------
        ValueError
            For an interpolation that this kind of scene does not have, or an infinite drift.
        """
        if instance.pvspec.attr == "light":
            self._scene.light = float(value)
            return value
        if instance.pvspec.attr == "drift":
            if not isfinite(value):
                raise ValueError(f"{instance.pvname}: {value} is no finite distance")
            self._scene.drift = float(value)
            if self._scene.focus_position is not None:
                await self.focus_position.write(self._scene.focus_position, verify_value=False)
            return value
        label = value if isinstance(value, str) else INTERPOLATIONS[int(value)]
        if isinstance(self._scene, RenderedScene):
            if label != "rendered":
                raise ValueError(f"{instance.pvname}: this scene is rendered at every position")
        elif label == "nearest" or label == "linear":
            self._scene.interpolation = label
        else:
            raise ValueError(f"{instance.pvname}: a recorded stack is nearest or linear")
        return label
