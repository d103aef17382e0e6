"""The numbers of a figure as a table in a file."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ..errors import StudyError

__all__ = ["Row", "write_table"]

Row = dict[str, str | float | int | bool]
"""One row: the value of each column. All rows of a table have the same columns."""


def write_table(rows: Sequence[Row], path: Path) -> Path:
    """Write a table as CSV; floats with six digits, NaN as an empty cell.

    Parameters
    ----------
    rows : sequence of Row
        The table.
    path : pathlib.Path
        Where to; the folder is made.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    StudyError
        If there is no row.
    """
    if not rows:
        raise StudyError(f"The table {path.name} has no rows. Record stacks first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return path


def _cell(value: str | float | int | bool) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return str(value)
