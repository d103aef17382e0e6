"""Open the catalog inside this process: no server, no port."""

import fcntl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..errors import CatalogError
from .home import Storage, home_directory
from .patience import let_writers_wait
from .profile import PROFILE, forget_profile, register_profile

if TYPE_CHECKING:
    from bluesky_tiled_plugins import CatalogOfBlueskyRuns
    from databroker.v1 import Broker

__all__ = ["Catalog", "open_embedded_catalog"]

_CREATION_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Catalog:
    """An open catalog.

    Parameters
    ----------
    client : CatalogOfBlueskyRuns
        Tiled's client: of the embedded catalog, or ``tiled.client.from_uri(...)`` of a server.
    storage : Storage
        Where backups go.
    profile_path : Path, optional
        The profile that opening it registered.
    """

    client: "CatalogOfBlueskyRuns"
    storage: Storage
    profile_path: Path | None = None

    @property
    def v1(self) -> "Broker":
        """The catalog as ``databroker.Broker.named("autofocus")`` gives it."""
        return self.client.v1

    @property
    def v2(self) -> "CatalogOfBlueskyRuns":
        """The catalog as ``databroker.catalog["autofocus"].v2`` gives it."""
        return self.client.v2

    def how_to_read(self, uid: str) -> str:
        """Return the lines of Python that read a run back in a new process.

        Parameters
        ----------
        uid : str
            The run's unique identifier.

        Returns
        -------
        str
            Python source. For a catalog outside the user's default folder it begins by telling
            Tiled where the profile is.
        """
        read = f'from databroker import Broker; run = Broker.named("{PROFILE}")["{uid}"]'
        if self.profile_path is None or not self.profile_path.is_relative_to(self.storage.home):
            return read
        return f'import os; os.environ["TILED_PROFILES"] = "{self.profile_path.parent}"\n{read}'

    def close(self) -> None:
        """Leave the server, or stop the one in this process; a second call does nothing."""
        self.client.context.close()
        if self.profile_path is not None:
            forget_profile(self.profile_path)

    def __enter__(self) -> Self:
        """Return the catalog itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the catalog."""
        self.close()


def open_embedded_catalog(directory: str | Path | None = None) -> Catalog:
    """Open the catalog, made on first use, and register it under the name ``autofocus``.

    Afterwards ``databroker.Broker.named("autofocus")``, ``databroker.catalog["autofocus"]`` and
    ``tiled.client.from_profile("autofocus")`` work in this process, and for the user's default
    catalog in any other.

    Parameters
    ----------
    directory : str or Path, optional
        The folder that holds the catalog. Default: the environment variable
        BLUESKY_AUTOFOCUS_HOME, else the user's data directory.

    Returns
    -------
    Catalog
        Close it when done; it is a context manager.

    Raises
    ------
    CatalogError
        If the folder cannot be written, the database cannot be opened, or another Tiled profile
        is called ``autofocus``.
    """
    storage = Storage(home_directory(directory))
    storage.create()
    with _creation_lock(storage):
        # First, since it is the step that can refuse: nothing is made for a refused name.
        path = register_profile(storage)
        if not storage.database.exists():
            _create_database(storage.database)
    try:
        client = _client()
    except Exception as error:
        forget_profile(path)
        raise CatalogError(
            f"The catalog in {storage.home} cannot be opened: {error}. If it was made by an older "
            f"Tiled, run: tiled catalog upgrade-database sqlite:///{storage.database}"
        ) from error
    let_writers_wait(storage)
    return Catalog(client, storage, path)


def _client() -> "CatalogOfBlueskyRuns":
    # Tiled takes two seconds to import; who only asks for a path should not wait for it.
    from tiled.client import from_profile

    with warnings.catch_warnings():
        # Tiled's in-process client; it asks Tiled's authors, not us, to change a dependency.
        warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
        import starlette.testclient  # noqa: F401
    return from_profile(PROFILE)


def _create_database(database: Path) -> None:
    uri = f"sqlite:///{database}"
    # In a process of its own, as Tiled does it: the schema's migration owns its event loop.
    process = subprocess.run(
        [sys.executable, "-m", "tiled", "catalog", "init", "--if-not-exists", uri],
        capture_output=True,
        text=True,
        timeout=_CREATION_TIMEOUT_S,
        check=False,
    )
    if process.returncode:
        database.unlink(missing_ok=True)
        raise CatalogError(
            f"The database {database} cannot be made: {process.stderr.strip()[-500:]} "
            "Check that the disk is not full and the folder is writable."
        )


@contextmanager
def _creation_lock(storage: Storage) -> Iterator[None]:
    """Let one process at a time make the catalog."""
    with open(storage.home / ".lock", "w") as file:
        deadline = time.monotonic() + _CREATION_TIMEOUT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise CatalogError(
                        f"Another process has held {file.name} for {_CREATION_TIMEOUT_S:g} s "
                        "while making the catalog. End it and try again."
                    ) from None
                time.sleep(0.05)
        yield
