"""Which frames a belief can use, and where to look as long as there is none."""

from collections.abc import Sequence
from math import isfinite

from ..belief import Observation
from ..measurement import Condition
from ..verdict import Outcome, Side
from .first_frames import FIRST_FRAMES, PLACES
from .protocol import Move, Window
from .refusals import bad_frames, not_converged
from .steps import Sample

__all__ = ["look_for_light", "no_light", "usable"]

# A frame with more of its pixels clipped says too little of anything.
MOST_CLIPPED = 0.5


def usable(sample: Sample) -> bool:
    """Tell whether a frame says anything: a few clipped pixels do no harm.

    Parameters
    ----------
    sample : Sample
        The frame.

    Returns
    -------
    bool
        False if it is too dark, more than half clipped, or without numbers.
    """
    measurement = sample.measurement
    return (
        isfinite(sample.position_dof)
        and isinstance(measurement, Observation)
        and measurement.is_number
        and measurement.condition is not Condition.TOO_DARK
        and measurement.saturated_fraction <= MOST_CLIPPED
    )


def look_for_light(history: Sequence[Sample], window: Window, approach: Side) -> Move | Outcome:
    """Go through the window as long as no frame was usable.

    Parameters
    ----------
    history : sequence of Sample
        Frames so far, at least one.
    window : Window
        Where to look.
    approach : Side
        Side to begin at.

    Returns
    -------
    Move or Outcome
        The next place, or the light as the verdict after `FIRST_FRAMES`.
    """
    taken = len(history)
    if taken >= FIRST_FRAMES:
        return no_light(history)
    places = PLACES if approach is Side.LOW else PLACES[::-1]
    position = window.low_dof + places[taken - 1] * window.width_dof
    return Move(position, f"look for usable light {taken}/{len(places)}")


def no_light(spoiled: Sequence[Sample]) -> Outcome:
    """End a search whose frames say nothing, wherever they are taken.

    Parameters
    ----------
    spoiled : sequence of Sample
        The frames.

    Returns
    -------
    Outcome
        The light, if it spoiled half of them; else not converged.
    """
    return bad_frames(spoiled, 0.5) or not_converged(
        f"None of {len(spoiled)} frames gave a spectrum and a distance."
    )
