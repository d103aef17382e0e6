"""Why a search does not end in focus, in words and numbers."""

from collections import Counter
from collections.abc import Sequence

from ..measurement import Condition
from ..verdict import Outcome, Side, Verdict
from .curve import Curve
from .protocol import Window
from .steps import Sample

__all__ = ["bad_frames", "flat", "lost", "not_converged", "not_falling"]

BAD_LIGHT = {Condition.SATURATED: Verdict.SATURATED, Condition.TOO_DARK: Verdict.TOO_DARK}
# A top further than this share of the window from its end does not suggest a focus beyond it.
NEAR_THE_END = 0.25
LEAN_SIGMAS = 5.0


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
        sample.measurement.condition for sample in samples if sample.is_number and not sample.usable
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
    if sample.is_number and kind in BAD_LIGHT:
        return Outcome(
            BAD_LIGHT[kind],
            detail=f"The frame at {sample.position_dof:.4g} was {_words(kind)} when the peak was "
            "looked at again.",
        )
    return not_converged("The sharpness was not a number when the peak was looked at again.")


def flat(curve: Curve, needed: float) -> Outcome:
    """Refuse because the curve does not stand out.

    Parameters
    ----------
    curve : Curve
        Usable samples.
    needed : float
        Height that noise alone does not reach.

    Returns
    -------
    Outcome
        No texture; the detail says which way the curve leans, if it does.
    """
    detail = (
        f"The sharpness varies by {curve.height:.3g} about {curve.base:.3g} over "
        f"{curve.values.size} frames; {needed:.3g} is needed to tell it from noise."
    )
    return Outcome(Verdict.NO_TEXTURE, detail=detail + _lean(curve))


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
    if abs(here - end) > NEAR_THE_END * window.width_dof:
        return not_converged(
            f"The peak seen at {here:.4g} does not fall again towards the {side} side."
        )
    return Outcome(
        Verdict.OUT_OF_RANGE,
        side=side,
        detail=f"The sharpness rises from {curve.base:.3g} to {curve.top_value:.3g} at "
        f"{here:.4g} and does not fall again before the {side} end, {end:.4g}.",
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
