"""Change values in a station file and leave its comments where they are."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bluesky_autofocus.errors import StationError

from .station_file import read_station_file

__all__ = ["write_station_values"]

Value = float | None


def write_station_values(path: Path | str, values: Mapping[str, Value]) -> None:
    """Change a station file in place, all or nothing.

    Parameters
    ----------
    path : path-like
        The station file.
    values : mapping of str to float or None
        New values by their dotted keys, such as ``approach.backlash``; None takes a key out.

    Raises
    ------
    StationError
        If the file cannot be read or written, is laid out in a way in which its values are not
        found line by line, or would not be a valid station file afterwards: then it is left alone.
    """
    path = Path(path)
    read_station_file(path)
    text = path.read_text(encoding="utf-8")
    wanted: dict[str, Any] = yaml.safe_load(text)
    lines = text.splitlines()
    for key, value in values.items():
        _put(wanted, key, value)
        lines = _edited(lines, key, value)
    edited = "\n".join(lines) + "\n"
    try:
        fits = yaml.safe_load(edited) == wanted
    except yaml.YAMLError:
        fits = False
    if not fits:
        said = ", ".join(f"{key}: {value}" for key, value in values.items())
        raise StationError(
            f"The station file {path} is not laid out one key a line, as profile/station.yml is, "
            f"and was left alone. Write by hand: {said} (None: take it out)."
        )
    _replace(path, edited)


def _put(settings: dict[str, Any], key: str, value: Value) -> None:
    *sections, name = key.split(".")
    for section in sections:
        settings = settings.setdefault(section, {})
    if value is None:
        settings.pop(name, None)
    else:
        settings[name] = value


def _edited(lines: list[str], key: str, value: Value) -> list[str]:
    section, _, name = key.rpartition(".")
    begin, end, indent = 0, len(lines), ""
    if section:
        heads = [i for i, line in enumerate(lines) if re.match(rf"{section}:\s*(#.*)?$", line)]
        if not heads:
            return lines if value is None else [*lines, f"{section}:", f"  {name}: {_said(value)}"]
        begin = heads[0] + 1
        end = next((i for i in range(begin, len(lines)) if re.match(r"[^\s#]", lines[i])), end)
        indents = [re.match(r"\s+(?=[^\s#])", line) for line in lines[begin:end]]
        indent = next((found.group() for found in indents if found), "  ")
    for i in range(begin, end):
        found = re.match(rf"({indent}{name}:[ \t]*)([^#\s]*)(.*)$", lines[i])
        if found and value is None:
            return lines[:i] + lines[i + 1 :]
        if found:
            space = "" if found[1].endswith(" ") else " "
            new = f"{found[1]}{space}{_said(value)}{found[3]}"
            return [*lines[:i], new, *lines[i + 1 :]]
    if value is None:
        return lines
    at = begin if section else end
    return [*lines[:at], f"{indent}{name}: {_said(value)}", *lines[at:]]


def _said(value: float | None) -> str:
    # YAML reads 1e-05 as text: it wants a point in a number with an exponent.
    return yaml.safe_dump(value).splitlines()[0]


def _replace(path: Path, text: str) -> None:
    """Write beside the file and put it in its place once it is known to be a station file."""
    path = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            read_station_file(name)
            os.chmod(name, path.stat().st_mode)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise StationError(
            f"The station file {path} cannot be written: {error}. Check its permissions."
        ) from error
