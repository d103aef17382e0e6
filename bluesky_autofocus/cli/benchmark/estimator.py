"""`bluesky-autofocus benchmark estimator`: the sharpness estimator on held-out scenes."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["estimator"]

NOT_RUN, INTERRUPTED = 2, 130
WIDTH = 130


def estimator(
    seed: Annotated[int, typer.Option(help="Seed of scenes and noise; 0 or more.")] = 0,
    scenes: Annotated[
        int | None,
        typer.Option(help="Held-out scenes of frames and maps, half as many stacks; 1 or more."),
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            help="Some of frames, stacks, decision, maps, guards, latency and memory, with commas "
            "between; by default all."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few of everything: a look, too little to judge by.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes that render and estimate.")] = 1,
    weights: Annotated[
        Path | None, typer.Option(help="Other weights of the estimator; by default those shipped.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Measure the sharpness estimator on simulated samples of textures it has never seen.

    Errors of sharpness and distance, coverage of its intervals, the sharpness ratio in bright,
    normal and dark light, wrong decisions, maps, frames that must be flagged, latency and memory;
    beside it the classical focus measures and an end-to-end distance network.

    Exit status: 0 measured, whatever came out; 2 if it could not be; 130 after Ctrl-C.
    """
    console = Console(file=sys.stdout, highlight=False)
    # What is not a terminal has no width; the widest table needs this much.
    console = console if console.is_terminal else Console(file=sys.stdout, width=WIDTH)
    try:
        with quiet_libraries():
            # Torch takes seconds to import.
            from bluesky_autofocus.benchmark import (
                FULL,
                PARTS,
                QUICK,
                Conditions,
                run_benchmark,
                to_json,
            )

            from .progress import shown_progress
            from .tables import print_result

            sizes = QUICK if quick else FULL
            with shown_progress() as track:
                result = run_benchmark(
                    Conditions(seed=seed, weights=weights, workers=workers, track=track),
                    sizes if scenes is None else sizes.with_scenes(scenes),
                    PARTS if parts is None else tuple(parts.split(",")),
                )
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(to_json(result))
    else:
        print_result(result, console)
