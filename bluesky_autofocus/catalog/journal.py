"""A run's documents on disk, one JSON object a line, written before anything else can fail."""

import fcntl
import json
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path
from typing import Any

from .home import Storage
from .metadata import plain

__all__ = ["Journal", "is_in_use", "unwritten_runs"]


class Journal:
    """The file that holds a run's documents until the catalog has them all.

    It is locked while open, so that no other process replays a run that still goes on.

    Parameters
    ----------
    folder : Path
        Where the file goes.
    uid : str
        The run's unique identifier: the file's name. A file of that name that already exists is
        an older backup and is left alone; a number is added to the new one's name.

    Raises
    ------
    OSError
        If the file cannot be made.
    """

    def __init__(self, folder: Path, uid: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = _unused_path(folder, uid)
        self._file = open(self.path, "x", encoding="utf-8")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, name: str, document: Mapping[str, Any]) -> None:
        """Write one document and hand it to the operating system.

        Parameters
        ----------
        name : str
            Kind of document: ``start``, ``event``, …
        document : mapping
            The document. A value that JSON does not have is written as its ``repr``.

        Raises
        ------
        OSError
            If the disk does not take it.
        """
        line = json.dumps({"name": name, "doc": plain(document)}, default=repr)
        self._file.write(line + "\n")
        # Past this process's own buffers: a killed process loses nothing.
        self._file.flush()

    def close(self) -> None:
        """Close the file and release its lock; a second call does nothing."""
        self._file.close()

    def discard(self) -> None:
        """Remove the file: the catalog has the run."""
        self.close()
        self.path.unlink(missing_ok=True)


def _unused_path(folder: Path, uid: str) -> Path:
    names = chain([uid], (f"{uid}-{number}" for number in count(2)))
    return next(path for name in names if not (path := folder / f"{name}.jsonl").exists())


def is_in_use(path: Path) -> bool:
    """Tell whether a recorder, in any process, still writes to a journal.

    Parameters
    ----------
    path : Path
        The journal.

    Returns
    -------
    bool
        Whether it is open somewhere.
    """
    with open(path, encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def unwritten_runs(storage: Storage) -> list[Path]:
    """Return the backup files of runs that never reached the catalog, oldest first.

    Parameters
    ----------
    storage : Storage
        The catalog's files.

    Returns
    -------
    list of Path
        For `replay_backup`. A run that is being recorded now is not among them.
    """
    paths = [path for path in storage.backup.glob("*.jsonl") if not is_in_use(path)]
    return sorted(paths, key=lambda path: path.stat().st_mtime)
