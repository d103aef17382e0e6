"""The live view of whatever runs: table and picture of an autofocus run, or bluesky's own."""

from collections.abc import Mapping
from typing import Any

from event_model import RunRouter

from bluesky_autofocus.live import StepTable
from bluesky_autofocus.live_figure import LiveFigure

__all__ = ["live_view"]


def live_view(table: StepTable, figure: LiveFigure) -> RunRouter:
    """Make a callback that shows each run as it goes on.

    Parameters
    ----------
    table : StepTable
        Prints the steps of autofocus runs.
    figure : LiveFigure
        Draws them.

    Returns
    -------
    event_model.RunRouter
        To be subscribed to a RunEngine. Runs that are not autofocus's go to bluesky's
        `BestEffortCallback`, as a table.
    """

    def callbacks(name: str, start: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
        if "autofocus" in start:
            return [table, figure], []
        # Late: with it comes pyplot, for which a session should not wait at its start.
        from bluesky.callbacks.best_effort import BestEffortCallback

        best_effort = BestEffortCallback()
        best_effort.disable_plots()
        return [best_effort], []

    return RunRouter([callbacks])
