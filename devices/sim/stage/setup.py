"""Puts to the simulated motor record that set it up: coordinates, limits, speeds, units."""

import math
from collections.abc import Awaitable, Callable
from typing import Any

from caproto import SkipWrite
from caproto.server import PvpropertyData

from devices.sim.stage.state import MotorState

__all__ = ["MotorSetup"]

Handler = Callable[[Any], Awaitable[None]]


class MotorSetup(MotorState):
    """The record's settings as clients put them; parameters as of `MotorState`."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.handlers: dict[str, Handler] = {
            "off": self._put_off,
            "dir": self._put_dir,
            "hlm": lambda limit: self._put_user_limit(limit, high=True),
            "llm": lambda limit: self._put_user_limit(limit, high=False),
            "dhlm": lambda limit: self.set_dial_limits(self.dllm.value, limit),
            "dllm": lambda limit: self.set_dial_limits(limit, self.dhlm.value),
            "velo": lambda speed: self._put_speed(self.velo, speed),
            "bvel": lambda speed: self._put_speed(self.bvel, speed),
            "hvel": lambda speed: self._put_speed(self.hvel, speed),
            "accl": lambda seconds: self._put_time(self.accl, seconds),
            "bacc": lambda seconds: self._put_time(self.bacc, seconds),
            "egu": lambda unit: self.set_units(unit, self.prec.value),
            "prec": lambda decimals: self.set_units(self.egu.value, decimals),
            "backlash": self._put_backlash,
            "noise": self._put_noise,
        }
        """What a put to a field does, by attribute; other fields just keep the value."""

    async def group_write(self, instance: PvpropertyData[Any], value: Any) -> Any:
        """Act on a put from a client.

        Parameters
        ----------
        instance : PvpropertyData
            The field.
        value : object
            What was put.

        Returns
        -------
        object
            The value to store, for a field without an effect of its own.

        Raises
        ------
        SkipWrite
            When the field's handler has stored what the record made of the value.
        ValueError
            For a menu choice that does not exist.
        """
        choices = getattr(instance, "enum_strings", None)
        if choices and value not in choices:
            raise ValueError(f"{instance.pvname}: no such choice {value!r}; one of {choices}")
        handler = self.handlers.get(instance.pvspec.attr or "")
        if handler is None:
            return value
        await handler(value)
        raise SkipWrite

    async def recalibrated(self) -> None:
        """Bring user values into agreement with dial values."""
        await self.set_targets(self.dval.value)
        await self.publish()
        await self.set_dial_limits(self.dllm.value, self.dhlm.value)

    async def _put_off(self, offset: float) -> None:
        if math.isfinite(offset):
            await self.post(self.off, offset)
            await self.recalibrated()

    async def _put_dir(self, sense: str) -> None:
        user = self.val.value
        await self.post(self.dir, sense)
        if self.foff.value == "Variable":
            await self.post(self.off, user - self.dval.value * self.coordinates.sign)
        await self.recalibrated()

    async def _put_user_limit(self, limit: float, *, high: bool) -> None:
        dial = self.coordinates.dial(limit)
        if high == (self.coordinates.sign > 0):
            await self.set_dial_limits(self.dllm.value, dial)
        else:
            await self.set_dial_limits(dial, self.dhlm.value)

    async def _put_speed(self, channel: PvpropertyData[Any], speed: float) -> None:
        speed = max(speed, self.vbas.value)
        if self.vmax.value > 0.0:
            speed = min(speed, self.vmax.value)
        valid = math.isfinite(speed) and speed > 0.0
        await self.post(channel, speed if valid else channel.value, force=True)

    async def _put_time(self, channel: PvpropertyData[Any], seconds: float) -> None:
        # The motor record's own answer to a time that no ramp can have.
        valid = math.isfinite(seconds) and seconds > 0.0
        await self.post(channel, seconds if valid else 0.1, force=True)

    async def _put_backlash(self, value: float) -> None:
        if math.isfinite(value) and value >= 0.0:
            self.axis.mechanics.backlash = value
        await self.post(self.backlash, self.axis.mechanics.backlash, force=True)
        await self.publish()

    async def _put_noise(self, value: float) -> None:
        if math.isfinite(value) and value >= 0.0:
            self.axis.mechanics.noise = value
        await self.post(self.noise, self.axis.mechanics.noise, force=True)
