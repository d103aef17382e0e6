"""What every focus search is: a value that suggests a move and takes in a measurement."""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from ..errors import WindowError
from ..measurement import Measurement
from ..verdict import Outcome

if TYPE_CHECKING:
    from ..belief import FocusBelief

__all__ = ["Believing", "Move", "Search", "Window"]


@dataclass(frozen=True)
class Window:
    """Allowed stage travel, in depths of field in stage coordinates.

    Parameters
    ----------
    low_dof, high_dof : float
        The ends; low < high, both finite.

    Raises
    ------
    WindowError
        If the window is empty, inverted or not finite.
    """

    low_dof: float
    high_dof: float

    def __post_init__(self) -> None:
        if not (isfinite(self.low_dof) and isfinite(self.high_dof)):
            raise WindowError(
                f"The window [{self.low_dof}, {self.high_dof}] is not finite. "
                "Give two finite positions."
            )
        if not self.low_dof < self.high_dof:
            raise WindowError(
                f"The window [{self.low_dof:g}, {self.high_dof:g}] is empty or inverted. "
                "Give the lower end first."
            )

    @property
    def width_dof(self) -> float:
        """Length of the window."""
        return self.high_dof - self.low_dof

    def __contains__(self, position_dof: float) -> bool:
        """Tell whether a position may be visited."""
        return self.low_dof <= position_dof <= self.high_dof

    def check_start(self, start_dof: float) -> None:
        """Make sure that a search can begin at a position.

        Parameters
        ----------
        start_dof : float
            Where the stage is.

        Raises
        ------
        WindowError
            If it lies outside the window.
        """
        if not (isfinite(start_dof) and start_dof in self):
            raise WindowError(
                f"The start {start_dof:g} lies outside the window [{self.low_dof:g}, "
                f"{self.high_dof:g}]. Move the stage into the window or widen it."
            )

    def clip(self, position_dof: float) -> float:
        """Return the allowed position nearest to the given one.

        Parameters
        ----------
        position_dof : float
            Any position.

        Returns
        -------
        float
            The same, or the end of the window that it lies beyond.
        """
        return min(max(position_dof, self.low_dof), self.high_dof)


@dataclass(frozen=True)
class Move:
    """Where to take the next frame, and why.

    Parameters
    ----------
    position_dof : float
        Stage position, in depths of field.
    reason : str
        For people: ``coarse sweep 3/21``, ``golden section``, ``confirm``.
    """

    position_dof: float
    reason: str


@runtime_checkable
class Search(Protocol):
    """A focus search as an immutable value.

    ``ingest`` returns the search after one more measurement and leaves the old one as it was, so
    that a plan can be rewound to a checkpoint and replayed without counting a frame twice.
    """

    @property
    def window(self) -> Window:
        """Positions that the search may suggest."""
        ...

    def suggest(self) -> Move | Outcome:
        """Return the next position inside the window, or how the search ended."""
        ...

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
        Search
            A new search; this one is unchanged.
        """
        ...


@runtime_checkable
class Believing(Search, Protocol):
    """A search that can say where it believes focus to be."""

    @property
    def belief(self) -> "FocusBelief":
        """What is known of the focus position."""
        ...
