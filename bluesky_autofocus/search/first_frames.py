"""How every search begins: a frame at the start and, if it is unusable, a look for light."""

from ..measurement import Condition
from ..verdict import Outcome, Side
from .protocol import Move, Window
from .refusals import bad_frames
from .steps import Sample, Steps

__all__ = ["FIRST_FRAMES", "first_frames", "nothing_measurable"]

# In the middle of each quarter of the window.
PLACES = (1 / 8, 3 / 8, 5 / 8, 7 / 8)
FIRST_FRAMES = 1 + len(PLACES)


def first_frames(start_dof: float, window: Window, approach: Side) -> Steps[tuple[Sample, ...]]:
    """Take a frame at the start and, if the light spoils it, frames spread over the window.

    A sweep begins at one end of the window, where bad light would say nothing of the rest.

    Parameters
    ----------
    start_dof : float
        Where the stage is.
    window : Window
        Positions that may be visited.
    approach : Side
        Side from which positions are approached.

    Returns
    -------
    tuple of Sample
        The frame at the start, and those of the look for light up to the first that differs.

    Yields
    ------
    Move
        At most `FIRST_FRAMES` of them.
    """
    samples = ((yield Move(start_dof, "start")),)
    condition = samples[0].measurement.condition
    if condition is Condition.GOOD:
        return samples
    places = PLACES if approach is Side.LOW else PLACES[::-1]
    for index, place in enumerate(places, start=1):
        position = window.low_dof + place * window.width_dof
        samples += ((yield Move(position, f"look for usable light {index}/{len(places)}")),)
        if samples[-1].measurement.condition is not condition:
            break
    return samples


def nothing_measurable(begun: tuple[Sample, ...]) -> Outcome | None:
    """End a search all of whose first frames were spoiled alike.

    Parameters
    ----------
    begun : tuple of Sample
        What `first_frames` returned.

    Returns
    -------
    Outcome or None
        Saturated or too dark; None if there was other light anywhere.
    """
    if len({sample.measurement.condition for sample in begun}) > 1 or len(begun) < FIRST_FRAMES:
        return None
    return bad_frames(begun, 1.0)
