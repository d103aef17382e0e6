"""The next window, where focus lies beyond this one."""

from bluesky_autofocus.result import FocusResult
from bluesky_autofocus.verdict import Side, Verdict

__all__ = ["widened"]

# Beyond the estimated focus there has to be room for frames on its other side.
ROOM = 0.25
# An end that moves by less of the window is where it was.
LEAST = 0.01


def widened(
    window: tuple[float, float], outer: tuple[float, float], result: FocusResult
) -> tuple[float, float] | None:
    """Widen a window on the side on which focus seems to lie.

    Parameters
    ----------
    window, outer : (float, float)
        The window that was searched, and how far it may reach, in the stage's unit.
    result : FocusResult
        What came of the search.

    Returns
    -------
    (float, float) or None
        With the estimated focus and a quarter of the window beyond it, or, without an estimate,
        twice as wide; never past the outer window. None if focus is not out of range, or there is
        no room left.
    """
    if result.verdict is not Verdict.OUT_OF_RANGE or result.side is None:
        return None
    (low, high), focus = window, result.focus_position
    width = high - low
    if result.side is Side.LOW:
        end = low - width if focus is None else min(focus, low) - ROOM * width
        wider = max(outer[0], end), high
    else:
        end = high + width if focus is None else max(focus, high) + ROOM * width
        wider = low, min(outer[1], end)
    return wider if wider[1] - wider[0] > (1 + LEAST) * width else None
