"""Many runs, one after the other or several at once; what goes wrong with one is its own."""

from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from ..catalog import Catalog
from ..errors import ReplayError
from .one_task import Replayed, outcome_in_worker, outcome_of
from .task import FailedRun, ReplayTask

__all__ = ["replay_many"]

CONNECTION_TIMEOUT_S = 15


def replay_many(
    catalog: Catalog,
    tasks: Sequence[ReplayTask],
    *,
    workers: int = 1,
    scheduler: str | None = None,
) -> Iterator[Replayed]:
    """Replay runs; each process holds some of the frames of one of them at a time.

    Parameters
    ----------
    catalog : Catalog
        Where the runs are.
    tasks : sequence of ReplayTask
        The runs.
    workers : int
        Processes of this machine; 1 for none beside this one.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do the work instead. They need the catalog's
        folder at the same path.

    Yields
    ------
    ReplayedRun, WhatIfRun or FailedRun
        In the order of the tasks.

    Raises
    ------
    ReplayError
        If a process died, or the scheduler cannot be reached.
    """
    works = [(catalog.storage.home, task) for task in tasks]
    if scheduler is not None:
        yield from _on_dask(works, scheduler)
    elif workers == 1:
        yield from (outcome_of(catalog, task) for task in tasks)
    else:
        # Late, because it imports torch.
        from ..workers import each

        try:
            yield from each(outcome_in_worker, works, workers)
        except BrokenProcessPool as error:
            raise ReplayError(
                f"A worker process died ({error}). What was replayed is in the catalog: the same "
                "command goes on. If memory ran out, give fewer --workers."
            ) from error


def _on_dask(works: Sequence[tuple[Path, ReplayTask]], scheduler: str) -> Iterator[Replayed]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ReplayError(
            "Dask distributed is not installed. Install it: pip install -c constraints.txt -e "
            '".[distributed]"'
        ) from error
    try:
        client = Client(scheduler, timeout=CONNECTION_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ReplayError(
            f"No Dask scheduler answers at {scheduler!r} within {CONNECTION_TIMEOUT_S} s "
            f"({error}). Start one, and workers, or give --workers instead."
        ) from error
    with client:
        # Not pure: what a run gives depends on what is in the catalog.
        futures = client.map(outcome_in_worker, works, pure=False)
        for future, (_, task) in zip(futures, works, strict=True):
            try:
                yield future.result()
            except Exception as error:
                # A worker that died, or has another version of this package.
                yield FailedRun(task.uid, f"{type(error).__name__}: {error}")
            future.release()
