"""Going to the peak: to where it is fitted, and back where a frame was clearly sharper."""

from math import hypot

from .curve import Curve
from .peak import fit_peak
from .protocol import Move, Window
from .steps import Sample, Steps

__all__ = ["SUMMIT_VISITS", "RETURNS", "go_to_peak", "clearly_sharper", "position_error"]

# A second visit is for a peak that the first one shows to lie elsewhere.
SUMMIT_VISITS = 2
# A sharpest frame that a flash made is not there again; the next one may be another.
RETURNS = 3
# A frame is clearly sharper by this much of the height of the curve, an eye sees no less, and if
# this many standard deviations do not explain it: it is the best of many.
CLEAR_SHARE = 0.02
CLEAR_SIGMAS = 3.0


def go_to_peak(
    samples: tuple[Sample, ...], returns: tuple[Sample, ...], window: Window, tolerance_dof: float
) -> Steps[tuple[tuple[Sample, ...], tuple[Sample, ...]]]:
    """Go to the peak of what was seen, and take the last frame where none was clearly sharper.

    A fit is a guess about the shape of the curve; where a frame refutes it, the frame counts. A
    frame that was gone back to counts no more: the one then taken there stands in its place.

    Parameters
    ----------
    samples : tuple of Sample
        Frames so far.
    returns : tuple of Sample
        Frames to which the search went back already.
    window : Window
        Positions that may be visited.
    tolerance_dof : float
        How far the last frame may lie from the fitted peak.

    Yields
    ------
    Move
        At most `SUMMIT_VISITS`, and `RETURNS` less those made already.

    Returns
    -------
    samples, returns : tuple of Sample
        Both with what was added; the last frame may be unusable.
    """
    for visit in range(SUMMIT_VISITS):
        target = returns[-1].position_dof if returns else _fitted(samples)
        if visit and abs(target - samples[-1].position_dof) <= tolerance_dof:
            break
        reason = "confirm nearer" if visit else "confirm"
        samples += ((yield Move(window.clip(target), reason)),)
        if not samples[-1].usable:
            return samples, returns
        if returns:
            break
    while len(returns) < RETURNS and (sharper := clearly_sharper(samples, returns)):
        returns += (sharper,)
        target = window.clip(sharper.position_dof)
        samples += ((yield Move(target, "confirm where it was sharpest")),)
        if not samples[-1].usable:
            break
    return samples, returns


def clearly_sharper(samples: tuple[Sample, ...], returns: tuple[Sample, ...]) -> Sample | None:
    """Find the frame that shows the last one not to be in the best place.

    Parameters
    ----------
    samples : tuple of Sample
        Frames so far, the last one usable.
    returns : tuple of Sample
        Frames to which the search went back.

    Returns
    -------
    Sample or None
        The sharpest of those that are clearly sharper than the last one.
    """
    least = samples[-1].sharpness + _clear_difference(Curve.of(samples))
    sharper = [s for s in samples if s.usable and s.sharpness > least and s not in returns]
    return max(sharper, key=lambda sample: sample.sharpness, default=None)


def position_error(samples: tuple[Sample, ...], returns: tuple[Sample, ...]) -> float:
    """Estimate how well the last frame is at the peak.

    Parameters
    ----------
    samples : tuple of Sample
        Frames so far, the last one usable.
    returns : tuple of Sample
        Frames to which the search went back.

    Returns
    -------
    float
        Standard error, depths of field: that of the fit and the distance from it; or, where a
        frame refuted the fit, that of a peak anywhere between the nearest clearly less sharp
        frames.
    """
    curve, last = Curve.of(samples), samples[-1]
    if curve is None:
        return 0.0
    if not returns:
        peak = fit_peak(curve)
        return hypot(peak.error_dof, peak.position_dof - last.position_dof)
    lower = curve.positions[curve.values < last.sharpness - _clear_difference(curve)]
    before = lower[lower < last.position_dof].max(initial=curve.positions[0])
    after = lower[lower > last.position_dof].min(initial=curve.positions[-1])
    return float(after - before) / 12**0.5


def _fitted(samples: tuple[Sample, ...]) -> float:
    curve = Curve.of(samples)
    return samples[-1].position_dof if curve is None else fit_peak(curve).position_dof


def _clear_difference(curve: Curve | None) -> float:
    if curve is None:
        return 0.0
    return max(CLEAR_SHARE * curve.height, CLEAR_SIGMAS * curve.noise_at_top)
