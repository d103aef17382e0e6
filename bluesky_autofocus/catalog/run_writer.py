"""One run on its way into the catalog, its backup file beside it."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

from .announced import AnnouncedTypes
from .journal import Journal
from .metadata import plain, without_infinity
from .opening import Catalog
from .report import RecordedRun, RunState
from .stop_verdict import StopVerdict

__all__ = ["RunWriter", "tiled_writer"]

logger = logging.getLogger(__name__)

_EVENTS_PER_WRITE = 100


def tiled_writer(catalog: Catalog) -> Callable[[str, Mapping[str, Any]], None]:
    """Return a callback that writes one run's documents into the catalog.

    Parameters
    ----------
    catalog : Catalog
        The open catalog.

    Returns
    -------
    callable
        ``bluesky_tiled_plugins.TiledWriter``, set so that small arrays survive: with its default
        `max_array_size` a 1-D array of up to 16 elements reads back as strings. A verdict is
        repeated in the stop document.
    """
    # Imported late, as Tiled is in `open_catalog`.
    from bluesky_tiled_plugins import TiledWriter

    types, verdict = AnnouncedTypes(), StopVerdict()
    return TiledWriter(
        catalog.v2,
        batch_size=_EVENTS_PER_WRITE,
        max_array_size=0,
        patches={
            "start": without_infinity,
            "descriptor": lambda document: verdict.descriptor(
                types.descriptor(without_infinity(document))
            ),
            "event": lambda document: verdict.event(types.event(document)),
            "stop": verdict.stop,
        },
    )


def _reach(catalog: Catalog) -> None:
    """Ask the catalog for a sign of life, with Tiled's own retries.

    A start document that fails inside TiledWriter is taken by event_model for a mistake in the
    program, and it warns of that at length; a catalog that is down should be told as such.
    """
    from tiled.client.utils import handle_error, retry_context

    context = catalog.client.context
    for attempt in retry_context(context):
        with attempt:
            handle_error(context.http_client.get(context.api_uri))


class RunWriter:
    """One run on its way into the catalog.

    Parameters
    ----------
    uid : str
        The run's unique identifier.
    catalog : Catalog
        The open catalog.
    """

    def __init__(self, uid: str, catalog: Catalog) -> None:
        self.uid = uid
        self.state = RunState.PENDING
        self._catalog = catalog
        self._documents = 0
        self._error = ""
        self._writer: Callable[[str, Mapping[str, Any]], None] | None = None
        self._lock = Lock()
        self._journal: Journal | None = None
        self._backup = catalog.storage.backup / f"{uid}.jsonl"
        self._journal_failed = False
        try:
            self._journal = Journal(catalog.storage.backup, uid)
            self._backup = self._journal.path
        except OSError as error:
            self._journal_lost(error)

    @property
    def report(self) -> RecordedRun:
        """What has become of the run so far."""
        return RecordedRun(self.uid, self.state, self._documents, self._backup, self._error)

    def keep(self, name: str, document: Mapping[str, Any]) -> None:
        """Write a document to the backup file.

        Parameters
        ----------
        name : str
            Kind of document.
        document : mapping
            The document.
        """
        self._documents += 1
        if self._journal is None or self._journal_failed:
            return
        try:
            self._journal.append(name, document)
            if name == "stop":
                self._journal.close()
        except OSError as error:
            self._journal_lost(error)

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Write a document to the catalog, from the background thread.

        Parameters
        ----------
        name : str
            Kind of document.
        document : mapping
            The document.
        """
        if self.state is not RunState.PENDING:
            return
        try:
            if self._writer is None:
                _reach(self._catalog)
                self._writer = tiled_writer(self._catalog)
            self._writer(name, plain(document))
        except Exception as error:
            self.give_up(f"a {name!r} document failed with {type(error).__name__}: {error}.")
            return
        if name == "stop":
            self._finish()

    def give_up(self, reason: str) -> None:
        """Leave the run to its backup file.

        Parameters
        ----------
        reason : str
            Why, as a sentence.
        """
        with self._lock:
            if self.state is not RunState.PENDING:
                return
            self._error = f"{self._error} {reason}".strip()
            self.state = RunState.LOST if self._journal_failed else RunState.BACKED_UP
        self._writer = None
        logger.error("%s", self.report.message)

    def release(self) -> None:
        """Close the backup file."""
        if self._journal is not None:
            self._journal.close()

    def _finish(self) -> None:
        with self._lock:
            if self.state is not RunState.PENDING:
                return
            self.state = RunState.WRITTEN
        self._writer = None
        if self._journal is not None:
            self._journal.discard()

    def _journal_lost(self, error: OSError) -> None:
        self._journal_failed = True
        self._error = f"the backup file {self._backup} cannot be written: {error}."
        if self._journal is not None:
            # Closing flushes what the disk has just refused.
            with suppress(OSError):
                self._journal.close()
        with self._lock:
            if self.state is RunState.BACKED_UP:
                self.state = RunState.LOST
        logger.error("Run %s goes on without a backup: %s", self.uid[:8], self._error)
