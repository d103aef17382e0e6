"""Replay runs with progress on standard error."""

import time

from rich.console import Console

from bluesky_autofocus.catalog import open_catalog
from bluesky_autofocus.replay import FailedRun, replay_many

from ..benchmark.progress import shown_progress
from .report import ReplayReport
from .request import ReplayRequest
from .tables import print_report

__all__ = ["run_replay"]


def run_replay(request: ReplayRequest, console: Console | None) -> ReplayReport:
    """Replay all runs that can be.

    Parameters
    ----------
    request : ReplayRequest
        What to run.
    console : rich.console.Console or None
        Where to tell about the runs, if a person is to be told. Progress and errors go to standard
        error.

    Returns
    -------
    ReplayReport
        What came of each.

    Raises
    ------
    AutofocusError
        If nothing can be replayed.
    """
    said = Console(stderr=True, highlight=False)
    begin = time.monotonic()
    with open_catalog() as catalog, shown_progress() as track:
        outcomes = replay_many(
            catalog, request.tasks, workers=request.workers, scheduler=request.scheduler
        )
        every = list(track(outcomes, len(request.tasks), "replay"))
    report = ReplayReport(
        runs=tuple(run for run in every if not isinstance(run, FailedRun)),
        failed=tuple(run for run in every if isinstance(run, FailedRun)),
        seconds=time.monotonic() - begin,
    )
    for run in report.failed:
        said.print(f"{run.uid}: {run.error}", style="red", markup=False, soft_wrap=True)
    if console is not None:
        print_report(report, console)
    return report
