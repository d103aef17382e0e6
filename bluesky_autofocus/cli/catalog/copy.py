"""`bluesky-autofocus catalog copy`: runs of the embedded catalog to a server's."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["copy"]

SOME_FAILED, NOT_RUN, INTERRUPTED = 1, 2, 130


def copy(
    server: Annotated[
        str,
        typer.Argument(
            metavar="SERVER", help="Address of the Tiled server, such as http://127.0.0.1:8000."
        ),
    ],
    uids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[UID]...",
            help="Runs to copy: uids, or five letters of them or more; by default all.",
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the embedded catalog; by default BLUESKY_AUTOFOCUS_HOME or, without "
            "it, the user's."
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Copy runs of the embedded catalog to that of a Tiled server.

    The server's key is read from the environment: TILED_API_KEY.

    Frames stay in their HDF5 files; the server must be allowed to read these where they are, and
    each run is tried. The same command again goes on: runs that are there whole are skipped, one
    that was cut off is copied anew. A run that cannot be copied does not keep the others from it.

    Exit status: 0 all runs are there; 1 some are not; 2 if nothing could be copied (no catalog, no
    server, no key); 130 after Ctrl-C.
    """
    console = None if json else Console(file=sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Tiled takes seconds to import.
            from .run import run_copy

            report = run_copy(server, uids or [], source)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted. The same command goes on.", INTERRUPTED, json) from None
    if json:
        print_json(report.to_json())
    if console is not None:
        console.print(report.sentence, markup=False, soft_wrap=True)
    raise typer.Exit(0 if report.good else SOME_FAILED)
