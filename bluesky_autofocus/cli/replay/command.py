"""`bluesky-autofocus replay`: stored runs done again."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["replay"]

SOME_FAILED, NOT_RUN, INTERRUPTED = 1, 2, 130


def replay(
    uids: Annotated[
        list[str],
        typer.Argument(
            metavar="UID...", help="Runs of the catalog: uids, or five letters of them or more."
        ),
    ],
    weights: Annotated[
        Path | None, typer.Option(help="Other weights of the estimator; by default those shipped.")
    ] = None,
    optics: Annotated[
        Path | None,
        typer.Option(
            help="YAML with what took the frames, or a station file; by default what the run says."
        ),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(help="Try this search on the stored frames instead of estimating them all."),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(
            help="With --search: depths of field between where it asks for a frame and the nearest "
            "stored one, at most."
        ),
    ] = 0.5,
    workers: Annotated[int, typer.Option(min=1, help="Processes that replay.")] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler whose workers replay, such as HOST:8786."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Estimate the frames of stored runs again, or try another search on them, and compare.

    With --search the stored frames of a dense sweep serve as the stage of another search, and how
    that ends is shown beside how the run did.

    The results become runs of their own in the catalog, derived from the stored ones. The same
    command again only reads what is there already. A run that cannot be replayed does not keep the
    others from it.

    Exit status: 0 all runs replayed; 1 some not, or the same weights gave other estimates than
    recorded; 2 if nothing could be run (bad options); 130 after Ctrl-C.
    """
    console = None if json else Console(file=sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Torch and Tiled take seconds to import.
            from .request import ReplayRequest
            from .run import run_replay

            request = ReplayRequest.checked(
                uids=uids,
                weights=weights,
                optics=optics,
                search=search,
                tolerance=tolerance,
                workers=workers,
                scheduler=scheduler,
            )
            report = run_replay(request, console)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(report.to_json())
    raise typer.Exit(0 if report.good else SOME_FAILED)
