"""Search by belief: each frame goes where it is expected to tell most of the focus position."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import Self

from ..belief import (
    ENOUGH_MASS,
    MOST_MISFIT,
    Confirmation,
    Doubt,
    FocusBelief,
    Observation,
    confirmation,
    is_unchanging,
    next_position,
)
from ..errors import SearchError
from ..measurement import Condition, Measurement
from ..verdict import Outcome, Side, Verdict
from .belief_light import look_for_light, no_light, usable
from .first_frames import FIRST_FRAMES
from .nothing_seen import (
    MOST_PLACES,
    look_elsewhere,
    nothing_inside,
    sees_nothing,
    unseen_places,
)
from .outside import end_of, is_at_end, out_of_range, outside
from .protocol import Move, Window
from .refusals import bad_frames, lost, not_converged
from .steps import Sample

__all__ = ["BeliefSearch"]

MAX_FRAMES = FIRST_FRAMES + MOST_PLACES + 6
OUTSIDE_MASS = 0.9
# A start that looks in focus is compared with a frame this far away: inside the depth of field the
# spectra hardly differ. Frames that look alike all the same are compared with one still farther.
ASIDE_DOF, FAR_ASIDE_DOF = 1.0, 2.5
TOLERANCE_DOF = 0.25
CONTRADICTIONS = (Doubt.MISFIT, Doubt.ESTIMATE, Doubt.SHARPER)
MOST_CONTRADICTIONS = 2
MOST_SPOILED = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class BeliefSearch:
    """A search that keeps a probability of each focus position, as an immutable value.

    It begins with a frame at the start. While focus is not known to half a depth of field with a
    probability of .93 it goes where a frame is expected to tell most; then it goes there, and ends
    if the frame taken there agrees. See `bluesky_autofocus.belief`.

    Parameters
    ----------
    window : Window
        Positions that may be suggested.
    start_dof : float
        Where the stage is now, inside the window.
    approach : Side
        Side from which the stage approaches a position.
    history : tuple of Sample
        Frames so far, in order of time.
    known : FocusBelief, optional
        What the usable ones of them say.

    Raises
    ------
    WindowError
        If the start lies outside the window.
    """

    window: Window
    start_dof: float
    approach: Side = Side.LOW
    history: tuple[Sample, ...] = ()
    known: FocusBelief | None = None

    def __post_init__(self) -> None:
        self.window.check_start(self.start_dof)

    @property
    def max_frames(self) -> int:
        """Most frames that the search takes, whatever it sees."""
        return MAX_FRAMES

    @property
    def belief(self) -> FocusBelief:
        """What is known of the focus position."""
        return self.known or FocusBelief(self.window.low_dof, self.window.high_dof)

    def ingest(self, position_dof: float, measurement: Measurement) -> Self:
        """Return the search after one more frame.

        Parameters
        ----------
        position_dof : float
            Readback of the stage, in depths of field.
        measurement : Measurement
            An `Observation`. A frame that is too dark, more than half clipped, or without numbers
            counts as taken and says nothing.

        Returns
        -------
        BeliefSearch
            A new search; this one is unchanged.

        Raises
        ------
        SearchError
            If the measurement is not an `Observation`, or of another shape or sampling than those
            before.
        """
        if not isinstance(measurement, Observation):
            raise SearchError(
                "The belief needs an Observation, with spectrum and distribution, and was given a "
                f"{type(measurement).__name__}. Measure frames with belief.observe."
            )
        sample = Sample(position_dof, measurement)
        known = self.known
        if usable(sample):
            known = self.belief.ingest(position_dof, measurement)
        return replace(self, history=(*self.history, sample), known=known)

    def suggest(self) -> Move | Outcome:
        """Return the next position inside the window, or how the search ended.

        Returns
        -------
        Move or Outcome
            The same for the same history.
        """
        return self._step

    @cached_property
    def _step(self) -> Move | Outcome:
        step = self._next()
        if isinstance(step, Move):
            return Move(self.window.clip(step.position_dof), step.reason)
        return step

    def _next(self) -> Move | Outcome:
        if not self.history:
            return Move(self.start_dof, "start")
        if self.known is None:
            return look_for_light(self.history, self.window, self.approach)
        judged = self._judged()
        if judged:
            return self._in_focus()
        ended = self._refusal(judged)
        if ended or len(self.history) >= MAX_FRAMES:
            return ended or self._exhausted(judged)
        if sees_nothing(self.belief, self.window):
            return look_elsewhere(self.belief, self._unseen)
        return self._known_focus(judged) or self._look()

    def _judged(self) -> Confirmation:
        """Judge the last frame."""
        if not usable(self.history[-1]):
            return Confirmation(Doubt.MASS, "The last frame says nothing.")
        return confirmation(self.belief, TOLERANCE_DOF)

    def _in_focus(self) -> Outcome:
        posterior, last = self.belief.posterior, self.history[-1]
        clipped = last.measurement.saturated_fraction
        detail = (
            "It is within half a depth of field of there with a probability of "
            f"{posterior.best_mass:.2f}, by {len(self.history)} frames."
        )
        if last.measurement.condition is Condition.SATURATED:
            detail += f" {clipped:.0%} of the pixels are saturated: shorten the exposure."
        return Outcome(
            Verdict.IN_FOCUS,
            # Known better than the last frame is near: that may be a quarter of a depth away.
            position_dof=posterior.best_dof,
            expected_error_dof=posterior.local_sigma_dof,
            detail=detail,
        )

    def _refusal(self, judged: Confirmation) -> Outcome | None:
        """End the search where going on cannot help."""
        belief, posterior = self.belief, self.belief.posterior
        latest = self.history[-FIRST_FRAMES:]
        if len(latest) == FIRST_FRAMES and not any(map(usable, latest)):
            return no_light(latest)
        spoiled = [s for s in self.history if not usable(s) and self._near_best(s)]
        if len(spoiled) >= MOST_SPOILED and posterior.best_mass >= ENOUGH_MASS:
            return replace(lost(spoiled[-1]), position_dof=posterior.best_dof)
        if sees_nothing(belief, self.window):
            if self._unseen:
                return None
            return bad_frames(self.history, 0.5) or nothing_inside(belief, self.window)
        for side, mass in outside(belief, self.window).items():
            if mass >= OUTSIDE_MASS and is_at_end(belief, self.window, side):
                misfit = belief.misfit(posterior.best_dof)
                if misfit > MOST_MISFIT:
                    return not_converged(
                        f"The frames do not show one texture: misfit {misfit:.0f}, at most "
                        f"{MOST_MISFIT:g}."
                    )
                return out_of_range(belief, self.window, side)
        at_best = sum(
            abs(frame.position_dof - posterior.best_dof) <= TOLERANCE_DOF for frame in belief.frames
        )
        if judged.doubt in CONTRADICTIONS and at_best >= MOST_CONTRADICTIONS:
            return not_converged(judged.detail)
        return None

    def _exhausted(self, judged: Confirmation) -> Outcome:
        """Say why the frames did not suffice."""
        light = bad_frames(self.history, 0.5)
        if light:
            return light
        if is_unchanging(self.belief):
            return nothing_inside(self.belief, self.window)
        posterior = self.belief.posterior
        places = " or ".join(f"{c.position_dof:.1f} ({c.mass:.0%})" for c in posterior.candidates)
        return not_converged(
            f"After {len(self.history)} frames focus may be at {places} depths of field. "
            f"{judged.detail}".strip()
        )

    @property
    def _seen_dof(self) -> list[float]:
        return [sample.position_dof for sample in self.history if isfinite(sample.position_dof)]

    @property
    def _unseen(self) -> list[float]:
        return unseen_places(self.belief, self.window, self._seen_dof)

    def _near_best(self, sample: Sample) -> bool:
        return abs(sample.position_dof - self.belief.posterior.best_dof) <= TOLERANCE_DOF

    def _known_focus(self, judged: Confirmation) -> Move | None:
        """Go where focus is known to be, or, once there, where the frames can be told apart."""
        posterior = self.belief.posterior
        for side, mass in outside(self.belief, self.window).items():
            if mass >= OUTSIDE_MASS:
                return Move(
                    end_of(self.window, side),
                    f"look at the {side} end ({mass:.0%} beyond)",
                )
        if judged.doubt is Doubt.UNCHANGED:
            return self._aside(FAR_ASIDE_DOF, "alike: compare aside")
        seen = any(abs(x - posterior.best_dof) <= TOLERANCE_DOF for x in self._seen_dof)
        if posterior.best_mass >= ENOUGH_MASS and not (seen and judged.doubt is Doubt.MASS):
            return Move(
                posterior.best_dof,
                f"confirm ({posterior.best_mass:.0%})",
            )
        return None

    def _look(self) -> Move:
        """Go where a frame tells most."""
        belief = self.belief
        if len(belief.frames) == 1 and belief.frames[0].observation.in_focus:
            return self._aside(ASIDE_DOF, "in focus? compare beside")
        chosen = next_position(
            belief.posterior, self.window.low_dof, self.window.high_dof, self._seen_dof
        )
        return Move(chosen.position_dof, f"tells most ({chosen.information_nats:.1f} nat)")

    def _aside(self, distance_dof: float, reason: str) -> Move:
        """Go aside in the direction in which the stage arrives, or else the other way."""
        here = self.belief.frames[-1].position_dof
        step = distance_dof if self.approach is Side.LOW else -distance_dof
        return Move(here + step if here + step in self.window else here - step, reason)
