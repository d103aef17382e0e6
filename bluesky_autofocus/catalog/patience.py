"""Processes that write to one catalog wait for each other."""

from typing import Any

from ..errors import CatalogError
from .home import Storage

__all__ = ["WAIT_S", "let_writers_wait"]

WAIT_S = 30.0
"""How long a process waits for another's write of a table to end."""


def let_writers_wait(storage: Storage) -> None:
    """Have the tables of an open catalog waited for, rather than found locked.

    A session, a queue's worker and a replay of many runs write to one SQLite file. Tiled opens it
    without a timeout: who comes while another writes fails at once, "database is locked".

    Parameters
    ----------
    storage : Storage
        The files of a catalog that this process has opened.

    Raises
    ------
    CatalogError
        If Tiled does not know the tables.
    """
    # Imported late, as Tiled is in `open_catalog`.
    from sqlalchemy import event
    from tiled.storage import SQLStorage, get_storage
    from tiled.utils import ensure_uri

    uri = ensure_uri(f"sqlite:///{storage.tables}")
    try:
        tables = get_storage(uri)
    except KeyError:
        tables = None
    if not isinstance(tables, SQLStorage):
        raise CatalogError(
            f"Tiled keeps no tables in {uri}. The profile of the catalog in {storage.home} is of "
            "another version; open it with the versions in constraints.txt."
        )
    # Every connection that writes comes out of this pool; Tiled has no setting for it.
    pool = tables._connection_pool  # noqa: SLF001
    if not event.contains(pool, "connect", _wait):
        event.listen(pool, "connect", _wait)


def _wait(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {round(1e3 * WAIT_S)}")
        cursor.fetchall()
