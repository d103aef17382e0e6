"""`bluesky-autofocus demo`: watch a simulated stage find focus."""

import json as json_format
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

__all__ = ["demo"]

NOT_IN_FOCUS, BAD_INPUT, INTERRUPTED = 1, 2, 130


def demo(
    scene: Annotated[
        str | None,
        typer.Option(help="What is under the objective; an unknown name lists the known ones."),
    ] = None,
    stack: Annotated[
        Path | None,
        typer.Option(help="Replay a recorded focal stack instead: a folder with positions.csv."),
    ] = None,
    start: Annotated[
        float | None,
        typer.Option(help="Where the stage starts, in its unit. Default: drawn from the seed."),
    ] = None,
    search: Annotated[str, typer.Option(help="sweep, golden, brent or hill_climb.")] = "sweep",
    seed: Annotated[int, typer.Option(min=0, help="Seed of scene, noise and start.")] = 0,
    fault: Annotated[
        str | None,
        typer.Option(
            help="Let something go wrong: a PV of `fault:`, as NAME or NAME=VALUE, "
            "for instance stage_stall or camera_flicker=0.2."
        ),
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Where to save the figure. Default: focus-UID.png here.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Start a simulated station, bring it into focus, and read the run back.

    Everything is real but the sample and the motor: Channel Access, ophyd devices, a bluesky plan,
    HDF5 frames, and a run in the catalog that databroker reads.

    Exit status: 0 if the run ended in focus, 1 if it ended otherwise, 2 for bad input.
    """
    console = Console(stderr=json)
    try:
        # Device libraries take seconds to import, and read the environment when they are.
        from .demo_request import DemoRequest

        request = DemoRequest.checked(
            scene=scene, stack=stack, start=start, search=search, seed=seed, fault=fault
        )
        from .demo_run import run_demo

        report = run_demo(request, console, figure)
    except AutofocusError as error:
        if json:
            print(json_format.dumps({"error": str(error)}))
        console.print(f"error: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        console.print("Interrupted.", style="red")
        raise typer.Exit(INTERRUPTED) from None
    if json:
        print(json_format.dumps(report.to_json()))
    else:
        report.print(console)
    sys.stdout.flush()
    raise typer.Exit(0 if report.result.in_focus else NOT_IN_FOCUS)
