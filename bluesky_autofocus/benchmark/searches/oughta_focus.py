"""Micro-Manager's OughtaFocus: Brent's method as Apache Commons Math has it, and no more."""

from math import sqrt

from .value import Value

__all__ = ["MOST_EVALUATIONS", "oughta_focus"]

TOLERANCE_DOF = 0.25
RELATIVE_TOLERANCE = 1e-9
MOST_EVALUATIONS = 100
GOLDEN = (3 - sqrt(5)) / 2


def oughta_focus(value: Value, low: float, high: float, start: float) -> float:
    """Maximise by golden section and parabolas, from the middle of the window [1]_.

    It ends where the bracket is twice ``1e-9 |x|`` plus the absolute tolerance wide on either side
    of the best position, after at most a hundred frames, goes there and looks at nothing again. The
    start plays no part: OughtaFocus puts its window around it.

    Parameters
    ----------
    value : callable
        Sharpness at a position.
    low, high, start : float
        The window, and where the stage starts, depths of field.

    Returns
    -------
    float
        Where it ends.

    References
    ----------
    .. [1] R. P. Brent, Algorithms for Minimization without Derivatives (1973), chapter 5.
    """
    del start
    a, b = low, high
    best = second = third = (low + high) / 2
    at_best = at_second = at_third = -value(best)
    step = before = 0.0
    for _ in range(MOST_EVALUATIONS - 1):
        middle = (a + b) / 2
        tolerance = RELATIVE_TOLERANCE * abs(best) + TOLERANCE_DOF
        if abs(best - middle) <= 2 * tolerance - (b - a) / 2:
            break
        golden = abs(before) <= tolerance
        if not golden:
            r = (best - second) * (at_best - at_third)
            q = (best - third) * (at_best - at_second)
            p = (best - third) * q - (best - second) * r
            q = 2 * (q - r)
            p, q = (-p, q) if q > 0 else (p, -q)
            last, before = before, step
            golden = not q * (a - best) < p < q * (b - best) or abs(p) >= abs(q * last / 2)
            if not golden:
                step = p / q
                if min(best + step - a, b - best - step) < 2 * tolerance:
                    step = tolerance if best <= middle else -tolerance
        if golden:
            before = (b if best < middle else a) - best
            step = GOLDEN * before
        here = best + (step if abs(step) >= tolerance else (tolerance if step >= 0 else -tolerance))
        at_here = -value(here)
        if at_here <= at_best:
            a, b = (a, best) if here < best else (best, b)
            third, at_third, second, at_second = second, at_second, best, at_best
            best, at_best = here, at_here
            continue
        a, b = (here, b) if here < best else (a, here)
        if at_here <= at_second or second == best:
            third, at_third, second, at_second = second, at_second, here, at_here
        elif at_here <= at_third or third in (best, second):
            third, at_third = here, at_here
    return best
