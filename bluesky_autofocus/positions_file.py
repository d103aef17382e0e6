"""The list of planes in the folder of a focal stack: ``positions.csv``."""

import csv
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from .errors import FocalStackError

__all__ = ["POSITIONS_FILE", "PlaneRow", "read_positions"]

POSITIONS_FILE = "positions.csv"
COLUMNS = ("file", "z", "unit")
UNITS = {"um": "um", "µm": "um", "μm": "um", "mm": "mm", "index": "index"}


@dataclass(frozen=True)
class PlaneRow:
    """One line of the list.

    Parameters
    ----------
    line : int
        Number of the line in the file, from 1.
    path : pathlib.Path
        The image; it exists and lies inside the folder.
    z : float
        Stage position, finite.
    """

    line: int
    path: Path
    z: float


def read_positions(folder: Path) -> tuple[list[PlaneRow], str]:
    """Read the list and check every line of it.

    Parameters
    ----------
    folder : pathlib.Path
        Holds ``positions.csv`` with the columns ``file,z,unit``; others are ignored.

    Returns
    -------
    rows : list of PlaneRow
        In the order of the file.
    unit : str
        Unit of the positions: ``um``, ``mm`` or ``index``.

    Raises
    ------
    FocalStackError
        With the line, the value and what to do.
    """
    if not folder.is_dir():
        raise FocalStackError(
            f"{folder} is not a folder. Give one that holds {POSITIONS_FILE} and the images."
        )
    path = folder / POSITIONS_FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FocalStackError(
            f"{path} cannot be read: {error}. Write one as UTF-8 with the columns "
            f"{','.join(COLUMNS)}."
        ) from error
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    header = [(name or "").strip() for name in reader.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise FocalStackError(
            f"{path} has the columns {header}, without {', '.join(missing)}. "
            f"Make its first line {','.join(COLUMNS)}."
        )
    reader.fieldnames = header
    rows, units = [], set()
    for record in reader:
        where = f"{path}, line {reader.line_num}"
        values = {name: (record[name] or "").strip() for name in COLUMNS}
        units.add(_unit(values["unit"], where))
        rows.append(
            PlaneRow(reader.line_num, _image(folder, values["file"], where), _z(values["z"], where))
        )
    if len(units) > 1:
        raise FocalStackError(
            f"{path} mixes the units {', '.join(sorted(units))}. Convert all positions to one."
        )
    return rows, units.pop() if units else "index"


def _z(text: str, where: str) -> float:
    try:
        z = float(text)
    except ValueError:
        z = float("nan")
    if not isfinite(z):
        raise FocalStackError(f"{where}: z is {text!r}. Give a finite number.")
    return z


def _unit(text: str, where: str) -> str:
    if text not in UNITS:
        raise FocalStackError(f"{where}: the unit is {text!r}. Give um, mm or index.")
    return UNITS[text]


def _image(folder: Path, name: str, where: str) -> Path:
    path = folder / name
    if not name or not path.resolve().is_relative_to(folder.resolve()):
        raise FocalStackError(
            f"{where}: the file is {name!r}, which is not inside {folder}. "
            "Give the name of an image in that folder."
        )
    if not path.is_file():
        raise FocalStackError(f"{where}: there is no image {path}. Add it, or take the line out.")
    return path
