"""Record runs in the catalog without ever holding up the RunEngine."""

import atexit
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Full, Queue
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .opening import Catalog
from .report import RecordedRun, RunState
from .routing import RunIndex
from .run_writer import RunWriter

if TYPE_CHECKING:
    from bluesky import RunEngine

__all__ = ["Recorder", "record"]

logger = logging.getLogger(__name__)

_KEPT_REPORTS = 1000


class Recorder:
    """A document callback that records every run in the catalog.

    Each document goes first to the run's backup file, then into a bounded queue from which a
    background thread writes to the catalog. If the catalog fails, hangs, or falls behind by more
    than the queue holds, the run is given up there and its backup file stays, complete, for
    `replay_backup`. Nothing is raised into the plan; every run that is not in the catalog is
    logged as an error and told by `runs`.

    Parameters
    ----------
    catalog : Catalog
        The open catalog.
    queue_size : int
        Most documents that may wait for the catalog.

    Examples
    --------
    >>> recorder = Recorder(catalog)
    >>> RE.subscribe(recorder)
    >>> RE(plan)
    >>> recorder.flush()
    """

    def __init__(self, catalog: Catalog, *, queue_size: int = 10_000) -> None:
        self._catalog = catalog
        self._index = RunIndex()
        self._open: dict[str, RunWriter] = {}
        self._all: dict[str, RunWriter] = {}
        self._closed = False
        self._queue: Queue[tuple[RunWriter, str, Mapping[str, Any]] | None] = Queue(queue_size)
        # A daemon: a catalog that hangs must not keep the interpreter from ending.
        self._thread = Thread(target=self._work, name="catalog recorder", daemon=True)
        self._thread.start()
        atexit.register(self.close, 1.0)

    def __call__(self, name: str, document: Mapping[str, Any]) -> None:
        """Take in a document; returns at once and never raises.

        Parameters
        ----------
        name : str
            Kind of document.
        document : mapping
            The document.
        """
        try:
            self._take(name, document)
        except Exception:
            logger.exception("A %r document could not be recorded: %.200r", name, document)

    @property
    def runs(self) -> list[RecordedRun]:
        """What became of each run, oldest first; the last thousand."""
        return [writer.report for writer in list(self._all.values())]

    def flush(self, timeout: float = 30.0) -> bool:
        """Wait until the catalog has every document received so far.

        Parameters
        ----------
        timeout : float
            Longest wait, s.

        Returns
        -------
        bool
            Whether nothing waits any more. A run that the catalog refused does not wait: see
            `runs`.
        """
        with self._queue.all_tasks_done:
            return self._queue.all_tasks_done.wait_for(
                lambda: not self._queue.unfinished_tasks, timeout
            )

    def close(self, timeout: float = 30.0) -> None:
        """Write what waits, then stop; a second call does nothing.

        Parameters
        ----------
        timeout : float
            Longest wait for the catalog, s. A run not written by then stays in its backup file.
        """
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        drained = self.flush(timeout)
        for writer in list(self._all.values()):
            if writer.state is RunState.PENDING:
                reason = (
                    "the recording was closed before the run ended"
                    if drained
                    else f"the catalog did not take it within {timeout:g} s"
                )
                writer.give_up(f"{reason}.")
            writer.release()
        try:
            self._queue.put_nowait(None)
        except Full:
            # The thread, once the catalog lets go of it, passes over all that waits and ends.
            logger.debug("The queue is full at closing: its runs are in their backup files.")
        if drained:
            self._thread.join(timeout)

    def __enter__(self) -> Self:
        """Return the recorder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write what waits, then stop."""
        self.close()

    def _take(self, name: str, document: Mapping[str, Any]) -> None:
        uid = self._index.run_of(name, document)
        if name == "start":
            self._begin(uid)
        writer = self._open[uid]
        writer.keep(name, document)
        if name == "stop":
            del self._open[uid]
            self._index.forget(uid)
        if self._closed:
            writer.give_up("the recorder was already closed.")
        if writer.state is not RunState.PENDING:
            return
        try:
            self._queue.put_nowait((writer, name, document))
        except Full:
            writer.give_up(
                f"the catalog is behind by {self._queue.maxsize} documents, the most that may wait."
            )

    def _begin(self, uid: str) -> None:
        while len(self._all) >= _KEPT_REPORTS:
            self._all.pop(next(iter(self._all)))
        self._open[uid] = self._all[uid] = RunWriter(uid, self._catalog)

    def _work(self) -> None:
        while True:
            item = self._queue.get()
            try:
                if item is None:
                    return
                writer, name, document = item
                writer.write(name, document)
            finally:
                self._queue.task_done()
            if self._closed and self._queue.empty():
                return


@contextmanager
def record(run_engine: "RunEngine", catalog: Catalog) -> Iterator[Recorder]:
    """Record every run of a RunEngine in the catalog while the ``with`` block lasts.

    Parameters
    ----------
    run_engine : RunEngine
        Whose documents to record.
    catalog : Catalog
        The open catalog.

    Yields
    ------
    Recorder
        Ask its `runs` what became of each run.

    Examples
    --------
    >>> with open_catalog() as catalog, record(RE, catalog) as recorder:
    ...     RE(plan)
    """
    with Recorder(catalog) as recorder:
        token = run_engine.subscribe(recorder)
        try:
            yield recorder
        finally:
            run_engine.unsubscribe(token)
