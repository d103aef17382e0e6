"""`bluesky-autofocus study figures`: tables and pictures of a recorded study."""

import sys
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

if TYPE_CHECKING:
    from bluesky_autofocus.studies import StudyResult

__all__ = ["figures"]

NOT_RUN, INTERRUPTED = 2, 130
WIDTH = 120


def figures(
    out: Annotated[Path, typer.Option(help="Folder for the tables and the pictures; it is made.")],
    study: Annotated[
        str | None,
        typer.Option(help="Name of the study; by default that of the latest recorded run."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Make the figures of the paper's supplement from the recorded focal stacks of a study.

    Each figure comes with its numbers as CSV, and as PDF and PNG; summary.csv has them beside the
    supplement's own.

    Exit status: 0 made, whatever came out; 2 if nothing could be made; 130 after Ctrl-C.
    """
    console = Console(file=sys.stderr if json else sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Torch takes seconds to import.
            from bluesky_autofocus.catalog import open_catalog
            from bluesky_autofocus.errors import StudyError
            from bluesky_autofocus.studies import make_study

            try:
                out.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StudyError(
                    f"The folder {out} cannot be made: {error}. Give another one."
                ) from error
            with open_catalog() as catalog:
                result = make_study(
                    catalog, out, study=study, tell=lambda line: console.print(line, style="dim")
                )
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(_to_json(result))
    else:
        wide = console if console.is_terminal else Console(file=sys.stdout, width=WIDTH)
        _print(result, wide)


def _to_json(result: "StudyResult") -> dict[str, Any]:
    return {
        "study": result.study,
        "stacks": result.stacks,
        "frames": result.frames,
        "summary": [
            {
                key: None if isinstance(value, float) and not isfinite(value) else value
                for key, value in row.items()
            }
            for row in result.summary
        ],
        "files": [str(path) for path in result.files],
    }


def _print(result: "StudyResult", console: Console) -> None:
    first = result.summary[0]
    simulated = " (simulated)" if first["simulated"] else ""
    table = Table(
        title=f"Study {result.study}{simulated}: {result.stacks} focal stacks, {result.frames} "
        f"frames, held against the {first['truth']}"
    )
    for column in ("figure", "quantity", "supplement", "measured"):
        table.add_column(column, justify="right" if column == "measured" else "left")
    for row in result.summary:
        measured = float(row["measured"])
        shown = f"{measured:.4g}" if isfinite(measured) else "-"
        table.add_row(str(row["figure"]), str(row["quantity"]), str(row["supplement"]), shown)
    console.print(table)
    console.print(f"Tables and pictures: {result.files[0].parent.absolute()}", soft_wrap=True)
