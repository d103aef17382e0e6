"""Derived runs in the catalog: found if they are there, published if they are not."""

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..catalog import Catalog, Recorder, Run, RunState
from ..errors import CatalogError

__all__ = ["find_derived", "publish"]

WRITE_TIMEOUT_S = 300.0
FLUSH_TIMEOUT_S = 120.0


def find_derived(catalog: Catalog, uid: str) -> Run | None:
    """Find a derived run that is complete.

    What an interrupted or failed replay left of it is deleted.

    Parameters
    ----------
    catalog : Catalog
        Where to look.
    uid : str
        Its uid.

    Returns
    -------
    Run or None
        None if it has to be made.
    """
    try:
        client: Any = catalog.client[uid]
    except KeyError:
        return None
    stop = client.metadata.get("stop")
    if stop and stop["exit_status"] == "success":
        return Run(client)
    with _writing(catalog):
        client.delete(recursive=True, external_only=False)
    return None


def publish(catalog: Catalog, documents: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Write a derived run into the catalog, one process at a time.

    Parameters
    ----------
    catalog : Catalog
        Where to.
    documents : sequence of (str, dict)
        All documents of the run, in order.

    Raises
    ------
    CatalogError
        If the catalog does not take it.
    """
    with _writing(catalog), Recorder(catalog) as recorder:
        for name, document in documents:
            recorder(name, document)
        recorder.flush(FLUSH_TIMEOUT_S)
        (run,) = recorder.runs
    if run.state is not RunState.WRITTEN:
        # The work can be done again; its backup would only be in the way then.
        run.backup.unlink(missing_ok=True)
        raise CatalogError(f"The derived run cannot be written: {run.error} Replay it again.")


@contextmanager
def _writing(catalog: Catalog) -> Iterator[None]:
    """Let one process at a time write: SQLite makes all others wait, and for 5 s only."""
    path = catalog.storage.home / ".derived.lock"
    with open(path, "w") as file:
        deadline = time.monotonic() + WRITE_TIMEOUT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise CatalogError(
                        f"Another process has held {path} for {WRITE_TIMEOUT_S:g} s while writing "
                        "derived runs. End it and try again."
                    ) from None
                time.sleep(0.02)
        yield
