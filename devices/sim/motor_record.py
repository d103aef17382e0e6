"""A simulated motor record that an ophyd ``EpicsMotor`` cannot tell from a real one."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from caproto import AlarmSeverity, AlarmStatus, SkipWrite
from caproto.server import PvpropertyData

from devices.sim.axis import Axis, Mechanics
from devices.sim.coordinates import Coordinates, violates_soft_limits
from devices.sim.faults import Faults
from devices.sim.motion import Leg, plan_legs
from devices.sim.motor_fields import EGU, MotorFields

__all__ = ["MotorRecord", "StageSettings"]

TICK_S = 1 / 75
"""Time between readback updates: some 70 Hz, so that a late one is still above 50 Hz."""


MONITORS_FIRST_S = 0.02
"""How long a put waits after the move, so that the client has seen DMOV and RBV before it ends."""


@dataclass(frozen=True)
class StageSettings:
    """What the simulated stage is, in its own engineering unit.

    Parameters
    ----------
    egu : str
        Engineering unit (EGU) of all positions.
    precision : int
        Decimals to show.
    start : float
        Position at start, EGU.
    travel : (float, float)
        Limit switches, EGU.
    soft_limits : (float, float)
        LLM and HLM, EGU.
    velocity : float
        VELO, EGU/s.
    acceleration_s : float
        ACCL: time to reach the velocity, s.
    resolution : float
        MRES: motor and encoder step, EGU.
    backlash : float
        Mechanical play between drive and carriage, EGU.
    noise : float
        Standard deviation of where the carriage settles, EGU.
    """

    egu: str = "um"
    precision: int = 3
    start: float = 0.0
    travel: tuple[float, float] = (-2000.0, 2000.0)
    soft_limits: tuple[float, float] = (-1500.0, 1500.0)
    velocity: float = 1000.0
    acceleration_s: float = 0.1
    resolution: float = 0.01
    backlash: float = 0.5
    noise: float = 0.02


class MotorRecord(MotorFields):
    """The record: what its fields do to the axis, and what the axis does to its fields.

    Follows the EPICS motor record 7 (``motorRecord.cc``) for the order of events, limits,
    coordinates, stopping, backlash correction and retries.

    Parameters
    ----------
    prefix : str
        Record name.
    faults : Faults
        The faults in force.
    settings : StageSettings
        The stage.
    seed : int
        Seed of the position noise.
    clock : callable
        Time in seconds that never goes back.
    """

    def __init__(
        self,
        prefix: str,
        *,
        faults: Faults,
        settings: StageSettings | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.settings = settings = settings or StageSettings()
        self.axis = Axis(
            Mechanics(settings.travel, settings.resolution, settings.backlash, settings.noise),
            faults,
            position=settings.start,
            seed=seed,
        )
        self._clock = clock
        # Dial coordinate of machine position 0: moved by SET, never seen by the sample.
        self._dial_zero = 0.0
        self._legs: deque[Leg] = deque()
        self._stopping = False
        self._homing = False
        self._done = asyncio.Event()
        self._done.set()
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._handlers: dict[str, Callable[[Any], Awaitable[None]]] = {
            "val": self._put_val,
            "dval": self._put_dval,
            "rval": lambda steps: self._put_dval(steps * self.settings.resolution),
            "rlv": lambda step: self._put_val(self.val.value + step),
            "twf": lambda on: self._tweak(on, +1),
            "twr": lambda on: self._tweak(on, -1),
            "homf": self._put_home,
            "homr": self._put_home,
            "stop": self._put_stop,
            "spmg": self._put_spmg,
            "sync": self._put_sync,
            "off": self._put_off,
            "dir": self._put_dir,
            "hlm": lambda limit: self._put_user_limit(limit, high=True),
            "llm": lambda limit: self._put_user_limit(limit, high=False),
            "dhlm": lambda limit: self._put_dial_limits(self.dllm.value, limit),
            "dllm": lambda limit: self._put_dial_limits(limit, self.dhlm.value),
            "velo": lambda speed: self._put_speed(self.velo, speed),
            "bvel": lambda speed: self._put_speed(self.bvel, speed),
            "hvel": lambda speed: self._put_speed(self.hvel, speed),
            "accl": lambda seconds: self._put_positive(self.accl, seconds),
            "bacc": lambda seconds: self._put_positive(self.bacc, seconds),
            "egu": lambda unit: self._put_units(unit, self.prec.value),
            "prec": lambda decimals: self._put_units(self.egu.value, decimals),
            "backlash": self._put_backlash,
            "noise": self._put_noise,
        }

    async def initialise(self) -> None:
        """Give every field its first value, before the first client comes."""
        settings = self.settings
        for channel, value in (
            (self.velo, settings.velocity),
            (self.bvel, settings.velocity),
            (self.hvel, settings.velocity),
            (self.accl, settings.acceleration_s),
            (self.bacc, settings.acceleration_s),
            (self.mres, settings.resolution),
            (self.rdbd, settings.resolution),
            (self.twv, 100 * settings.resolution),
            (self.backlash, settings.backlash),
            (self.noise, settings.noise),
            (self.name_field, self.prefix),
        ):
            await self._post(channel, value)
        await self._put_units(settings.egu, settings.precision)
        await self._put_dial_limits(*settings.soft_limits)
        self.val.reported_record_type = "motor"
        self.axis.update(self._clock())
        await self._publish()
        await self._set_targets(self.drbv.value)

    async def run(self) -> None:
        """Move the axis and publish the readbacks, for ever; asleep while the stage is at rest."""
        while True:
            await self._wake.wait()
            async with self._lock:
                await self._tick()
                pause = min(TICK_S, self.axis.remaining(self._clock()))
                if not self.axis.moving:
                    self._wake.clear()
            await asyncio.sleep(pause)

    def true_position(self) -> float:
        """Where the carriage really is now: what the camera sees.

        Returns
        -------
        float
            Machine coordinates, EGU: OFF, DIR and SET do not change it; backlash and noise do.
        """
        return self.axis.true_position(self._clock())

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
        handler = self._handlers.get(instance.pvspec.attr or "")
        if handler is None:
            return value
        await handler(value)
        raise SkipWrite

    # New targets

    async def _put_val(self, user: float) -> None:
        if self.set.value == "Set" and self.foff.value == "Variable":
            await self._blink()
            await self._post(self.off, user - self.dval.value * self._coordinates.sign)
            await self._recalibrated()
            return
        await self._drive(self._coordinates.dial(user))

    async def _put_dval(self, dial: float) -> None:
        await self._drive(dial)

    async def _tweak(self, on: int, sign: int) -> None:
        if on:
            await self._put_val(self.val.value + sign * self.twv.value)

    async def _drive(self, dial: float) -> None:
        """Take a new target, and return when the stage is at rest."""
        async with self._lock:
            await self._blink()
            if self.set.value == "Set":
                if math.isfinite(dial):
                    self._dial_zero = dial - self._machine
                    await self._publish()
                    await self._set_targets(dial)
                await self._recalibrated()
                return
            limits = (self.dllm.value, self.dhlm.value)
            refused = violates_soft_limits(
                dial, self.dval.value, limits, backlash_distance=self.bdst.value
            )
            await self._post(self.lvio, int(refused))
            if refused:
                await self._set_targets(self.dval.value, force=True)
                if not self._under_way:
                    await self._finish()
                return
            await self._set_targets(dial)
            await self._post(self.rcnt, 0)
            self._homing = False
            if not self._held:
                await self._go()
        await self._at_rest()

    async def _put_home(self, on: int) -> None:
        if not on or self._held:
            return
        async with self._lock:
            await self._blink()
            await self._post(self.lvio, 0)
            self._homing = True
            self._stopping = False
            self._legs = deque([self._leg(self._dial_zero, self.hvel.value, self.accl.value)])
            await self._next_leg()
        await self._at_rest()

    async def _at_rest(self) -> None:
        await self._done.wait()
        await asyncio.sleep(MONITORS_FIRST_S)

    # Motion

    async def _go(self) -> None:
        """Start towards DVAL."""
        target, current = self.dval.value, self.drbv.value
        self._stopping = False
        self._legs.clear()
        if self.axis.moving or self._coordinates.raw(target) != self._coordinates.raw(current):
            self._legs.extend(
                plan_legs(
                    current,
                    target,
                    distance=self.bdst.value,
                    resolution=self.settings.resolution,
                    slew=self._leg(target, self.velo.value, self.accl.value),
                    final=self._leg(target, self.bvel.value, self.bacc.value),
                )
            )
            await self._next_leg()
        else:
            await self._finish()

    async def _next_leg(self) -> None:
        leg = self._legs.popleft()
        machine = Leg(leg.target - self._dial_zero, leg.speed, leg.acceleration)
        self.axis.move(machine, self._clock())
        await self._post(self.tdir, int(self.axis.direction > 0))
        await self._post(self.cdir, int(self.axis.direction > 0))
        await self._publish()
        self._wake.set()

    async def _tick(self) -> None:
        self.axis.update(self._clock())
        await self._publish()
        if self.axis.moving:
            return
        low, high = self.axis.switches
        if high if self.axis.direction > 0 else low:
            self._legs.clear()
            self._homing = False
            await self._set_targets(self.drbv.value)
            await self._finish()
        elif self._stopping:
            if not self._held or self.spmg.value == "Stop":
                await self._set_targets(self.drbv.value)
                await self._finish()
        elif self._legs:
            await self._next_leg()
        elif self._homing:
            self._homing = False
            self._dial_zero = 0.0
            await self._publish()
            await self._set_targets(self.drbv.value)
            await self._finish()
        elif abs(self.diff.value) > self.rdbd.value and self.rcnt.value < self.rtry.value:
            await self._post(self.rcnt, self.rcnt.value + 1)
            await self._go()
        else:
            missed = self.rtry.value > 0 and abs(self.diff.value) > self.rdbd.value
            await self._post(self.miss, int(missed))
            await self._finish()

    async def _finish(self) -> None:
        """Report rest: readbacks and alarm first, DMOV last."""
        await self._publish()
        if self.spmg.value == "Move":
            await self._post(self.spmg, "Pause")
        await self._post(self.dmov, 1)
        self._done.set()

    async def _blink(self) -> None:
        self._done.clear()
        await self._post(self.dmov, 0)

    async def _put_stop(self, on: int) -> None:
        if on:
            async with self._lock:
                await self._brake()
                if not self.axis.moving and self._under_way:
                    await self._set_targets(self.drbv.value)
                    await self._finish()

    async def _put_spmg(self, choice: str) -> None:
        async with self._lock:
            await self._post(self.spmg, choice)
            if choice in ("Stop", "Pause"):
                await self._brake()
                if choice == "Stop" and not self.axis.moving and self._under_way:
                    await self._set_targets(self.drbv.value)
                    await self._finish()
            elif self._under_way and (self._stopping or not self.axis.moving):
                await self._go()

    async def _brake(self) -> None:
        self._legs.clear()
        self._homing = False
        self._stopping = True
        self.axis.stop(self._clock())
        await self._publish()

    async def _put_sync(self, on: int) -> None:
        if on and not self._under_way:
            await self._set_targets(self.drbv.value)

    # Coordinates and limits

    async def _put_off(self, offset: float) -> None:
        await self._post(self.off, offset)
        await self._recalibrated()

    async def _put_dir(self, sense: str) -> None:
        user = self.val.value
        await self._post(self.dir, sense)
        if self.foff.value == "Variable":
            await self._post(self.off, user - self.dval.value * self._coordinates.sign)
        await self._recalibrated()

    async def _recalibrated(self) -> None:
        """Bring user values into agreement with dial values."""
        await self._put_dial_limits(self.dllm.value, self.dhlm.value)
        await self._set_targets(self.dval.value)
        await self._publish()
        if not self._under_way or not self.axis.moving:
            await self._finish()

    async def _put_user_limit(self, limit: float, *, high: bool) -> None:
        dial = self._coordinates.dial(limit)
        if high == (self._coordinates.sign > 0):
            await self._put_dial_limits(self.dllm.value, dial)
        else:
            await self._put_dial_limits(dial, self.dhlm.value)

    async def _put_dial_limits(self, low: float, high: float) -> None:
        if not (math.isfinite(low) and math.isfinite(high)):
            return
        user = self._coordinates.user_limits(low, high)
        # Metadata first: ophyd reads VAL's control limits when it sees HLM or LLM change.
        for channels, (lower, upper) in (
            ((self.val, self.rbv), user),
            ((self.dval, self.drbv), (low, high)),
        ):
            for channel in channels:
                await channel.write_metadata(
                    lower_ctrl_limit=lower,
                    upper_ctrl_limit=upper,
                    lower_disp_limit=lower,
                    upper_disp_limit=upper,
                )
        await self._post(self.dllm, low)
        await self._post(self.dhlm, high)
        await self._post(self.llm, user[0])
        await self._post(self.hlm, user[1])

    # Speed, units, mechanics

    async def _put_speed(self, channel: PvpropertyData[Any], speed: float) -> None:
        speed = max(speed, self.vbas.value)
        if self.vmax.value > 0.0:
            speed = min(speed, self.vmax.value)
        await self._put_positive(channel, speed)

    async def _put_positive(self, channel: PvpropertyData[Any], value: float) -> None:
        valid = math.isfinite(value) and value > 0.0
        await self._post(channel, value if valid else channel.value, force=True)

    async def _put_units(self, unit: str, decimals: int) -> None:
        for channel in self.pvdb.values():
            units = channel.pvspec.cls_kwargs.get("units", "")
            if EGU in units:
                await channel.write_metadata(units=units.replace(EGU, unit), precision=decimals)
        await self._post(self.egu, unit)
        await self._post(self.prec, decimals)

    async def _put_backlash(self, value: float) -> None:
        if math.isfinite(value) and value >= 0.0:
            self.axis.mechanics.backlash = value
        await self._post(self.backlash, self.axis.mechanics.backlash, force=True)

    async def _put_noise(self, value: float) -> None:
        if math.isfinite(value) and value >= 0.0:
            self.axis.mechanics.noise = value
        await self._post(self.noise, self.axis.mechanics.noise, force=True)

    # State

    @property
    def _coordinates(self) -> Coordinates:
        sign = 1 if self.dir.value == "Pos" else -1
        return Coordinates(sign, self.off.value, self.settings.resolution)

    @property
    def _machine(self) -> float:
        return self.axis.encoder(self._clock())

    @property
    def _held(self) -> bool:
        return self.spmg.value in ("Stop", "Pause")

    @property
    def _under_way(self) -> bool:
        return not self._done.is_set()

    def _leg(self, target: float, speed: float, seconds: float) -> Leg:
        return Leg(target, speed, max(speed - self.vbas.value, 0.01 * speed) / seconds)

    async def _set_targets(self, dial: float, *, force: bool = False) -> None:
        await self._post(self.dval, dial, force=force)
        await self._post(self.val, self._coordinates.user(dial), force=force)
        await self._post(self.rval, self._coordinates.raw(dial), force=force)
        await self._post(self.diff, dial - self.drbv.value)

    async def _publish(self) -> None:
        """Post what changed of readbacks, switches and status."""
        axis, coordinates = self.axis, self._coordinates
        dial = self._machine + self._dial_zero
        low, high = axis.switches
        user_low, user_high = (low, high) if coordinates.sign > 0 else (high, low)
        alarmed = await self._set_alarm(user_low, user_high)
        await self._post(self.rbv, coordinates.user(dial), force=alarmed)
        await self._post(self.drbv, dial)
        await self._post(self.rrbv, coordinates.raw(dial))
        await self._post(self.diff, self.dval.value - dial)
        await self._post(self.rhls, int(high))
        await self._post(self.rlls, int(low))
        await self._post(self.hls, int(user_high))
        await self._post(self.lls, int(user_low))
        at_home = abs(self._machine) < self.settings.resolution
        await self._post(self.athm, int(at_home))
        status = int(axis.direction > 0) | (not axis.moving) << 1 | high << 2 | at_home << 7
        await self._post(self.msta, status | axis.moving << 10 | low << 13)
        await self._post(self.movn, int(axis.moving))
        await self._post(self.true_position_pv, self.true_position())

    async def _set_alarm(self, low: bool, high: bool) -> bool:
        """Bring the record's alarm up to date; True if it changed."""
        severity = AlarmSeverity(self.hlsv.raw_value or 0)
        status = AlarmStatus.HIGH if high else AlarmStatus.LOW
        if not severity or not (low or high):
            severity, status = AlarmSeverity.NO_ALARM, AlarmStatus.NO_ALARM
        alarm = self.val.alarm
        if (alarm.severity, alarm.status) == (severity, status):
            return False
        await alarm.write(status=status, severity=severity, publish=False)
        await self._post(self.stat, status.name)
        await self._post(self.sevr, self.sevr.enum_strings[severity])
        return True

    @staticmethod
    async def _post(channel: PvpropertyData[Any], value: Any, *, force: bool = False) -> None:
        """Store a value and tell the subscribers, if it is new."""
        if force or channel.value != value:
            await channel.write(value, verify_value=False)
