"""Odemis' autofocus: bounce between both sides, from 64 depths of field down."""

from .value import Value

__all__ = ["bounce"]

LEAST_STEP_DOF = 0.5
FIRST_FACTOR = 128.0
ROUGH_FACTOR = 8.0
# Short of an end of the window steps shrink by this, else by two.
NEAR_THE_END = 1.5
MOST_ROUNDS = 100
# It trusts values that differ by so much of the largest.
LEAST_CONTRAST = 0.5


def bounce(value: Value, low: float, high: float, start: float) -> tuple[float, bool]:
    """Look right and left, go to the best of the three, and halve the step if that is the middle.

    In the manner of Odemis: the least step is half a depth of field and the first one 128 times as
    long, less if it is longer than half the window; as long as the best is at a side, places are
    not looked at twice, and afterwards always.

    Parameters
    ----------
    value : callable
        Sharpness at a position.
    low, high, start : float
        The window, and where the stage starts, depths of field.

    Returns
    -------
    position : float
        Where it ends.
    confident : bool
        Whether the values differ by at least half the largest.
    """
    factor, least = FIRST_FACTOR, min(LEAST_STEP_DOF, (high - low) / 2 / FIRST_FACTOR)
    seen: dict[float, float] = {}
    here, last, rough = start, None, True
    for _ in range(MOST_ROUNDS):
        if factor < 1:
            break
        step = factor * least
        if here not in seen or not (rough or last == here):
            seen[here] = value(here)
        last = here
        right, left = min(here + step, high), max(here - step, low)
        for place in (right, left):
            if not (rough and place in seen):
                seen[place] = value(place)
                last = place
        best = max((left, here, right), key=lambda x: (seen[x], x == here))
        if best == here:
            factor, rough = factor / 2, False
        elif best - step < low or best + step > high:
            factor /= NEAR_THE_END
            rough = rough and factor > ROUGH_FACTOR
        here = best
    top, bottom = max(seen.values()), min(seen.values())
    return here, top - bottom >= LEAST_CONTRAST * top
