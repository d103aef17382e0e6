"""What the classical searches share: settings, history, and the way they end."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import isfinite
from typing import Self

from ..errors import SearchError
from ..measurement import Measurement
from ..verdict import Outcome, Side
from .ending import ENDING_FRAMES, ending
from .first_frames import FIRST_FRAMES, first_frames, nothing_measurable
from .protocol import Move, Window
from .steps import Sample, Steps, play

__all__ = ["CurveSearch"]


@dataclass(frozen=True, kw_only=True)
class CurveSearch(ABC):
    """A search over the focus curve, as an immutable value.

    A search takes its first frame at the start, so that it cannot end at a less sharp place
    unawares; if that is too bright or too dark it looks for usable light. Then it explores in its
    own way. All end alike: they look again at both sides of the peak, go to it and take a last
    frame there; see `ending`.

    Parameters
    ----------
    window : Window
        Positions that may be suggested.
    start_dof : float
        Where the stage is now, inside the window.
    tolerance_dof : float
        How near to the peak the last frame is to be taken, > 0.
    approach : Side
        Side from which the stage approaches a position; sweeps start there, because of backlash.
    history : tuple of Sample
        Frames so far, in order of time.

    Raises
    ------
    WindowError
        If the start lies outside the window.
    SearchError
        If another setting makes no sense.
    """

    window: Window
    start_dof: float
    tolerance_dof: float = 0.25
    approach: Side = Side.LOW
    history: tuple[Sample, ...] = ()

    def __post_init__(self) -> None:
        self.window.check_start(self.start_dof)
        if not (isfinite(self.tolerance_dof) and self.tolerance_dof > 0):
            raise SearchError(
                f"The tolerance is {self.tolerance_dof:g} depths of field, a positive number is "
                "needed; 0.25 is usual."
            )

    @property
    @abstractmethod
    def max_exploring_frames(self) -> int:
        """Most frames that the exploration takes beyond the first one."""

    @property
    def max_frames(self) -> int:
        """Most frames that the search takes, whatever it sees."""
        return FIRST_FRAMES + self.max_exploring_frames + ENDING_FRAMES

    @abstractmethod
    def _explore(self, begun: tuple[Sample, ...]) -> Steps[tuple[Sample, ...]]:
        """Yield the moves of the exploration and return its frames, without those before it."""

    def _steps(self) -> Steps[Outcome]:
        begun = yield from first_frames(self.start_dof, self.window, self.approach)
        if no_light := nothing_measurable(begun):
            return no_light
        explored = yield from self._explore(begun)
        return (yield from ending(begun + explored, self.window, self.tolerance_dof, self.approach))

    def _home(self, begun: tuple[Sample, ...]) -> float:
        """Return where the light was usable at first, else the start."""
        last = begun[-1]
        if len(begun) > 1 and last.usable:
            return self.window.clip(last.position_dof)
        return self.start_dof

    def suggest(self) -> Move | Outcome:
        """Return the next position inside the window, or how the search ended.

        Returns
        -------
        Move or Outcome
            The same for the same settings and history.
        """
        step = play(self._steps(), self.history)
        if isinstance(step, Move):
            return Move(self.window.clip(step.position_dof), step.reason)
        return step

    def ingest(self, position_dof: float, measurement: Measurement) -> Self:
        """Return the search after one more frame.

        Parameters
        ----------
        position_dof : float
            Readback of the stage, in depths of field.
        measurement : Measurement
            What the frame says.

        Returns
        -------
        CurveSearch
            A new search; this one is unchanged.
        """
        return replace(self, history=(*self.history, Sample(position_dof, measurement)))
