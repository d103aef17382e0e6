"""What a search does while its frames show nothing: go through the window, then say so."""

from collections.abc import Sequence

from ..belief import FocusBelief, is_unchanging, largest_change
from ..verdict import Outcome, Verdict
from .outside import END_DOF, end_of, is_at_end, out_of_range, outside
from .protocol import Move, Window

__all__ = ["MOST_PLACES", "look_elsewhere", "nothing_inside", "sees_nothing", "unseen_places"]

# A fine, weak texture shows some five depths of field from focus and not beyond: places are twice
# as far apart, or as far as so many of them are.
VISIBLE_DOF = 5.0
MOST_PLACES = 16
LEAST_PLACES = 2
# Frames that show as little lead beyond the window, where no frame says anything: it is not
# believed before frames differ by this much, see `largest_change`.
LEAST_OUTSIDE = 0.5
LEAST_HINT, HINT_DOF = 0.05, 2.0
CLEAR_CHANGE = 4.0
# So many frames at different places that look alike show nothing of focus, whatever each says.
ALIKE_FRAMES = 3


def sees_nothing(belief: FocusBelief, window: Window) -> bool:
    """Tell whether no frame so far shows more than noise.

    Parameters
    ----------
    belief : FocusBelief
        Belief after at least one frame.
    window : Window
        Allowed travel.

    Returns
    -------
    bool
        Whether what is known is not worth following.
    """
    signals = sum(frame.observation.spectrum.has_signal for frame in belief.frames)
    if sum(outside(belief, window).values()) >= LEAST_OUTSIDE:
        return signals < 2 or largest_change(belief) < CLEAR_CHANGE
    few = signals == 0 or len(belief.frames) >= ALIKE_FRAMES
    return few and is_unchanging(belief)


def unseen_places(belief: FocusBelief, window: Window, seen_dof: Sequence[float]) -> list[float]:
    """Places all over the window that no frame was near to.

    Parameters
    ----------
    belief : FocusBelief
        What is known.
    window : Window
        Allowed travel.
    seen_dof : sequence of float
        Where frames have been taken.

    Returns
    -------
    list of float
        Positions in depths of field; last, once the others have been seen, the end beyond which
        focus seems to be.
    """
    count = min(max(round(window.width_dof / (2 * VISIBLE_DOF)), LEAST_PLACES), MOST_PLACES)
    pitch = window.width_dof / count
    places = [window.low_dof + (k + 0.5) * pitch for k in range(count)]
    unseen = [p for p in places if all(abs(p - seen) > pitch / 2 for seen in seen_dof)]
    # A frame sees less than its whole place: what another one hints at is a place, too.
    unseen += [
        candidate.position_dof
        for candidate in belief.posterior.candidates
        if candidate.mass >= LEAST_HINT
        and candidate.position_dof in window
        and all(abs(candidate.position_dof - seen) > HINT_DOF for seen in seen_dof)
    ]
    if unseen:
        return unseen
    ends = [
        end_of(window, side)
        for side, mass in outside(belief, window).items()
        if mass >= LEAST_OUTSIDE and not is_at_end(belief, window, side)
    ]
    return [end for end in ends if all(abs(end - seen) > END_DOF for seen in seen_dof)]


def look_elsewhere(belief: FocusBelief, places: Sequence[float]) -> Move:
    """Go where focus is likeliest among places that have not been seen.

    Parameters
    ----------
    belief : FocusBelief
        What is known.
    places : sequence of float
        From `unseen_places`, not empty.

    Returns
    -------
    Move
        To one of them.
    """
    place = max(places, key=lambda p: belief.posterior.within(p, VISIBLE_DOF))
    return Move(place, f"nothing seen: {len(places)} places left")


def nothing_inside(belief: FocusBelief, window: Window) -> Outcome:
    """End a search that has seen all places.

    Parameters
    ----------
    belief : FocusBelief
        What is known.
    window : Window
        Allowed travel.

    Returns
    -------
    Outcome
        Out of range if a frame showed something, the frames differ and focus is probably beyond
        an end, else no texture.
    """
    beyond = outside(belief, window)
    side = max(beyond, key=lambda end: beyond[end])
    # Where there is but noise, frames differ as the lamp flickers.
    shown = any(frame.observation.spectrum.has_signal for frame in belief.frames)
    if shown and not is_unchanging(belief) and beyond[side] >= LEAST_OUTSIDE:
        return out_of_range(belief, window, side)
    return Outcome(
        Verdict.NO_TEXTURE,
        detail=f"The spectra of {len(belief.frames)} frames differ by "
        f"{largest_change(belief):.1f} in units of their errors.",
    )
