"""Frames from which the tilt of a field can be told."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from ..estimator.distribution import GRID_U_DOF
from ..measurement import Measurement
from ..regions import FieldBelief, FieldEvidence, FieldPlane, fit_plane
from ..regions.altitudes import find_altitudes
from ..verdict import Outcome, Side, Verdict
from .belief_light import look_for_light
from .field_frames import checked_field, usable_field
from .protocol import Move, Window
from .refusals import not_converged
from .steps import Sample

__all__ = ["TiltSearch"]

MARGIN_DOF = 15.0
# The second frame: a share of the distance that the first one shows.
STEP_SHARE, STEP_LIMITS_DOF = 0.7, (1.5, 6.0)
# The others: on both sides of the middle, where a quarter of the field is in focus.
APART_LIMITS_DOF = (2.0, 10.0)
FRAMES, MOST_FRAMES = 4, 8
# A frame so near to the middle of the plane shows some of it sharp, whatever the tilt.
MIDDLE_DOF = 3.0
MOST_STD_DOF, MOST_RELATIVE_STD = 0.4, 0.1
# A plane has to explain the cells nearly as well as steps do, and better than nothing does.
STEPS_BETTER, LEAST_SCORE = 20.0, 10.0


@dataclass(frozen=True, kw_only=True, eq=False)
class TiltSearch:
    """Four frames for the tilt of a field that is near focus, as an immutable value.

    One at the start, one aside, and two on both sides of the middle of the plane that those two
    show; up to eight where the start is too far for that.

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
    known : FieldBelief, optional
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
    known: FieldBelief | None = None

    def __post_init__(self) -> None:
        self.window.check_start(self.start_dof)

    @cached_property
    def plane(self) -> FieldPlane | None:
        """The plane as it is known now; None before the second usable frame."""
        if self.known is None or len(self.known.frames) < 2:
            return None
        return fit_plane(self.known)

    def ingest(self, position_dof: float, measurement: Measurement) -> Self:
        """Return the search after one more frame.

        Parameters
        ----------
        position_dof : float
            Readback of the stage, in depths of field.
        measurement : Measurement
            A `FieldObservation`.

        Returns
        -------
        TiltSearch
            A new search; this one is unchanged.

        Raises
        ------
        SearchError
            If the measurement is not a `FieldObservation`, or of another shape or sampling than
            those before.
        """
        seen, known = checked_field(measurement), self.known
        if usable_field(position_dof, seen):
            low, high = self.window.low_dof - MARGIN_DOF, self.window.high_dof + MARGIN_DOF
            known = (known or FieldBelief(low, high)).ingest(position_dof, seen)
        sample = Sample(position_dof, seen)
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
        plane = self.plane
        if plane is None:
            return self._aside(self.known)
        taken = np.array([frame.position_dof for frame in self.known.frames])
        if len(self.history) >= MOST_FRAMES:
            return self._ended(self.known, plane)
        if np.abs(taken - plane.centre_dof).min() > max(MIDDLE_DOF, plane.span_dof / 2):
            return Move(plane.centre_dof, "middle of the plane")
        apart = float(np.clip(plane.span_dof / 2, *APART_LIMITS_DOF)) / 2
        for sign, name in ((-1, "lower"), (1, "upper")):
            place = self.window.clip(plane.centre_dof + sign * apart)
            if np.abs(taken[2:] - place).min(initial=np.inf) > apart / 2:
                return Move(place, f"{name} half of the plane")
        return self._ended(self.known, plane)

    def _aside(self, known: FieldBelief) -> Move:
        first = known.frames[0]
        distance = first.observation.probabilities.mean(axis=(0, 1)) @ GRID_U_DOF
        step = float(np.clip(STEP_SHARE * distance, *STEP_LIMITS_DOF))
        here, rising = first.position_dof, self.approach is Side.LOW
        there = here + step if rising else here - step
        return Move(there if there in self.window else 2 * here - there, "compare aside")

    def _ended(self, known: FieldBelief, plane: FieldPlane) -> Outcome:
        """Say whether a plane explains the frames, and how well it is known."""
        frames = len(self.history)
        if plane.score < LEAST_SCORE:
            detail = f"No part of the field was seen to come into focus in {frames} frames."
            return Outcome(Verdict.NO_TEXTURE, detail=detail)
        steps = find_altitudes(FieldEvidence(known).cells, known.position_dof)
        if steps.score - plane.score > STEPS_BETTER:
            return not_converged(
                f"The field has {steps.focus_dof.size} altitudes rather than a tilt: use "
                "autofocus_regions."
            )
        if max(plane.slope_std_dof) > max(MOST_STD_DOF, MOST_RELATIVE_STD * plane.span_dof):
            row, col = plane.slope_std_dof
            return not_converged(
                f"The slopes are known to {row:.2f} and {col:.2f} depths of field across the "
                f"frame, by {frames} frames: at most {MOST_STD_DOF:g} is allowed. Begin nearer to "
                "focus."
            )
        if plane.centre_dof not in self.window:
            side = Side.LOW if plane.centre_dof < self.window.low_dof else Side.HIGH
            return Outcome(Verdict.OUT_OF_RANGE, plane.centre_dof, side=side)
        return Outcome(
            Verdict.IN_FOCUS,
            position_dof=plane.centre_dof,
            expected_error_dof=float(np.sqrt(plane.covariance_dof2[0, 0])),
            detail=f"The tilt was measured with {frames} frames; the middle is in focus here.",
        )
