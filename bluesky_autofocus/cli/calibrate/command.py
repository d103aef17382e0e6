"""`bluesky-autofocus calibrate`: what a recorded sweep says of a station."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["calibrate"]

NOT_TOLD, NOT_RUN, INTERRUPTED = 1, 2, 130


def calibrate(
    source: Annotated[
        str,
        typer.Argument(
            metavar="UID|STACK",
            help="Uid of a recorded run: of the plan calibrate, or any other sweep; or a folder "
            "with positions.csv and the images.",
        ),
    ],
    station: Annotated[Path, typer.Option(help="The station file to compare with.")],
    sample_pixel: Annotated[
        float | None,
        typer.Option(
            help="Pixel on the sample, µm, where it is known: then the NA is told better."
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the new values to the station file.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Tell blur rate, backlash, position noise and exposure from a sweep, old beside new.

    The station file is changed only with --write, or when a question in a terminal is answered with
    yes. What cannot be told is left as it is, with the reason.

    Exit status: 0 the blur rate was told, 1 it was not, 2 if nothing could be run (bad options,
    no sweep with a focus in it, a file that cannot be written), 130 after Ctrl-C.
    """
    console = None if json else Console(file=sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Torch takes seconds to import.
            from .run import CalibrateRequest, run_calibration, write_changes

            request = CalibrateRequest.checked(source, station, sample_pixel)
            report = run_calibration(request)
            if console is not None:
                report.print_to(console)
            ask = console is not None and sys.stdin.isatty() and console.is_terminal
            if report.to_write and (write or (ask and typer.confirm(f"Write to {station}?"))):
                report = write_changes(report)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except (KeyboardInterrupt, typer.Abort):
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if console is None:
        print_json(report.to_json())
    else:
        console.print(report.ending, markup=False, soft_wrap=True)
    raise typer.Exit(0 if report.told else NOT_TOLD)
