"""Many runs, one after the other or several at once; what goes wrong with one is its own."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AutofocusError, ReplayError
from .one_run import replay_run
from .task import FailedRun, ReplayedRun, ReplayTask
from .what_if_run import WhatIfRun, what_if_run

if TYPE_CHECKING:
    from ..catalog import Catalog

__all__ = ["Replayed", "replay_many"]

Replayed = ReplayedRun | WhatIfRun | FailedRun


def replay_many(
    catalog: "Catalog", tasks: Sequence[ReplayTask], *, workers: int = 1
) -> Iterator[Replayed]:
    """Replay runs; the frames of one at a time are in the memory of each process.

    Parameters
    ----------
    catalog : Catalog
        Where the runs are.
    tasks : sequence of ReplayTask
        The runs.
    workers : int
        Processes; 1 for none beside this one.

    Yields
    ------
    ReplayedRun, WhatIfRun or FailedRun
        In the order of the tasks.

    Raises
    ------
    ReplayError
        If a process died.
    """
    if workers == 1:
        yield from (_outcome(catalog, task) for task in tasks)
        return
    from ..workers import each

    homes = [(catalog.storage.home, task) for task in tasks]
    try:
        yield from each(_in_worker, homes, workers)
    except BrokenProcessPool as error:
        raise ReplayError(
            f"A worker process died ({error}). What was replayed is in the catalog: the same "
            "command goes on. If memory ran out, give fewer --workers."
        ) from error


def _in_worker(work: tuple[Path, ReplayTask]) -> Replayed:
    home, task = work
    return _outcome(_opened(home), task)


@cache
def _opened(home: Path) -> "Catalog":
    """Open a catalog once in a worker; it is open as long as the worker lives."""
    from ..catalog import open_catalog

    # It says its version on opening.
    logging.getLogger("tiled.server.app").setLevel(logging.WARNING)
    return open_catalog(home)


def _outcome(catalog: "Catalog", task: ReplayTask) -> Replayed:
    try:
        if task.search is not None:
            return what_if_run(catalog, task, task.search)
        return replay_run(catalog, task)
    except AutofocusError as error:
        return FailedRun(task.uid, str(error))
    except Exception as error:
        # Whatever the catalog, the files or a handler raise: the other runs can be replayed.
        return FailedRun(task.uid, f"{type(error).__name__}: {error}")
