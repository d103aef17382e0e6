"""Going to the peak: to where it is fitted, and back to where a frame was clearly sharper."""

from dataclasses import dataclass, replace
from math import hypot, sqrt

from .curve import Curve
from .peak import fit_peak
from .protocol import Move, Window
from .steps import Sample, Steps

__all__ = ["RETURN_FRAMES", "VISITS", "Summit", "go_to_peak"]

# A second visit is for a peak that the first one shows to lie elsewhere.
VISITS = 2
# A sharpest frame may be one that noise made; the next one is then less likely to be another.
RETURNS = 2
RETURN_FRAMES = 2 * RETURNS
# A frame is clearly sharper by this much of the height of the curve, below which an eye sees none,
# and by so many standard deviations: it is the best of many.
CLEAR_SHARE = 0.02
CLEAR_SIGMAS = 3.0


@dataclass(frozen=True)
class Summit:
    """What is known of the peak while the search goes to it.

    Parameters
    ----------
    samples : tuple of Sample
        All frames so far.
    returns : tuple of (Sample, Sample)
        Frames to which the search went back, each with the one then taken there, which stands in
        its place.
    place_dof : float, optional
        Where frames were clearly sharper than at the fitted peak, in depths of field.
    """

    samples: tuple[Sample, ...]
    returns: tuple[tuple[Sample, Sample], ...] = ()
    place_dof: float | None = None

    @property
    def last(self) -> Sample:
        """Latest frame."""
        return self.samples[-1]

    @property
    def curve(self) -> Curve:
        """Curve of the usable frames.

        Raises
        ------
        ValueError
            If there are none.
        """
        curve = Curve.of(self.samples)
        if curve is None:
            raise ValueError("None of the frames is usable; a peak needs three that are.")
        return curve

    @property
    def target_dof(self) -> float:
        """Where the peak is taken to be."""
        return fit_peak(self.curve).position_dof if self.place_dof is None else self.place_dof

    @property
    def clear_difference(self) -> float:
        """Difference of two frames that neither noise nor a flat top explains."""
        repeats = (abs(was.sharpness - found.sharpness) / sqrt(2) for was, found in self.returns)
        noise = max(self.curve.noise, self.curve.peak_noise, *repeats)
        return max(CLEAR_SHARE * self.curve.height, CLEAR_SIGMAS * noise)

    @property
    def clearly_sharper(self) -> Sample | None:
        """The sharpest of the frames that show the last one not to be in the best place."""
        least = self.last.sharpness + self.clear_difference
        gone_back_to = [was for was, _ in self.returns]
        sharper = [
            s for s in self.samples if s.usable and s.sharpness > least and s not in gone_back_to
        ]
        # Of frames as sharp as each other, as of one recorded plane, the one next to the fit.
        here = self.last.position_dof
        return max(sharper, key=lambda s: (s.sharpness, -abs(s.position_dof - here)), default=None)

    @property
    def error_dof(self) -> float:
        """Standard error of the last frame's position, depths of field.

        That of the fit and the distance from it; or, where frames refuted the fit, that of a peak
        anywhere between the nearest frames that are clearly less sharp.
        """
        curve, last = self.curve, self.last
        if self.place_dof is None:
            peak = fit_peak(curve)
            return hypot(peak.error_dof, peak.position_dof - last.position_dof)
        lower = curve.positions[curve.values < last.sharpness - self.clear_difference]
        before = lower[lower < last.position_dof].max(initial=curve.positions[0])
        after = lower[lower > last.position_dof].min(initial=curve.positions[-1])
        return float(after - before) / sqrt(12)

    def after(self, sample: Sample) -> "Summit":
        """Return what is known after one more frame.

        Parameters
        ----------
        sample : Sample
            That frame.

        Returns
        -------
        Summit
            Of all frames.
        """
        return replace(self, samples=(*self.samples, sample))


def go_to_peak(summit: Summit, window: Window, tolerance_dof: float) -> Steps[Summit]:
    """Go to the fitted peak, and to where a frame was clearly sharper if it is so again.

    A fit is a guess about the shape of the curve; where frames refute it, they count. One frame
    alone may be sharp by chance, and if it is so the fit counts, which is made from all of them.

    Parameters
    ----------
    summit : Summit
        What is known.
    window : Window
        Positions that may be visited.
    tolerance_dof : float
        How far the last frame may lie from the fitted peak.

    Returns
    -------
    Summit
        What is known then; the last frame may be unusable.

    Yields
    ------
    Move
        At most `VISITS`, and over the whole search `RETURN_FRAMES`.
    """
    for visit in range(VISITS):
        target = window.clip(summit.target_dof)
        if visit and abs(target - summit.last.position_dof) <= tolerance_dof:
            break
        summit = summit.after((yield Move(target, "confirm nearer" if visit else "confirm")))
        if not summit.last.usable or summit.place_dof is not None:
            break
    while (
        summit.last.usable
        and len(summit.returns) < RETURNS
        and (sharper := summit.clearly_sharper) is not None
    ):
        fitted = summit.last
        target = window.clip(sharper.position_dof)
        found = yield Move(target, "confirm where it was sharpest")
        summit = summit.after(found)
        if not found.usable:
            break
        summit = replace(summit, returns=(*summit.returns, (sharper, found)))
        if found.sharpness > fitted.sharpness + summit.clear_difference:
            summit = replace(summit, place_dof=target)
        else:
            back = window.clip(summit.target_dof)
            summit = summit.after((yield Move(back, "confirm where it is fitted")))
    return summit
