"""Frames for a focal stack: as many planes as the sample is deep, and where it is."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import SearchError
from ..measurement import Measurement
from ..regions import FieldBelief, FieldEvidence, Relief, relief_of
from ..verdict import Outcome, Side, Verdict
from .field_frames import checked_field, usable_field
from .motion_ending import unless_moved
from .protocol import Move, Window
from .region_moves import elsewhere
from .region_search import RegionSearch
from .stack_check import relief_parts
from .stack_ending import CAN_BE_FUSED, MOST_PLANES, stack_outcome, too_many
from .steps import Sample

__all__ = ["SPACING_DOF", "SPACING_LIMITS_DOF", "StackSearch"]

SPACING_DOF = 1.2
"""Distance between planes: no point is farther than .6 of a depth of field from one."""

SPACING_LIMITS_DOF = (0.25, 3.0)

# The field is known well enough to lay planes if so much of it tells where it is in focus.
FEWEST_FRAMES, ENOUGH_KNOWN = 3, 0.92
# A plane is needed if so many cells have their focus nearest to it or to its neighbours: a height
# takes the sharpest plane and those on both sides. One cell alone may err.
LEAST_CELLS, REACH_SPACINGS = 1.5, 1.5
# A frame this near to a plane is that plane.
TAKEN_SPACINGS = 0.2
# Planes may show that more are needed, and cells that tell nothing ask for looks elsewhere; not for
# ever.
MOST_ROUNDS, MOST_LOOKS = 12, 16
# The stage ends where most of the field is in focus.
NEAR_DOF = 0.5
# A plane no farther than this from some of the sample changes most where the sample moves.
NEAR_PLANE_DOF = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class StackSearch:
    """A search for the planes of a focal stack, as an immutable value.

    It begins like `RegionSearch`, with frames that tell where the cells of the field are in focus.
    Then planes are laid at even distances, wherever some of the field is in focus and on both sides
    of it; where altitudes are far apart none lie between. What the planes show may ask for more,
    and where more than 8 % of the field tell nothing, frames are taken where they may. At last the
    plane that was taken first is taken again: a sample that has moved in the meantime shows it.

    Parameters
    ----------
    window : Window
        Positions that may be suggested.
    start_dof : float
        Where the stage is now, inside the window.
    approach : Side
        Side from which the stage approaches a position: planes are taken from there on.
    spacing_dof : float
        Distance between planes.
    history : tuple of Sample
        Frames so far, in order of time.
    known : FieldBelief, optional
        What the usable ones of them say.
    planes_dof : tuple of float
        Planes laid so far, ascending.
    rounds : int
        How often planes have been laid.
    checked : bool
        Whether the last frame is one of a plane that had been taken before.

    Raises
    ------
    WindowError
        If the start lies outside the window.
    SearchError
        If planes are too near to one another or too far apart.
    """

    window: Window
    start_dof: float
    approach: Side = Side.LOW
    spacing_dof: float = SPACING_DOF
    history: tuple[Sample, ...] = ()
    known: FieldBelief | None = None
    planes_dof: tuple[float, ...] = ()
    rounds: int = 0
    checked: bool = False

    def __post_init__(self) -> None:
        self.window.check_start(self.start_dof)
        low, high = SPACING_LIMITS_DOF
        if not low <= self.spacing_dof <= high:
            raise SearchError(
                f"Planes {self.spacing_dof:g} depths of field apart cannot be fused; give "
                f"{low:g} to {high:g}."
            )

    @cached_property
    def looking(self) -> RegionSearch:
        """The search for altitudes with the same frames."""
        return RegionSearch(
            window=self.window,
            start_dof=self.start_dof,
            approach=self.approach,
            history=self.history,
            known=self.known,
            checks_motion=False,
        )

    @cached_property
    def relief(self) -> Relief | None:
        """Where the cells are in focus; None before the second usable frame."""
        if self.known is None or len(self.known.frames) < 2:
            return None
        return relief_of(self.known)

    @property
    def stack_frames(self) -> tuple[int, ...]:
        """Numbers of the frames that belong to the stack, from 0, by position."""
        planes = np.array(self.planes_dof)
        order = sorted(range(len(self.history)), key=lambda k: self.history[k].position_dof)
        kept: list[int] = []
        if self.checked:
            order.remove(len(self.history) - 1)
        for k in order:
            sample = self.history[k]
            place = sample.position_dof
            near = np.abs(planes - place).min(initial=np.inf) <= self.spacing_dof
            apart = not kept or place - self.history[kept[-1]].position_dof > self._same_dof
            if near and apart and usable_field(place, sample.measurement):
                kept.append(k)
        return tuple(kept)

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
        StackSearch
            A new search; this one is unchanged.

        Raises
        ------
        SearchError
            If the measurement is not a `FieldObservation`, or of another shape or sampling than
            those before.
        """
        if self._is_complete:
            sample = Sample(position_dof, checked_field(measurement))
            return replace(self, history=(*self.history, sample), checked=True)
        looked = self.looking.ingest(position_dof, measurement)
        now = replace(self, history=looked.history, known=looked.known)
        return now.laid_out()

    def suggest(self) -> Move | Outcome:
        """Return the next position inside the window, or how the search ended.

        Returns
        -------
        Move or Outcome
            The same for the same history.
        """
        if not self.planes_dof:
            return self.looking.suggest()
        if len(self.planes_dof) > MOST_PLANES:
            return too_many(self.planes_dof)
        if self._missing:
            missing = self._missing
            place = missing[0] if self.approach is Side.LOW else missing[-1]
            number = self.planes_dof.index(place) + 1
            return Move(self.window.clip(place), f"plane {number} of {len(self.planes_dof)}")
        if self.checked:
            return self._ended()
        again = self.history[self._first_of_use].position_dof
        return self._elsewhere() or Move(self.window.clip(again), "has the sample moved?")

    @property
    def _first_of_use(self) -> int:
        """Number of the first frame of the stack that is near focus anywhere."""
        relief, frames = self.relief, sorted(self.stack_frames)
        assert relief is not None
        places = np.array([self.history[k].position_dof for k in frames])
        near = relief.cells_within(places, NEAR_PLANE_DOF) >= LEAST_CELLS
        return frames[int(near.argmax())]

    @property
    def _is_complete(self) -> bool:
        """Whether nothing is left but to see whether the sample has moved."""
        laid = 0 < len(self.planes_dof) <= MOST_PLANES
        return laid and not self._missing and self._elsewhere() is None

    @property
    def _same_dof(self) -> float:
        return TAKEN_SPACINGS * self.spacing_dof

    @cached_property
    def _missing(self) -> list[float]:
        taken = np.array([sample.position_dof for sample in self.history])
        return [
            plane
            for plane in self.planes_dof
            if np.abs(taken - plane).min(initial=np.inf) > self._same_dof
        ]

    def laid_out(self) -> Self:
        """Lay planes once enough is known, and more once they have been taken.

        Returns
        -------
        StackSearch
            With more planes, or this one.
        """
        relief = self.relief
        if relief is None or self._missing or self.rounds >= MOST_ROUNDS:
            return self
        if not self.planes_dof:
            enough = len(self.history) >= FEWEST_FRAMES and relief.known_fraction >= ENOUGH_KNOWN
            if not enough and isinstance(self.looking.suggest(), Move):
                return self
        needed = set(self._needed(relief)) - set(self.planes_dof)
        if not needed:
            return self
        planes = tuple(sorted({*self.planes_dof, *needed}))
        return replace(self, planes_dof=planes, rounds=self.rounds + 1)

    def _elsewhere(self) -> Move | None:
        """Look where what does not tell yet may come into focus."""
        relief, known = self.relief, self.known
        looks = len(self.history) - len(self.planes_dof)
        if relief is None or known is None or looks >= MOST_LOOKS:
            return None
        move = elsewhere(FieldEvidence(known), ~relief.known, self.window)
        return move and Move(self.window.clip(move.position_dof), move.reason)

    def _needed(self, relief: Relief) -> list[float]:
        """Planes that some of the field needs, inside the window."""
        grid = self._grid(relief)
        cells = relief.cells_within(grid, REACH_SPACINGS * self.spacing_dof)
        inside = (grid >= self.window.low_dof) & (grid <= self.window.high_dof)
        return [float(place) for place in grid[inside & (cells >= LEAST_CELLS)]]

    def _grid(self, relief: Relief) -> NDArray[np.float64]:
        """Evenly spaced places over all that is considered, through where most is in focus."""
        places = relief.position_dof
        anchor = self.planes_dof[0] if self.planes_dof else self._main_dof(relief)
        first = np.ceil((places[0] - anchor) / self.spacing_dof)
        last = np.floor((places[-1] - anchor) / self.spacing_dof)
        # The same number for the same plane, whatever the ends.
        return np.round(anchor + self.spacing_dof * np.arange(first, last + 1), 9)

    def _main_dof(self, relief: Relief) -> float:
        cells = relief.cells_within(relief.position_dof, NEAR_DOF)
        return float(relief.position_dof[int(cells.argmax())])

    def _ended(self) -> Outcome:
        """Say what the stack holds."""
        relief, known, frames = self.relief, self.known, self.stack_frames
        assert relief is not None and known is not None
        main = relief.cells_near(self._main_dof(relief), NEAR_DOF)
        planes = self.planes_dof[0], self.planes_dof[-1], len(frames)
        outcome = stack_outcome(relief, FieldEvidence(known).posterior(main), self.window, planes)
        if outcome.verdict is not Verdict.IN_FOCUS:
            return outcome
        places = [s.position_dof if k in frames else np.inf for k, s in enumerate(self.history)]
        return unless_moved(outcome, self.history, relief_parts(relief, places), CAN_BE_FUSED)
