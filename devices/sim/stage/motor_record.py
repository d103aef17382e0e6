"""A simulated motor record that an ophyd ``EpicsMotor`` cannot tell from a real one."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from devices.sim.faults import Faults
from devices.sim.stage.coordinates import violates_soft_limits
from devices.sim.stage.motion import Leg, plan_legs
from devices.sim.stage.settings import StageSettings
from devices.sim.stage.setup import MotorSetup

__all__ = ["MotorRecord"]

TICK_S = 1 / 75
"""Time between readback updates: some 70 Hz, so that a late one is still above 50 Hz."""

MONITORS_FIRST_S = 0.005
"""How long a put waits after the move, so that the client has seen DMOV and RBV before it ends."""


class MotorRecord(MotorSetup):
    """The record: targets, motion, stopping, retries and the end of a move.

    Follows the EPICS motor record 7 (``motorRecord.cc``) in the order of events: DMOV goes to 0
    for each new target, also a refused or tiny one; at the end readback and alarm come first and
    DMOV last; after a stop or a limit switch the target becomes the readback.

    Parameters
    ----------
    prefix : str
        Record name.
    faults : Faults
        The faults in force.
    settings : StageSettings, optional
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
        settings: StageSettings | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            prefix,
            faults=faults,
            settings=settings or StageSettings(),
            seed=seed,
            clock=clock,
            **kwargs,
        )
        self._legs: deque[Leg] = deque()
        self._stopping = False
        self._paused = False
        self._homing = False
        self._done = asyncio.Event()
        self._done.set()
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self.handlers |= {
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
        }

    async def run(self) -> None:
        """Move the axis and publish the readbacks, for ever; asleep while the stage is at rest."""
        while True:
            await self._wake.wait()
            async with self._lock:
                await self._tick()
                pause = min(TICK_S, self.axis.remaining(self.clock()))
                if not self.axis.moving:
                    self._wake.clear()
            await asyncio.sleep(pause)

    # New targets

    async def _put_val(self, user: float) -> None:
        if self.set.value == "Set" and self.foff.value == "Variable":
            async with self._lock:
                await self._blink()
                if math.isfinite(user):
                    await self.post(self.off, user - self.dval.value * self.coordinates.sign)
                    await self.recalibrated()
                await self._finish_unless_moving()
            await self._at_rest()
        else:
            await self._put_dval(self.coordinates.dial(user))

    async def _put_dval(self, dial: float) -> None:
        async with self._lock:
            await self._blink()
            if self.set.value == "Set":
                await self._load_position(dial)
            else:
                await self._take_target(dial)
        await self._at_rest()

    async def _load_position(self, dial: float) -> None:
        """Call the present position by another dial value."""
        if math.isfinite(dial):
            self.dial_zero = dial - self.machine_position
            await self.publish()
            await self.set_targets(dial)
        await self._finish_unless_moving()

    async def _take_target(self, dial: float) -> None:
        refused = violates_soft_limits(
            dial,
            self.dval.value,
            (self.dllm.value, self.dhlm.value),
            backlash_distance=self.bdst.value,
        )
        await self.post(self.lvio, int(refused))
        if refused:
            await self.set_targets(self.dval.value, force=True)
            await self._finish_unless_moving()
            return
        await self.set_targets(dial)
        await self.post(self.rcnt, 0)
        self._homing = False
        if not self._held:
            await self._go()

    async def _tweak(self, on: int, sign: int) -> None:
        if on:
            await self._put_val(self.val.value + sign * self.twv.value)

    async def _put_home(self, on: int) -> None:
        if not on or self._held:
            return
        async with self._lock:
            await self._blink()
            await self.post(self.lvio, 0)
            self._homing, self._stopping = True, False
            self._legs = deque([self._leg(self.dial_zero, self.hvel.value, self.accl.value)])
            await self._next_leg()
        await self._at_rest()

    # Motion

    async def _go(self) -> None:
        """Start towards DVAL."""
        target, current = self.dval.value, self.drbv.value
        self._stopping = self._paused = False
        self._legs.clear()
        if not self.axis.moving and self.coordinates.raw(target) == self.coordinates.raw(current):
            await self._finish()
            return
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

    def _leg(self, target: float, speed: float, seconds: float) -> Leg:
        # A record whose VELO is its VBAS accelerates as if VBAS were 0.
        gain = speed - self.vbas.value
        return Leg(target, speed, (gain if gain > 0.0 else speed) / seconds)

    async def _next_leg(self) -> None:
        leg = self._legs.popleft()
        self.axis.move(Leg(leg.target - self.dial_zero, leg.speed, leg.acceleration), self.clock())
        await self.post(self.cdir, int(self.axis.direction > 0))
        await self.publish()
        self._wake.set()

    async def _tick(self) -> None:
        self.axis.update(self.clock())
        await self.publish()
        if self.axis.moving or not self._under_way:
            return
        low, high = self.axis.switches
        missed = abs(self.diff.value) > self.rdbd.value
        if high if self.axis.direction > 0 else low:
            await self._end_here()
        elif self._stopping:
            if not self._paused:
                await self._end_here()
        elif self._legs:
            await self._next_leg()
        elif self._homing:
            self.dial_zero = 0.0
            await self._end_here()
        elif missed and self.rcnt.value < self.rtry.value:
            await self.post(self.rcnt, self.rcnt.value + 1)
            await self._go()
        else:
            await self.post(self.miss, int(missed and self.rtry.value > 0))
            await self._finish()

    async def _end_here(self) -> None:
        """End a move away from its target: the target becomes the readback."""
        self._legs.clear()
        self._homing = self._paused = False
        await self.publish()
        await self.set_targets(self.drbv.value)
        await self._finish()

    async def _finish(self) -> None:
        """Report rest: readbacks and alarm first, DMOV last."""
        await self.publish()
        if self.spmg.value == "Move":
            await self.post(self.spmg, "Pause")
        await self.post(self.dmov, 1)
        self._done.set()

    async def _finish_unless_moving(self) -> None:
        if not self.axis.moving and not self._paused:
            await self._finish()

    # Stopping

    async def _put_stop(self, on: int) -> None:
        if on:
            async with self._lock:
                await self._brake(pause=False)

    async def _put_spmg(self, choice: str) -> None:
        async with self._lock:
            await self.post(self.spmg, choice)
            if choice in ("Stop", "Pause"):
                await self._brake(pause=choice == "Pause")
            elif self._under_way and (self._stopping or not self.axis.moving):
                await self._go()

    async def _brake(self, *, pause: bool) -> None:
        self._legs.clear()
        self._homing = False
        self._stopping = True
        self._paused = pause and self._under_way
        self.axis.stop(self.clock())
        await self.publish()
        if self._under_way and not self.axis.moving and not self._paused:
            await self._end_here()

    async def _put_sync(self, on: int) -> None:
        if on and not self._under_way:
            await self.set_targets(self.drbv.value)

    # State

    @property
    def _held(self) -> bool:
        return self.spmg.value in ("Stop", "Pause")

    @property
    def _under_way(self) -> bool:
        return not self._done.is_set()

    async def _blink(self) -> None:
        self._done.clear()
        await self.post(self.dmov, 0)

    async def _at_rest(self) -> None:
        await self._done.wait()
        await asyncio.sleep(MONITORS_FIRST_S)
