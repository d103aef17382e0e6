"""The simulated drive: encoder, limit switches, play of the carriage, and what can go wrong."""

import threading
from dataclasses import dataclass

import numpy as np

from devices.sim.faults import Faults
from devices.sim.stage.motion import Leg, Profile, carriage_position, move_profile, stop_profile

__all__ = ["Axis", "Mechanics"]


@dataclass
class Mechanics:
    """What the drive is made of.

    Parameters
    ----------
    travel : (float, float)
        Limit switches, machine position, EGU.
    resolution : float
        Encoder step, EGU, > 0.
    backlash : float
        Play between drive and carriage, EGU, >= 0.
    noise : float
        Standard deviation of where the carriage settles about its ideal position, EGU, >= 0; a new
        value is drawn for each move.
    """

    travel: tuple[float, float] = (-2000.0, 2000.0)
    resolution: float = 0.01
    backlash: float = 0.5
    noise: float = 0.02


class Axis:
    """One motorised axis in machine coordinates, advanced by whoever tells it the time.

    Parameters
    ----------
    mechanics : Mechanics
        Travel, encoder step, backlash and noise; read anew on each call.
    faults : Faults
        The faults in force; stall, stop short, slow and limit act here.
    position : float
        Where the encoder starts, EGU.
    seed : int
        Seed of the position noise.
    """

    def __init__(
        self, mechanics: Mechanics, faults: Faults, *, position: float = 0.0, seed: int = 0
    ) -> None:
        self.mechanics = mechanics
        self.faults = faults
        self.switches = (False, False)
        self.moving = False
        self.direction = 1
        self._profile = stop_profile(position, 0.0, acceleration=1.0)
        self._began = 0.0
        self._stalled = False
        self._acceleration = 1.0
        self._carriage = position
        self._random = np.random.default_rng(seed)
        self._offset = 0.0
        # The camera asks for the carriage from its own thread while the IOC's loop moves it.
        self._lock = threading.Lock()

    def encoder(self, now: float) -> float:
        """Position of the drive in whole encoder steps, EGU.

        Parameters
        ----------
        now : float
            Time on the clock that all calls share, s.

        Returns
        -------
        float
            Machine position, EGU.
        """
        resolution = abs(self.mechanics.resolution)
        return round(self._state(now)[0] / resolution) * resolution

    def true_position(self, now: float) -> float:
        """Where the carriage, and with it the sample, really is.

        Parameters
        ----------
        now : float
            Time on the clock that all calls share, s.

        Returns
        -------
        float
            Machine position with backlash and noise in it, EGU.
        """
        with self._lock:
            drive = self._state(now)[0]
            return carriage_position(self._carriage, drive, self.mechanics.backlash) + self._offset

    def move(self, leg: Leg, now: float) -> None:
        """Start towards a target, from rest or from a motion under way.

        Parameters
        ----------
        leg : Leg
            Machine target, speed and acceleration.
        now : float
            Time on the clock that all calls share, s.
        """
        self.update(now)
        position, velocity = self._state(now)
        speed = leg.speed * self.faults.stage_slow
        target = leg.target - self.faults.stage_stop_short * (leg.target - position)
        with self._lock:
            self.direction = 1 if leg.target >= position else -1
            self._offset = float(self._random.normal(0.0, self.mechanics.noise))
            self._acceleration = leg.acceleration
            self._stalled = self.faults.stage_stall
            self._profile = move_profile(
                position, velocity, target, speed=speed, acceleration=leg.acceleration
            )
            self._began = now
            self.moving = True

    def stop(self, now: float) -> None:
        """Brake to rest, also out of a stall.

        Parameters
        ----------
        now : float
            Time on the clock that all calls share, s.
        """
        self.update(now)
        if self.moving:
            position, velocity = self._state(now)
            self._begin(stop_profile(position, velocity, acceleration=self._acceleration), now)

    def update(self, now: float) -> None:
        """Advance carriage and switches to a time, and end a motion that is over.

        Parameters
        ----------
        now : float
            Time on the clock that all calls share, s; never goes back.
        """
        position, _ = self._state(now)
        low, high = self.mechanics.travel
        blocked = self.faults.stage_limit and self.moving
        at_low = position <= low or (blocked and self.direction < 0)
        at_high = position >= high or (blocked and self.direction > 0)
        hit = at_high if self.direction > 0 else at_low
        if self.moving and hit:
            self._begin(stop_profile(min(max(position, low), high), 0.0, acceleration=1.0), now)
        with self._lock:
            drive = self._state(now)[0]
            self._carriage = carriage_position(self._carriage, drive, self.mechanics.backlash)
        if self.faults.stage_limit and not self.moving:
            # The faulty switch stays on until it is released or the next move starts.
            at_low, at_high = at_low or self.switches[0], at_high or self.switches[1]
        self.switches = (at_low, at_high)
        self.moving = self.moving and self.remaining(now) > 0.0

    def remaining(self, now: float) -> float:
        """Time until the motion under way ends; infinite in a stall.

        Parameters
        ----------
        now : float
            Time on the clock that all calls share, s.

        Returns
        -------
        float
            Seconds, >= 0.
        """
        if self._stalled:
            return float("inf")
        return max(self._began + self._profile.duration - now, 0.0)

    def _state(self, now: float) -> tuple[float, float]:
        if self._stalled:
            return self._profile.start, 0.0
        return self._profile.state(now - self._began)

    def _begin(self, profile: Profile, now: float) -> None:
        with self._lock:
            self._profile, self._began, self._stalled = profile, now, False
