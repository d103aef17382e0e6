"""The steps of an autofocus run as a table that grows while it runs."""

from collections.abc import Mapping
from typing import Any

from event_model import DocumentRouter
from event_model.documents import Event, EventDescriptor, RunStart
from rich.console import Console
from rich.text import Text

__all__ = ["StepTable"]

_COLUMNS = (("step", 4), ("why", 24), ("position", 14), ("sharpness", 12), ("then", 40))


class StepTable(DocumentRouter):
    """A document callback that prints one line for each step of an autofocus run.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to print. Default: standard output.
    """

    def __init__(self, console: Console | None = None):
        super().__init__()
        self.console = console or Console()
        self._streams: dict[str, str] = {}
        self._unit = ""
        self._sensor = ""
        self._step: Mapping[str, Any] = {}

    def start(self, doc: RunStart) -> None:
        """Print the head of the table.

        Parameters
        ----------
        doc : dict
            The start document.
        """
        settings: Mapping[str, Any] = doc.get("autofocus", {})
        self._unit = settings.get("unit", "")
        self._streams.clear()
        self.console.print(
            Text(
                f"autofocus {str(doc['uid'])[:8]}: {settings.get('search', '?')} on "
                f"{settings.get('measure', '?')}, from {settings.get('start', float('nan')):.5g} "
                f"{self._unit} within {settings.get('window', '?')}",
                style="bold",
            )
        )
        self._row([name for name, _ in _COLUMNS], style="dim")

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
                then, target = data["search_decision"], data["search_next"]
                if target == target:
                    then = f"{then} -> {target:.6g} {self._unit}"
                self._row(
                    [
                        str(data["search_number"]),
                        str(self._step.get("step_reason", "")),
                        f"{data['search_position']:.6g} {self._unit}",
                        f"{data['search_sharpness']:.5g}",
                        then,
                    ]
                )
            case "outcome":
                good = data["outcome_verdict"] == "in_focus"
                self.console.print(
                    Text(
                        f"{data['outcome_verdict']}: {data['outcome_message']}",
                        style="bold green" if good else "bold red",
                    )
                )
        return doc

    def _row(self, cells: list[str], style: str = "") -> None:
        line = "  ".join(
            cell.ljust(width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True)
        )
        self.console.print(Text(line.rstrip(), style=style), soft_wrap=True)
