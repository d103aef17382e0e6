"""`bluesky-autofocus fuse`: the command."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["fuse"]

NOT_RUN, INTERRUPTED = 2, 130


def fuse(
    source: Annotated[
        str,
        typer.Argument(
            metavar="UID|STACK",
            help="A run of the catalog, by its uid or five letters of it or more; or a folder with "
            "positions.csv (file,z,unit) and the images.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for image.tiff, height.tiff, fused.h5 and fused.png; by default "
            "fused-NAME here."
        ),
    ] = None,
    align: Annotated[
        bool, typer.Option(help="Take out shift and focus breathing, where the planes tell them.")
    ] = True,
    window: Annotated[
        float,
        typer.Option(help="Size of the smallest step of the sample that is to be seen, px, 2-100."),
    ] = 6.0,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Fuse a focal stack: one image that is sharp wherever some plane is, and a map of heights.

    A run of the catalog gets a derived run as well; the same command again only reads it. Of a run
    of the plan focus_stack its planes are taken, of any other one all frames.

    Exit status: 0 fused, 2 if not, 130 after Ctrl-C.
    """
    console = Console(file=sys.stderr if json else sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Tiled and matplotlib take seconds to import.
            from .run import run_fuse

            report = run_fuse(source, out, align=align, window_px=window)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(report.to_json())
    else:
        console.print(report.told, markup=False, soft_wrap=True)
