"""How a stage moves: trapezoids of speed, as pure functions of time."""

import math
from dataclasses import dataclass

__all__ = ["Leg", "Profile", "carriage_position", "move_profile", "plan_legs", "stop_profile"]


@dataclass(frozen=True)
class Profile:
    """A motion in phases of constant acceleration that ends at rest.

    Parameters
    ----------
    start : float
        Position at time zero, engineering units (EGU).
    velocity : float
        Velocity at time zero, EGU/s, signed.
    end : float
        Position at rest, EGU.
    phases : tuple of (float, float)
        Duration (s) and acceleration (EGU/s², signed) of each phase.
    """

    start: float
    velocity: float
    end: float
    phases: tuple[tuple[float, float], ...]

    @property
    def duration(self) -> float:
        """Time from start to rest, s."""
        return sum(duration for duration, _ in self.phases)

    def state(self, elapsed: float) -> tuple[float, float]:
        """Position and velocity after a time.

        Parameters
        ----------
        elapsed : float
            Time since the start, s; before 0 is the start, past the duration is the end.

        Returns
        -------
        position : float
            EGU.
        velocity : float
            EGU/s, signed.
        """
        if elapsed >= self.duration:
            return self.end, 0.0
        position, velocity, left = self.start, self.velocity, max(elapsed, 0.0)
        for duration, acceleration in self.phases:
            step = min(left, duration)
            position += velocity * step + 0.5 * acceleration * step * step
            velocity += acceleration * step
            left -= step
        return position, velocity


def move_profile(
    position: float, velocity: float, target: float, *, speed: float, acceleration: float
) -> Profile:
    """Plan the quickest motion to a target within a speed and an acceleration.

    A stage that already moves brakes first where it must, and turns round where it would overshoot.

    Parameters
    ----------
    position, velocity : float
        Where the stage is (EGU) and how fast it goes (EGU/s, signed).
    target : float
        Where it is to come to rest, EGU.
    speed : float
        Greatest speed, EGU/s, > 0.
    acceleration : float
        Acceleration and deceleration, EGU/s², > 0.

    Returns
    -------
    Profile
        Ends exactly on the target.
    """
    brake = stop_profile(position, velocity, acceleration=acceleration)
    if target == brake.end:
        return brake
    sign = math.copysign(1.0, target - brake.end)
    distance = target - position
    cruise = sign * speed
    ramp = math.copysign(acceleration, cruise - velocity)
    ramps = (cruise**2 - velocity**2) / (2 * ramp) + sign * speed**2 / (2 * acceleration)
    left = sign * (distance - ramps)
    if left < 0.0:
        # Too short to reach full speed: accelerate to the peak, then brake.
        ramp = sign * acceleration
        cruise = sign * math.sqrt(max(ramp * distance + velocity**2 / 2, 0.0))
        left = 0.0
    phases = (
        (abs((cruise - velocity) / ramp), ramp),
        (left / speed, 0.0),
        (abs(cruise) / acceleration, -sign * acceleration),
    )
    return Profile(position, velocity, target, phases)


def stop_profile(position: float, velocity: float, *, acceleration: float) -> Profile:
    """Brake to rest.

    Parameters
    ----------
    position, velocity : float
        Where the stage is (EGU) and how fast it goes (EGU/s, signed).
    acceleration : float
        Deceleration, EGU/s², > 0.

    Returns
    -------
    Profile
        Ends one braking distance ahead.
    """
    end = position + velocity * abs(velocity) / (2 * acceleration)
    ramp = -math.copysign(acceleration, velocity)
    return Profile(position, velocity, end, ((abs(velocity) / acceleration, ramp),))


def carriage_position(carriage: float, encoder: float, backlash: float) -> float:
    """Where the drive leaves the carriage: hysteresis of a nut with play.

    Driven up, the carriage sits on the encoder's position; driven down, it stays behind by the
    backlash, and between the two it does not move at all (the play, or Prandtl, operator).

    Parameters
    ----------
    carriage : float
        Where the carriage was, EGU.
    encoder : float
        Where the drive is now, EGU.
    backlash : float
        Play between drive and carriage, EGU, >= 0.

    Returns
    -------
    float
        Where the carriage is now, EGU: within [encoder, encoder + backlash].
    """
    return min(max(carriage, encoder), encoder + backlash)


@dataclass(frozen=True)
class Leg:
    """One piece of a move.

    Parameters
    ----------
    target : float
        Dial position to go to, EGU.
    speed : float
        Greatest speed, EGU/s.
    acceleration : float
        Acceleration, EGU/s².
    """

    target: float
    speed: float
    acceleration: float


def plan_legs(
    current: float, target: float, *, distance: float, resolution: float, slew: Leg, final: Leg
) -> tuple[Leg, ...]:
    """Split a move so that it always ends in the direction of the backlash distance.

    The rule is the motor record's: a move in the preferred direction and longer than the backlash
    distance, and every move against it, first goes to ``target - distance`` at slew speed, then to
    the target at backlash speed; a shorter one in the preferred direction goes at backlash speed
    alone. Without a backlash distance there is one leg.

    Parameters
    ----------
    current, target : float
        Dial positions, EGU.
    distance : float
        BDST, EGU; its sign is the direction of the last approach.
    resolution : float
        MRES, EGU; a shorter backlash distance means none.
    slew, final : Leg
        Speed and acceleration of the move and of the last approach; their targets are not used.

    Returns
    -------
    tuple of Leg
        One or two, in order.
    """
    preferred = (target > current) == (distance > 0)
    same = slew.speed == final.speed and slew.acceleration == final.acceleration
    if abs(distance) < abs(resolution) or (preferred and same):
        return (Leg(target, slew.speed, slew.acceleration),)
    last = Leg(target, final.speed, final.acceleration)
    if preferred and abs(target - current) <= abs(distance) + abs(resolution):
        return (last,)
    return (Leg(target - distance, slew.speed, slew.acceleration), last)
