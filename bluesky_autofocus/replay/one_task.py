"""One run replayed, here or in a worker: whatever goes wrong is its outcome."""

import logging
from functools import cache
from pathlib import Path
from threading import Lock

from ..catalog import Catalog, open_catalog
from ..errors import AutofocusError
from .one_run import replay_run
from .task import FailedRun, ReplayedRun, ReplayTask
from .what_if_run import WhatIfRun, what_if_run

__all__ = ["Replayed", "outcome_in_worker", "outcome_of"]

Replayed = ReplayedRun | WhatIfRun | FailedRun

# A Dask worker may have several threads; torch and the catalog's in-process server want one.
_LOCK = Lock()


def outcome_of(catalog: Catalog, task: ReplayTask) -> Replayed:
    """Replay a run.

    Parameters
    ----------
    catalog : Catalog
        Where it is.
    task : ReplayTask
        Which one, and how.

    Returns
    -------
    ReplayedRun, WhatIfRun or FailedRun
        What came of it.
    """
    try:
        if task.search is not None:
            return what_if_run(catalog, task, task.search)
        return replay_run(catalog, task)
    except AutofocusError as error:
        return FailedRun(task.uid, str(error))
    except Exception as error:
        # Whatever the catalog, the files or a handler raise: the other runs can be replayed.
        return FailedRun(task.uid, f"{type(error).__name__}: {error}")


def outcome_in_worker(work: tuple[Path, ReplayTask]) -> Replayed:
    """Replay a run in a process that has no catalog of its own.

    Parameters
    ----------
    work : (pathlib.Path, ReplayTask)
        Folder of the catalog, and the run.

    Returns
    -------
    ReplayedRun, WhatIfRun or FailedRun
        What came of it.
    """
    home, task = work
    with _LOCK:
        try:
            catalog = _opened(home)
        except AutofocusError as error:
            return FailedRun(task.uid, str(error))
        return outcome_of(catalog, task)


@cache
def _opened(home: Path) -> Catalog:
    """Open a catalog once; it is open as long as the worker lives."""
    import torch
    from dask import config

    # Tiled reads tables through Dask, which inside a Dask worker would send them back to it.
    config.set(scheduler="synchronous")
    torch.set_num_threads(1)
    # It says its version on opening.
    logging.getLogger("tiled.server.app").setLevel(logging.WARNING)
    return open_catalog(home)
