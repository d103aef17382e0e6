"""`bluesky-autofocus benchmark search`: searches side by side on held-out scenes."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["search"]

NOT_RUN, INTERRUPTED = 2, 130
WIDTH = 130


def search(
    seed: Annotated[int, typer.Option(help="Seed of scenes, places and noise; 0 or more.")] = 0,
    runs: Annotated[
        int | None,
        typer.Option(
            help="Searches by belief in each window, by default 2000; of every other search a "
            "sixth."
        ),
    ] = None,
    searches: Annotated[
        str | None,
        typer.Option(
            help="Some of the searches, with semicolons between; by default all; an unknown name "
            "lists them."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few of everything: a look, too little to judge by.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes that render and search.")] = 1,
    weights: Annotated[
        Path | None, typer.Option(help="Other weights of the estimator; by default those shipped.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="File in which each scene's searches are kept, one line of JSON a scene; the same "
            "command goes on there."
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Compare the search by belief with others, on simulated samples it has never seen.

    Frames, success, error, wrong directions and time from fifty and a hundred depths of field, by
    light and texture, and the verdicts where no focus can be found.

    Exit status: 0 measured, whatever came out; 2 if it could not be; 130 after Ctrl-C.
    """
    console = Console(file=sys.stdout, highlight=False)
    # What is not a terminal has no width; the widest table needs this much.
    console = console if console.is_terminal else Console(file=sys.stdout, width=WIDTH)
    try:
        with quiet_libraries():
            # Torch takes seconds to import.
            from bluesky_autofocus.benchmark import Conditions
            from bluesky_autofocus.benchmark.searches import (
                FULL_RUNS,
                QUICK_RUNS,
                run_search_benchmark,
                search_json,
            )
            from bluesky_autofocus.benchmark.searches.contenders import CONTENDERS

            from .progress import shown_progress
            from .search_tables import print_searches

            usual = QUICK_RUNS if quick else FULL_RUNS
            asked = [name.strip() for name in searches.split(";")] if searches else None
            with shown_progress() as track:
                result = run_search_benchmark(
                    Conditions(seed=seed, weights=weights, workers=workers, track=track),
                    usual if runs is None else runs,
                    tuple(CONTENDERS if asked is None else asked),
                    out,
                )
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(search_json(result))
    else:
        print_searches(result, console)
