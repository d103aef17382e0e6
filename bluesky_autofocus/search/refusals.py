"""Why a search does not end in focus, in words and numbers."""

from collections import Counter
from collections.abc import Sequence

from ..measurement import Condition
from ..verdict import Outcome, Side, Verdict
from .curve import Curve
from .protocol import Window
from .steps import Sample

__all__ = ["bad_frames", "flat", "hidden", "lost", "not_converged", "not_falling"]

BAD_LIGHT = {Condition.SATURATED: Verdict.SATURATED, Condition.TOO_DARK: Verdict.TOO_DARK}
# A top further than this share of the window from its end does not suggest a focus beyond it.
NEAR_THE_END = 0.25
LEAN_SIGMAS = 5.0
# Nothing changes with focus where this share of the window lies so near to a frame: by its share
# of the window, or by a distance at which any peak shows.
MOST_OF_THE_WINDOW = 0.75
REACH = 0.05
LEAST_REACH_DOF = 0.5


def bad_frames(samples: Sequence[Sample], least_share: float) -> Outcome | None:
    """Name the light as the reason, if it spoiled enough of the frames.

    Parameters
    ----------
    samples : sequence of Sample
        Frames of the search.
    least_share : float
        Share of the frames that must be unusable.

    Returns
    -------
    Outcome or None
        Saturated or too dark, whichever is more frequent; None if not enough frames were.
    """
    kinds = Counter(
        sample.measurement.condition
        for sample in samples
        if sample.measurement.condition is not Condition.GOOD
    )
    if not kinds or kinds.total() < least_share * len(samples):
        return None
    kind, count = kinds.most_common(1)[0]
    return Outcome(BAD_LIGHT[kind], detail=f"{count} of {len(samples)} frames were {_words(kind)}.")


def lost(sample: Sample) -> Outcome:
    """Refuse because a frame that was to confirm the peak cannot be used.

    Parameters
    ----------
    sample : Sample
        That frame.

    Returns
    -------
    Outcome
        Saturated, too dark or not converged.
    """
    kind = sample.measurement.condition
    if kind in BAD_LIGHT:
        detail = f"A frame was {_words(kind)} when the peak was looked at again."
        return Outcome(BAD_LIGHT[kind], detail=detail)
    return not_converged("The sharpness was not a number when the peak was looked at again.")


def flat(curve: Curve, needed: float, window: Window) -> Outcome:
    """Refuse because the curve does not stand out.

    Parameters
    ----------
    curve : Curve
        Usable samples.
    needed : float
        Height that noise alone does not reach.
    window : Window
        Allowed travel.

    Returns
    -------
    Outcome
        No texture if the samples show most of the window, else not converged; the detail says
        which way the curve leans, if it does.
    """
    detail = (
        f"The sharpness varies by {curve.height:.3g} about {curve.base:.3g} over "
        f"{curve.values.size} frames; {needed:.3g} is needed to tell it from noise."
    ) + _lean(curve)
    seen = _share_seen(curve, window)
    if seen >= MOST_OF_THE_WINDOW:
        return Outcome(Verdict.NO_TEXTURE, detail=detail)
    return not_converged(
        f"{detail} The search saw no clear peak, but only {seen:.0%} of the window; a sweep sees "
        "the whole window."
    )


def _share_seen(curve: Curve, window: Window) -> float:
    """Return the share of the window that lies near a sample."""
    reach = max(REACH * window.width_dof, LEAST_REACH_DOF)
    seen, end = 0.0, window.low_dof
    for position in curve.positions.tolist():
        low, high = window.clip(position - reach), window.clip(position + reach)
        seen += max(0.0, high - max(low, end))
        end = max(end, high)
    return seen / window.width_dof


def hidden(samples: Sequence[Sample], low_dof: float, high_dof: float) -> Outcome | None:
    """Refuse because saturated frames lie in the peak: sharp detail can be what saturates them.

    Parameters
    ----------
    samples : sequence of Sample
        Frames of the search.
    low_dof, high_dof : float
        Where the peak has fallen on either side, depths of field.

    Returns
    -------
    Outcome or None
        Saturated; None if no such frame lies between.
    """
    within = [s for s in samples if low_dof < s.position_dof < high_dof]
    count = sum(s.measurement.condition is Condition.SATURATED for s in within)
    if not count:
        return None
    return Outcome(
        Verdict.SATURATED,
        detail=f"{count} of {len(within)} frames in the peak were saturated: the sharpest place "
        "may be there.",
    )


def not_falling(curve: Curve, side: Side, window: Window) -> Outcome:
    """Refuse because the curve does not fall towards one side.

    Parameters
    ----------
    curve : Curve
        Usable samples.
    side : Side
        The side towards which it does not fall.
    window : Window
        Allowed travel.

    Returns
    -------
    Outcome
        Out of range if the top is near that end of the window, else not converged.
    """
    here = curve.top_position
    end = window.low_dof if side is Side.LOW else window.high_dof
    rise = f"The sharpness rises from {curve.base:.3g} to {curve.top_value:.3g} and does not fall"
    if abs(here - end) > NEAR_THE_END * window.width_dof:
        return not_converged(f"{rise} again towards the {side} side.")
    return Outcome(
        Verdict.OUT_OF_RANGE,
        side=side,
        detail=f"{rise} again before the {side} end of the window.",
    )


def not_converged(detail: str) -> Outcome:
    """Refuse for the reason given.

    Parameters
    ----------
    detail : str
        What was seen, with numbers.

    Returns
    -------
    Outcome
        Not converged.
    """
    return Outcome(Verdict.NOT_CONVERGED, detail=detail)


def _lean(curve: Curve) -> str:
    """Say which way a flat curve leans, if its slope is beyond doubt."""
    x = curve.positions - curve.positions.mean()
    y = curve.values - curve.values.mean()
    spread = float(x @ x)
    if x.size < 8 or spread == 0.0:
        return ""
    slope = float(x @ y) / spread
    scatter = float(((y - slope * x) ** 2).sum()) / (x.size - 2) / spread
    if slope == 0.0 or abs(slope) <= LEAN_SIGMAS * scatter**0.5:
        return ""
    return f" It leans towards the {Side.HIGH if slope > 0 else Side.LOW} end."


def _words(kind: Condition) -> str:
    return kind.value.replace("_", " ")
