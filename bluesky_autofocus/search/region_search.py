"""Search for every altitude of a field: frames go where the next altitude is believed to be."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from ..measurement import Measurement
from ..regions import (
    UNKNOWN,
    Altitude,
    FieldBelief,
    FieldEvidence,
    FieldRegions,
    Pick,
    field_evidence,
    field_regions,
    is_seen,
    seen_in_focus,
)
from ..regions.seen import SEEN_DOF
from ..verdict import Outcome, Side, Verdict
from .belief_light import look_for_light, no_light
from .field_frames import checked_field, usable_field
from .first_frames import FIRST_FRAMES
from .motion_ending import unless_moved
from .protocol import Move, Window
from .region_check import altitude_parts, frame_beside, frame_to_repeat
from .region_ending import RegionsFound, regions_outcome
from .region_moves import elsewhere, toward
from .sample_motion import SamplePart
from .steps import Sample
from .undecided import undecided_cells

__all__ = ["RegionSearch"]

# Altitudes may lie beyond the window, as far as cells can tell.
MARGIN_DOF = 10.0
MOST_TRIES = 2
FIRST, EACH, EXTRA, FEWEST = 3, 2, 6, 2


@dataclass(frozen=True, kw_only=True, eq=False)
class RegionSearch:
    """A search for all altitudes of a field, as an immutable value.

    It begins at the start. Each frame is shared by all cells; the next one is taken at the nearest
    altitude that has not been seen in focus yet, or, where cells tell nothing, where they may. It
    ends when every altitude has been seen within 0.4 depths of field of its focus, and is known to
    half a depth of field with a probability of .9.

    Parameters
    ----------
    window : Window
        Positions that may be suggested.
    start_dof : float
        Where the stage is now, inside the window.
    approach : Side
        Side from which the stage approaches a position.
    pick : callable, optional
        Chooses the altitude that is looked for; default: all of them.
    history : tuple of Sample
        Frames so far, in order of time.
    known : FieldBelief, optional
        What the usable ones of them say.
    checks_motion : bool
        Whether the sample is said to be in focus only if it has not moved meanwhile, if need be by
        one or two frames more.
    unchecked : Outcome, optional
        How the search ended, were the sample steady, if the last frames are there to show that.
    checks : int
        How many these are; they are not among what is known.

    Raises
    ------
    WindowError
        If the start lies outside the window.
    """

    window: Window
    start_dof: float
    approach: Side = Side.LOW
    pick: Pick | None = None
    history: tuple[Sample, ...] = ()
    known: FieldBelief | None = None
    checks_motion: bool = True
    unchecked: Outcome | None = None
    checks: int = 0

    def __post_init__(self) -> None:
        self.window.check_start(self.start_dof)

    @property
    def max_frames(self) -> int:
        """Most frames for the altitudes found so far."""
        found = len(self.field.altitudes) if self.field else 0
        return FIRST + EACH * max(found, FEWEST) + EXTRA

    @cached_property
    def field(self) -> FieldRegions | None:
        """Altitudes and regions as they are known now; None before the first usable frame."""
        return field_regions(self._evidence) if self._evidence else None

    @cached_property
    def _evidence(self) -> FieldEvidence | None:
        return field_evidence(self.known) if self.known else None

    def is_seen(self, altitude: Altitude) -> bool:
        """Tell whether an altitude is known and has been seen in focus.

        Parameters
        ----------
        altitude : Altitude
            One of the field's.

        Returns
        -------
        bool
            Whether the search is done with it.
        """
        return self.known is not None and is_seen(self.known, altitude)

    def ingest(self, position_dof: float, measurement: Measurement) -> Self:
        """Return the search after one more frame.

        Parameters
        ----------
        position_dof : float
            Readback of the stage, in depths of field.
        measurement : Measurement
            A `FieldObservation`. A frame that is too dark, more than half clipped, or without
            numbers counts as taken and says nothing.

        Returns
        -------
        RegionSearch
            A new search; this one is unchanged.

        Raises
        ------
        SearchError
            If the measurement is not a `FieldObservation`, or of another shape or sampling than
            those before.
        """
        seen = checked_field(measurement)
        history = (*self.history, Sample(position_dof, seen))
        check = self._check
        if check and abs(position_dof - check.position_dof) <= SEEN_DOF:
            checks, unchecked = self.checks + 1, self.unchecked or self._found
            return replace(self, history=history, unchecked=unchecked, checks=checks)
        known = self.known
        if usable_field(position_dof, seen):
            low, high = self.window.low_dof - MARGIN_DOF, self.window.high_dof + MARGIN_DOF
            known = (known or FieldBelief(low, high)).ingest(position_dof, seen)
        return replace(self, history=history, known=known, unchecked=None, checks=0)

    def suggest(self) -> Move | Outcome:
        """Return the next position inside the window, or how the search ended.

        Returns
        -------
        Move or Outcome
            The same for the same history.
        """
        if self._check:
            return self._check
        if self.unchecked:
            return unless_moved(self.unchecked, self.history, self._parts)
        return self._found

    @cached_property
    def _found(self) -> Move | Outcome:
        """The next step, were the sample steady."""
        step = self._next()
        if isinstance(step, Move):
            return Move(self.window.clip(step.position_dof), step.reason)
        return step

    @cached_property
    def _check(self) -> Move | None:
        """The frame to take before the sample is said to be in focus."""
        if not (self.checks_motion and self.history) or self.checks > 1:
            return None
        ended = self.unchecked or self._found
        if isinstance(ended, Move) or ended.verdict is not Verdict.IN_FOCUS:
            return None
        choose = frame_beside if self.checks else frame_to_repeat
        check = choose(self.history, self._parts, self.window)
        return check and Move(self.window.clip(check.position_dof), check.reason)

    @property
    def _parts(self) -> list[SamplePart]:
        looks = self.history[: len(self.history) - self.checks]
        return altitude_parts(self._in_focus, looks)

    @cached_property
    def _in_focus(self) -> list[Altitude]:
        """Altitudes that are looked for and have been seen in focus."""
        field, known = self.field, self.known
        wanted = self._wanted(field, known.frames[-1].position_dof) if field and known else ()
        return [a for a in wanted if self.is_seen(a)]

    def _next(self) -> Move | Outcome:
        if not self.history:
            return Move(self.start_dof, "start")
        field = self.field
        if field is None or self._evidence is None:
            return look_for_light(self.history, self.window, self.approach)
        latest = self.history[-FIRST_FRAMES:]
        if len(latest) == FIRST_FRAMES and not any(
            usable_field(s.position_dof, s.measurement) for s in latest
        ):
            return no_light(latest)
        here = self.history[-1].position_dof
        wanted = self._wanted(field, here)
        missing = [a for a in wanted if not self.is_seen(a)]
        reachable = [a for a in missing if not self._is_outside(a) and not self._is_tried(a)]
        if len(self.history) >= self.max_frames:
            return self._ended(field, missing)
        if reachable:
            nearest = min(reachable, key=lambda a: abs(a.focus_dof - here))
            return toward(self._evidence, nearest, len(field.altitudes))
        if wanted and self.pick:
            return self._ended(field, missing)
        return self._elsewhere or self._ended(field, missing)

    def _wanted(self, field: FieldRegions, here: float) -> tuple[Altitude, ...]:
        if self.pick is None:
            return field.altitudes
        label = self.pick(field, here)
        return () if label == UNKNOWN else (field.altitudes[label],)

    def _is_outside(self, altitude: Altitude) -> bool:
        """Tell whether an altitude lies beyond the window, as a frame at that end has shown."""
        focus = altitude.focus_dof
        end = self.window.clip(focus)
        frames = self.known.frames if self.known else ()
        return abs(focus - end) > SEEN_DOF and any(
            abs(frame.position_dof - end) <= SEEN_DOF for frame in frames
        )

    def _is_tried(self, altitude: Altitude) -> bool:
        """Tell whether there are frames at an altitude already, which have not shown it sharp."""
        taken = [sample.position_dof for sample in self.history]
        return sum(abs(x - altitude.focus_dof) <= SEEN_DOF for x in taken) >= MOST_TRIES

    @cached_property
    def _elsewhere(self) -> Move | None:
        """Where a frame may show what has not been seen in focus and is not beyond the window."""
        field, seen, evidence = self.field, self.seen, self._evidence
        if field is None or seen is None or evidence is None:
            return None
        outside = [a.label for a in field.altitudes if self._is_outside(a)]
        unseen = (seen.labels == UNKNOWN) & ~np.isin(field.labels, outside)
        return elsewhere(evidence, unseen, self.window)

    @cached_property
    def undecided_fraction(self) -> float:
        """Share of the cells that show something and have not been seen in focus."""
        if self.seen is None or self._evidence is None:
            return 1.0
        return float(undecided_cells(self._evidence, self.seen).mean())

    @cached_property
    def seen(self) -> FieldRegions | None:
        """The field with nothing but what has been seen in focus."""
        if self.field is None or self.known is None:
            return None
        return seen_in_focus(self.known, self.field)

    def _ended(self, field: FieldRegions, missing: list[Altitude]) -> Outcome:
        """Say how the search ended."""
        found = RegionsFound(
            seen=self.seen,
            wanted=self._in_focus,
            outside=[a for a in missing if self._is_outside(a)],
            unseen=[a for a in missing if not self._is_outside(a) and not self._is_tried(a)],
            undecided_fraction=0.0 if self.pick else self.undecided_fraction,
            place_left=None if self.pick else self._elsewhere,
        )
        return regions_outcome(field, found, self.history, self.window)
