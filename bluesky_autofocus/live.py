"""The steps of an autofocus run as a table that grows while it runs."""

from collections.abc import Mapping
from math import ceil, inf, isfinite, log10
from typing import Any

from event_model import DocumentRouter
from event_model.documents import Event, EventDescriptor, RunStart
from rich.console import Console
from rich.text import Text

__all__ = ["StepTable", "position_decimals"]

# A line stays below 80 columns.
WHY_WIDTH = 30
NUMBER_WIDTH = 12
# Positions are shown to this share of a depth of field.
POSITION_SHARE = 0.01
MOST_DECIMALS = 9


def position_decimals(depth_of_field: float) -> int:
    """Return how many decimals of a position say something about focus.

    Parameters
    ----------
    depth_of_field : float
        In the unit of the positions.

    Returns
    -------
    int
        Decimals that show a hundredth of the depth of field; 3 if that is not a positive number.
    """
    if not (isfinite(depth_of_field) and depth_of_field > 0):
        return 3
    return min(max(ceil(-log10(POSITION_SHARE * depth_of_field)), 0), MOST_DECIMALS)


class StepTable(DocumentRouter):
    """A document callback that prints one line for each step of an autofocus run.

    A line in bold is the sharpest frame so far.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to print. Default: standard output.
    """

    def __init__(self, console: Console | None = None):
        super().__init__()
        self.console = console or Console()
        self._streams: dict[str, str] = {}
        self._decimals = 3
        self._sharpest = -inf
        self._step: Mapping[str, Any] = {}

    def start(self, doc: RunStart) -> None:
        """Print the head of the table.

        Parameters
        ----------
        doc : dict
            The start document.
        """
        settings: Mapping[str, Any] = doc.get("autofocus", {})
        unit = settings.get("unit", "")
        depth_of_field = settings.get("depth_of_field", 0.0)
        self._streams.clear()
        self._step = {}
        self._sharpest = -inf
        self._decimals = position_decimals(depth_of_field)
        low, high = (self._position(end) for end in settings.get("window", (-inf, inf)))
        self._line(
            f"Run {str(doc['uid'])[:8]}: {settings.get('search', '?')} on "
            f"{settings.get('measure', '?')}, depth of field {depth_of_field:.3g} {unit}",
            style="bold",
        )
        self._line(
            f"from {self._position(settings.get('start', inf))} {unit}, "
            f"window {low} to {high} {unit}"
        )
        self._row("step", f"at ({unit})", "sharpness", "why", f"next ({unit})", style="dim")

    def descriptor(self, doc: EventDescriptor) -> None:
        """Learn which events belong to which stream.

        Parameters
        ----------
        doc : dict
            A descriptor document.
        """
        self._streams[doc["uid"]] = doc.get("name", "")

    def event(self, doc: Event) -> Event:
        """Print a step once the search has made up its mind about it.

        Parameters
        ----------
        doc : dict
            An event document.

        Returns
        -------
        dict
            The same document.
        """
        data = doc["data"]
        match self._streams.get(doc["descriptor"]):
            case "primary":
                self._step = data
            case "search":
                self._print_step(data)
            case "outcome":
                good = data["outcome_verdict"] == "in_focus"
                self._line(
                    f"{data['outcome_verdict']}: {data['outcome_message']}",
                    style="bold green" if good else "bold red",
                )
        return doc

    def _print_step(self, data: Mapping[str, Any]) -> None:
        sharpness, target = data["search_sharpness"], data["search_next"]
        sharpest = sharpness > self._sharpest
        if sharpest:
            self._sharpest = sharpness
        self._row(
            str(data["search_number"]),
            self._position(data["search_position"]),
            f"{sharpness:.3e}",
            self._why(),
            self._position(target) if isfinite(target) else data["search_decision"],
            style="bold" if sharpest else "",
        )

    def _why(self) -> str:
        reason = str(self._step.get("step_reason", ""))
        condition = next(
            (said for key, said in self._step.items() if key.endswith("_condition")), "good"
        )
        return reason if condition == "good" else f"{reason} ({condition})"

    def _position(self, value: float) -> str:
        return f"{value:.{self._decimals}f}" if isfinite(value) else "?"

    def _row(self, step: str, at: str, sharpness: str, why: str, then: str, style: str) -> None:
        self._line(
            f"{step:>4}  {at:>{NUMBER_WIDTH}}  {sharpness:>10}  {why:<{WHY_WIDTH}}  "
            f"{then:>{NUMBER_WIDTH}}",
            style=style,
        )

    def _line(self, said: str, style: str = "") -> None:
        # A terminal wraps at words; a file or a pipe gets each line whole.
        self.console.print(Text(said, style=style), soft_wrap=not self.console.is_terminal)
