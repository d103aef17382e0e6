"""What the simulated motor record shows: readbacks, targets, limits and alarm."""

import math
from collections.abc import Callable
from typing import Any

from caproto import AlarmSeverity, AlarmStatus
from caproto.server import PvpropertyData

from devices.sim.faults import Faults
from devices.sim.stage.axis import Axis, Mechanics
from devices.sim.stage.coordinates import Coordinates
from devices.sim.stage.fields import EGU, MotorFields
from devices.sim.stage.settings import StageSettings

__all__ = ["MotorState"]


class MotorState(MotorFields):
    """The record's fields in agreement with its axis.

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
    **kwargs
        Passed to ``caproto.server.PVGroup``.
    """

    def __init__(
        self,
        prefix: str,
        *,
        faults: Faults,
        settings: StageSettings,
        seed: int,
        clock: Callable[[], float],
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.settings = settings
        self.clock = clock
        self.axis = Axis(
            Mechanics(settings.travel, settings.resolution, settings.backlash, settings.noise),
            faults,
            position=settings.start,
            seed=seed,
        )
        self.dial_zero = 0.0
        """Dial coordinate of machine position 0: moved by SET, never seen by the sample."""

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
            await self.post(channel, value)
        # What CA clients see of the record's type without asking for RTYP.
        self.val.reported_record_type = "motor"
        await self.set_units(settings.egu, settings.precision)
        await self.set_dial_limits(*settings.soft_limits)
        self.axis.update(self.clock())
        await self.publish()
        await self.set_targets(self.drbv.value)

    def true_position(self) -> float:
        """Where the carriage really is now: what the camera sees.

        Returns
        -------
        float
            Machine coordinates, EGU: OFF, DIR and SET do not change it; backlash and noise do.
        """
        return self.axis.true_position(self.clock())

    @property
    def coordinates(self) -> Coordinates:
        """User, dial and raw coordinates as DIR and OFF have them now."""
        sign = 1 if self.dir.value == "Pos" else -1
        return Coordinates(sign, self.off.value, self.settings.resolution)

    @property
    def machine_position(self) -> float:
        """What the encoder reads, in machine coordinates, EGU."""
        return self.axis.encoder(self.clock())

    async def set_targets(self, dial: float, *, force: bool = False) -> None:
        """Make VAL, DVAL and RVAL say the same.

        Parameters
        ----------
        dial : float
            Target, dial coordinates, EGU.
        force : bool
            Post them even if they are as before, to a client that had put something else.
        """
        await self.post(self.dval, dial, force=force)
        await self.post(self.val, self.coordinates.user(dial), force=force)
        await self.post(self.rval, self.coordinates.raw(dial), force=force)
        await self.post(self.diff, dial - self.drbv.value)

    async def set_dial_limits(self, low: float, high: float) -> None:
        """Set the soft limits in dial and user coordinates, and the control limits of positions.

        Parameters
        ----------
        low, high : float
            Dial limits, EGU; ignored if not finite.
        """
        if not (math.isfinite(low) and math.isfinite(high)):
            return
        user = self.coordinates.user_limits(low, high)
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
        await self.post(self.dllm, low)
        await self.post(self.dhlm, high)
        await self.post(self.llm, user[0])
        await self.post(self.hlm, user[1])

    async def set_units(self, unit: str, decimals: int) -> None:
        """Show positions, speeds and distances in an engineering unit.

        Parameters
        ----------
        unit : str
            EGU.
        decimals : int
            PREC.
        """
        for channel in self.pvdb.values():
            units = (channel.pvspec.cls_kwargs or {}).get("units", "")
            if EGU in units:
                await channel.write_metadata(units=units.replace(EGU, unit), precision=decimals)
        await self.post(self.egu, unit)
        await self.post(self.prec, decimals)

    async def publish(self) -> None:
        """Post what changed of readbacks, switches, status and alarm."""
        axis, coordinates = self.axis, self.coordinates
        machine = self.machine_position
        dial = machine + self.dial_zero
        low, high = axis.switches
        user_low, user_high = (low, high) if coordinates.sign > 0 else (high, low)
        alarmed = await self._set_alarm(user_low, user_high)
        await self.post(self.rbv, coordinates.user(dial), force=alarmed)
        await self.post(self.drbv, dial)
        await self.post(self.rrbv, coordinates.raw(dial))
        await self.post(self.diff, self.dval.value - dial)
        await self.post(self.rhls, int(high))
        await self.post(self.rlls, int(low))
        await self.post(self.hls, int(user_high))
        await self.post(self.lls, int(user_low))
        at_home = abs(machine) < self.settings.resolution
        await self.post(self.athm, int(at_home))
        # Bits of the motor record's MSTA: 1 direction, 2 done, 3 plus switch, 8 at home,
        # 11 moving, 14 minus switch.
        status = int(axis.direction > 0) | (not axis.moving) << 1 | high << 2 | at_home << 7
        await self.post(self.msta, status | axis.moving << 10 | low << 13)
        await self.post(self.tdir, int(axis.direction > 0))
        await self.post(self.movn, int(axis.moving))
        await self.post(self.true_position_pv, self.true_position())

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
        await self.post(self.stat, status.name)
        await self.post(self.sevr, self.sevr.enum_strings[severity])
        return True

    @staticmethod
    async def post(channel: PvpropertyData[Any], value: Any, *, force: bool = False) -> None:
        """Store a value and tell the subscribers.

        Parameters
        ----------
        channel : PvpropertyData
            The field.
        value : object
            Its new value.
        force : bool
            Tell them even if it is the old one.
        """
        if force or channel.value != value:
            await channel.write(value, verify_value=False)
