"""The simulated faults as PVs, to be switched while the station runs."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

from caproto.server import PVGroup, PvpropertyData, pvproperty

from devices.sim.faults import Faults

__all__ = ["FaultPVs"]


def _switch(doc: str) -> pvproperty:
    return pvproperty(doc=doc, value=False)


def _fraction(doc: str, value: float = 0.0, least: float = 0.0) -> pvproperty:
    return pvproperty(
        doc=doc,
        value=value,
        units="fraction",
        precision=3,
        lower_ctrl_limit=least,
        upper_ctrl_limit=1.0,
    )


class FaultPVs(PVGroup):
    """One PV for each field of `Faults`, under the field's own name.

    Parameters
    ----------
    prefix : str
        Prefix of the PVs.
    faults : Faults
        The faults that stage and camera look at.
    disconnect_stage : coroutine function
        Called with True to take the stage from the network, with False to put it back.
    """

    stage_stall = _switch("A move is accepted and never starts, until it is stopped")
    stage_stop_short = _fraction("Each move ends this fraction of its length before the target")
    stage_slow = _fraction("Factor on the speed of moves that start from now on", 1.0, 0.001)
    stage_limit = _switch("The limit switch ahead is hit as soon as the stage moves")
    stage_disconnect = _switch("The motor record is gone from the network")
    camera_hang = _switch("Acquisition starts and never ends")
    camera_drop = _switch("Acquisition ends without a frame")
    camera_freeze = _switch("Every frame repeats the last one")
    camera_dark = _switch("No light reaches the sensor")
    camera_saturate = _switch("Every pixel is at full scale")
    camera_wrong_shape = _switch("Frames have another shape than the camera announces")
    camera_flicker = _fraction("Relative standard deviation of the light between frames")

    def __init__(
        self,
        prefix: str,
        *,
        faults: Faults,
        disconnect_stage: Callable[[bool], Awaitable[None]],
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self._faults = faults
        self._disconnect_stage = disconnect_stage

    async def initialise(self) -> None:
        """Show the faults that are in force from the start."""
        for field in fields(self._faults):
            value = getattr(self._faults, field.name)
            channel = self.attr_pvdb[field.name]
            await channel.write(
                ("Off", "On")[value] if isinstance(value, bool) else value, verify_value=False
            )

    async def group_write(self, instance: PvpropertyData[Any], value: Any) -> Any:
        """Bring a fault into force, or out of it.

        Parameters
        ----------
        instance : PvpropertyData
            The fault's channel.
        value : {"Off", "On"} or float
            What was put.

        Returns
        -------
        str or float
            The same.

        Raises
        ------
        ValueError
            For a choice that is neither Off nor On.
        """
        name = instance.pvspec.attr or ""
        if isinstance(value, str | int) and value not in ("Off", "On"):
            raise ValueError(f"{instance.pvname}: {value!r} is neither Off (0) nor On (1)")
        setting = value == "On" if isinstance(value, str) else float(value)
        setattr(self._faults, name, setting)
        if name == "stage_disconnect":
            await self._disconnect_stage(bool(setting))
        return value
