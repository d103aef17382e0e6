"""The Tiled profile through which every process finds the catalog by its name."""

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from ..errors import CatalogError
from .home import HOME_VARIABLE, Storage, default_home

__all__ = [
    "PROFILE",
    "forget_profile",
    "profile_directory",
    "profile_text",
    "register_profile",
    "register_server",
]

PROFILE = "autofocus"
"""The catalog's name in databroker and Tiled."""

_own_directories: list[Path] = []
"""Folders that this process added to Tiled's search path, once for each open catalog."""


def profile_text(storage: Storage) -> str:
    """Return the profile: the packaged Tiled configuration with the catalog's folder filled in.

    Parameters
    ----------
    storage : Storage
        The catalog's files.

    Returns
    -------
    str
        YAML.
    """
    template = files("bluesky_autofocus.catalog").joinpath("tiled.yml").read_text()
    config = yaml.safe_load(template.replace(f"${{{HOME_VARIABLE}}}", str(storage.home)))
    return f"# Written by bluesky-autofocus: the catalog in {storage.home}\n" + yaml.safe_dump(
        {PROFILE: {"direct": config}}, sort_keys=False
    )


def profile_directory(storage: Storage) -> Path:
    """Return the folder of the catalog's profile.

    The user's default catalog is found by its name from any process, so its profile lies with
    the user's other Tiled profiles. A catalog elsewhere keeps its profile in its own folder and
    leaves the user's alone; TILED_PROFILES set to that folder makes its name known.

    Parameters
    ----------
    storage : Storage
        The catalog's files.

    Returns
    -------
    Path
        The folder; it need not exist yet.
    """
    if storage.home == default_home().resolve():
        return _user_directory()
    return storage.home / "profiles"


def register_profile(storage: Storage) -> Path:
    """Make the catalog known by its name; call while holding the catalog's lock.

    Parameters
    ----------
    storage : Storage
        The catalog's files.

    Returns
    -------
    Path
        The profile's file.

    Raises
    ------
    CatalogError
        If another profile of this name exists, or the file cannot be written.
    """
    directory = profile_directory(storage)
    path = directory / f"{PROFILE}.yml"
    if directory == _user_directory():
        _refuse_other_profiles(storage, path)
    return _register(path, profile_text(storage))


def register_server(storage: Storage, address: str) -> Path:
    """Make the catalog of a server known by the same name, in preference to the embedded one.

    Parameters
    ----------
    storage : Storage
        The files beside it. Its profile lies in a folder of its own in there, ``served``, which
        TILED_PROFILES makes known to other processes; that of the embedded catalog stays.
    address : str
        The server's.

    Returns
    -------
    Path
        The profile's file.

    Raises
    ------
    CatalogError
        If the file cannot be written.
    """
    said = f"# Written by bluesky-autofocus: the catalog that {storage.home} has on a server\n"
    text = said + yaml.safe_dump({PROFILE: {"uri": address}})
    return _register(storage.home / "served" / f"{PROFILE}.yml", text)


def forget_profile(path: Path) -> None:
    """Undo one `register_profile` in this process; the file stays.

    Parameters
    ----------
    path : Path
        What `register_profile` returned.
    """
    from tiled import profiles

    if path.parent in _own_directories:
        latest_first = _own_directories[::-1]
        latest_first.remove(path.parent)
        _search(latest_first[::-1])
    profiles.load_profiles.cache_clear()


def _register(path: Path, text: str) -> Path:
    from tiled import profiles

    try:
        if not path.is_file() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
    except OSError as error:
        raise CatalogError(
            f"The Tiled profile {path} cannot be written ({error}). Make its folder writable, or "
            f"set {HOME_VARIABLE} to a folder of your own: the profile is then kept in there."
        ) from error
    if path.parent != _user_directory():
        _search([*_own_directories, path.parent])
    profiles.load_profiles.cache_clear()
    return path


def _search(directories: list[Path]) -> None:
    """Have Tiled search these folders after, and so in preference to, the ones it had."""
    from tiled import profiles

    usual = [path for path in profiles.paths if path not in _own_directories]
    _own_directories[:] = directories
    # Each once, at the place of its last opening: the last path has the highest precedence.
    ours = dict.fromkeys(reversed(directories))
    profiles.paths[:] = [*usual, *reversed(ours)]


def _user_directory() -> Path:
    from tiled import profiles

    return [path for path in profiles.paths if path not in _own_directories][-1]


def _refuse_other_profiles(storage: Storage, path: Path) -> None:
    from tiled import profiles

    for level in profiles.gather_profiles(profiles.paths, strict=False):
        for source, content in level.items():
            if source.parent in _own_directories or PROFILE not in content:
                continue
            if source == path and _database(content[PROFILE]) == f"sqlite:///{storage.database}":
                continue
            raise CatalogError(
                f"A Tiled profile named {PROFILE!r} already exists in {source}; it is not that of "
                f"the catalog in {storage.home}. Rename or remove that profile, or set "
                f"{HOME_VARIABLE} to a folder of your own: the profile is then kept in there."
            )


def _database(profile: dict[str, Any]) -> str | None:
    try:
        return profile["direct"]["trees"][0]["args"]["uri"]
    except (KeyError, IndexError, TypeError):
        return None


def _replace(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
