"""`bluesky-autofocus demo`: watch a simulated stage find focus."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["demo"]

NOT_IN_FOCUS, NOT_RUN, INTERRUPTED = 1, 2, 130


def demo(
    scene: Annotated[
        str | None,
        typer.Option(
            help="What is under the objective, by default grain; an unknown name lists all."
        ),
    ] = None,
    stack: Annotated[
        Path | None,
        typer.Option(help="Replay a recorded focal stack instead: a folder with positions.csv."),
    ] = None,
    optics: Annotated[
        Path | None,
        typer.Option(
            help="What took the stack: YAML as for evaluate, or a station file; by default it is "
            "fitted to the stack, and if none fits, unknown."
        ),
    ] = None,
    start: Annotated[
        float | None,
        typer.Option(help="Where the stage starts, in its unit; by default drawn from the seed."),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            help="belief, sweep, golden, brent or hill_climb; by default belief, and sweep for a "
            "stack that no optics fit."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of scene, noise and start; 0 or more.")] = 0,
    fault: Annotated[
        str | None,
        typer.Option(
            help="Let something go wrong after the first frame: NAME or NAME=VALUE, such as "
            "stage_stall or camera_flicker=0.2; an unknown name lists all."
        ),
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Where to save the figure; by default focus-UID.png here.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Start a simulated station, bring it into focus, and read the run back.

    Everything is real but the sample and the motor: Channel Access, ophyd devices, a bluesky
    plan, HDF5 frames, and a run in the catalog that databroker reads.

    Exit status: 0 in focus, 1 not in focus, 2 if the demo could not be run (bad input), 130
    after Ctrl-C.
    """
    console = Console(file=sys.stderr if json else sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Device libraries take seconds to import, and read the environment when they are.
            from .request import DemoRequest

            request = DemoRequest.checked(
                scene=scene,
                stack=stack,
                optics=optics,
                start=start,
                search=search,
                seed=seed,
                fault=fault,
                figure=figure,
                tell=lambda line: console.print(line, style="dim"),
            )
            from .run import run_demo

            report = run_demo(request, console)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(report.to_json())
    else:
        report.print(console)
    raise typer.Exit(0 if report.result.in_focus else NOT_IN_FOCUS)
