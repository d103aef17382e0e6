"""Where the catalog keeps its files."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ..errors import CatalogError

__all__ = ["HOME_VARIABLE", "Storage", "default_home", "frames_directory", "home_directory"]

HOME_VARIABLE = "BLUESKY_AUTOFOCUS_HOME"
"""Environment variable that names another folder for the catalog."""


@dataclass(frozen=True)
class Storage:
    """The files of one catalog.

    Parameters
    ----------
    home : Path
        The folder that holds them all; absolute.
    """

    home: Path

    @property
    def database(self) -> Path:
        """SQLite file with runs, streams and metadata."""
        return self.home / "catalog.db"

    @property
    def tables(self) -> Path:
        """SQLite file with the events' scalars."""
        return self.home / "tables.db"

    @property
    def arrays(self) -> Path:
        """Folder of arrays that came inside the documents."""
        return self.home / "arrays"

    @property
    def frames(self) -> Path:
        """Folder into which the camera's IOC writes HDF5 files."""
        return self.home / "frames"

    @property
    def backup(self) -> Path:
        """Folder of the journals: runs that are not, or not yet, in the catalog."""
        return self.home / "backup"

    def create(self) -> None:
        """Make the folders.

        Raises
        ------
        CatalogError
            If a folder cannot be made or written to.
        """
        for folder in (self.home, self.arrays, self.frames, self.backup):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CatalogError(
                    f"The catalog's folder {folder} cannot be made ({error}). Make it writable, "
                    f"or set {HOME_VARIABLE} to a folder that is."
                ) from error
            if not os.access(folder, os.W_OK | os.X_OK):
                raise CatalogError(
                    f"The catalog's folder {folder} is read-only; even reading needs to write "
                    f"SQLite's lock there. Make it writable, or set {HOME_VARIABLE} to a folder "
                    "that is."
                )


def default_home() -> Path:
    """Return the folder used when nothing else is said: the user's data directory."""
    return platformdirs.user_data_path("bluesky-autofocus", appauthor=False)


def home_directory(directory: str | Path | None = None) -> Path:
    """Return the folder that holds the catalog; it need not exist yet.

    Parameters
    ----------
    directory : str or Path, optional
        Default: the environment variable BLUESKY_AUTOFOCUS_HOME, else the user's data directory.

    Returns
    -------
    Path
        Absolute, links resolved.
    """
    chosen = directory or os.environ.get(HOME_VARIABLE) or default_home()
    return Path(chosen).expanduser().resolve()


def frames_directory(directory: str | Path | None = None) -> Path:
    """Return the folder into which an IOC must write its frames for the catalog to serve them.

    Parameters
    ----------
    directory : str or Path, optional
        The catalog's folder, as for `home_directory`.

    Returns
    -------
    Path
        ``<home>/frames``; made if missing.

    Raises
    ------
    CatalogError
        If it cannot be made or written to.
    """
    storage = Storage(home_directory(directory))
    storage.create()
    return storage.frames
