"""When the focus is to be checked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from bluesky.protocols import NamedMovable

from bluesky_autofocus.errors import KeepFocusError

__all__ = ["Occasions"]

SECONDS = 60.0


@dataclass
class Occasions:
    """Says when a check is due; told what has happened since the last one.

    Parameters
    ----------
    every_events : int, optional
        After so many events. Default, if nothing else is given: 1.
    every_minutes : float, optional
        After so much time.
    after_moves : sequence of devices
        After any of these has moved.

    Raises
    ------
    KeepFocusError
        If one of them is out of range.
    """

    every_events: int | None = None
    every_minutes: float | None = None
    after_moves: Sequence[NamedMovable] = ()
    _events: int = field(default=0, init=False)
    _since: float = field(default=0.0, init=False)
    _special: str = field(default="before the first event", init=False)

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.every_events is not None and self.every_events < 1:
            raise KeepFocusError(
                f"every_events is {self.every_events}, and at least 1 is possible. Give a whole "
                "number of events, or leave it out."
            )
        minutes = self.every_minutes
        if minutes is not None and not (isfinite(minutes) and minutes > 0):
            raise KeepFocusError(
                f"every_minutes is {minutes}: it must be a positive number. Give a time, or leave "
                "it out."
            )
        if self.every_events is None and minutes is None and not self.after_moves:
            self.every_events = 1

    def saw_event(self) -> None:
        """Count an event of the plan."""
        self._events += 1

    def need(self, reason: str) -> None:
        """Ask for a check before the next event.

        Parameters
        ----------
        reason : str
            Why.
        """
        self._special = reason

    def checked(self) -> None:
        """Begin anew: the focus has just been checked."""
        self._events, self._since, self._special = 0, time.monotonic(), ""

    @property
    def due(self) -> str:
        """Why a check is due; empty if none is."""
        if self._special:
            return self._special
        if self.every_events is not None and self._events >= self.every_events:
            return f"after {self._events} events"
        minutes = (time.monotonic() - self._since) / SECONDS
        if self.every_minutes is not None and minutes >= self.every_minutes:
            return f"after {minutes:.3g} minutes"
        return ""
