"""Reach a catalog behind a Tiled server, where there is one."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CatalogError
from .home import Storage, home_directory
from .opening import Catalog, open_embedded_catalog
from .profile import register_server

if TYPE_CHECKING:
    from bluesky_tiled_plugins import CatalogOfBlueskyRuns

__all__ = ["KEY_VARIABLE", "SERVER_VARIABLE", "connect_catalog", "open_catalog"]

KEY_VARIABLE = "TILED_API_KEY"
"""Environment variable from which Tiled's clients read the server's key."""


SERVER_VARIABLE = "BLUESKY_AUTOFOCUS_SERVER"
"""Environment variable with the address of the server that has the catalog instead of the home."""


def open_catalog(directory: str | Path | None = None) -> Catalog:
    """Open the catalog of this user or station.

    It is the embedded one, as `open_embedded_catalog` has it, unless the environment variable
    BLUESKY_AUTOFOCUS_SERVER holds the address of a Tiled server: then it is that server's, under
    the same name, ``autofocus``, in databroker and Tiled.

    Parameters
    ----------
    directory : str or Path, optional
        The folder that holds the catalog, or beside a server the backups and the profile. Another
        folder than BLUESKY_AUTOFOCUS_HOME holds a catalog of its own, which is always embedded.

    Returns
    -------
    Catalog
        Close it when done; it is a context manager.

    Raises
    ------
    CatalogError
        If the folder cannot be written, or the catalog cannot be opened.
    """
    server = os.environ.get(SERVER_VARIABLE)
    storage = Storage(home_directory(directory))
    if not server or storage.home != home_directory():
        return open_embedded_catalog(directory)
    catalog = connect_catalog(server, storage)
    try:
        path = register_server(storage, str(catalog.client.context.api_uri))
    except CatalogError:
        catalog.close()
        raise
    return replace(catalog, profile_path=path)


def connect_catalog(server: str, storage: Storage) -> Catalog:
    """Reach a catalog behind a Tiled server.

    Parameters
    ----------
    server : str
        Its address, such as ``http://127.0.0.1:8000``. The key comes from TILED_API_KEY.
    storage : Storage
        Where backups go.

    Returns
    -------
    Catalog
        Close it when done; it is a context manager.

    Raises
    ------
    CatalogError
        If nobody answers, the key is wrong, or what is served is no catalog of runs.
    """
    storage.create()
    client = _client(server)
    if not any(spec.name == "CatalogOfBlueskyRuns" for spec in client.specs):
        client.context.close()
        raise CatalogError(
            f"What {server} serves is no catalog of runs. Serve it with profile/tiled/config.yml "
            "or postgresql.yml: the spec CatalogOfBlueskyRuns is missing."
        )
    return Catalog(client, storage)


def _client(server: str) -> "CatalogOfBlueskyRuns":
    from httpx import HTTPError, InvalidURL
    from tiled.client import from_uri

    try:
        return from_uri(server)
    except (HTTPError, InvalidURL, RuntimeError, ValueError) as error:
        # RuntimeError is Tiled's answer to a key that is missing.
        raise CatalogError(
            f"No catalog can be reached at {server} ({type(error).__name__}: "
            f"{str(error).strip() or 'no answer'}). Check the address, that `tiled serve` runs, "
            f"and that {KEY_VARIABLE} holds the server's key."
        ) from error
