"""A function of many tasks, one after the other or several at once in processes of their own."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import TypeVar

import torch

__all__ = ["each"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def each(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Iterator[Result]:
    """Apply a function to tasks, in order.

    Processes end with this one, however it ends; when it is interrupted, or no longer wants
    results, they are not waited for.

    Parameters
    ----------
    function : callable
        Of one task; a module's own function, so that another process finds it.
    tasks : sequence
        Its arguments.
    workers : int
        Processes, with one torch thread each; 1 for none beside this one.

    Yields
    ------
    object
        Results in the order of the tasks.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If a process died.
    """
    if workers == 1:
        yield from map(function, tasks)
        return
    others = set(multiprocessing.active_children())
    # Not forked: torch's threads do not survive it.
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_start_worker
    )
    try:
        with _interrupts_held():
            results = pool.map(function, tasks)
        yield from results
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait: a pool that it finds half started cannot be shut down.

    Processes started meanwhile never hear of it; this one ends them.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    # It would unblock the signal.
    resource_tracker.ensure_running()
    signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if held:
        signal.raise_signal(signal.SIGINT)


def _start_worker() -> None:
    """Take one core, and end with the parent: a worker does not notice by itself."""
    torch.set_num_threads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
