"""Scenes one after the other, or several at once in processes of their own."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import torch

__all__ = ["each"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def each(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Iterator[Result]:
    """Apply a function to tasks, in order.

    Parameters
    ----------
    function : callable
        Of one task; a module's own function, so that another process finds it.
    tasks : sequence
        Its arguments.
    workers : int
        Processes; 1 for none beside this one.

    Yields
    ------
    object
        Results in the order of the tasks.
    """
    if workers == 1:
        yield from map(function, tasks)
        return
    # Not forked: torch's threads do not survive it.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_start)
    try:
        yield from pool.map(function, tasks)
    finally:
        pool.shutdown(cancel_futures=True)


def _start() -> None:
    """Take one core, and leave Ctrl-C to the process that waits for this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
