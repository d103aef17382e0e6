"""`bluesky-autofocus study acquire`: focal stacks of simulated samples in several lights."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["acquire"]

INCOMPLETE, NOT_RUN, INTERRUPTED = 1, 2, 130


def acquire(
    study: Annotated[
        str | None,
        typer.Option(help="Name of the study; by default simulated- and the time."),
    ] = None,
    scenes: Annotated[
        str | None,
        typer.Option(
            help="What is under the objective, with commas between; by default nine textures that "
            "the estimator was not trained on, and terraces."
        ),
    ] = None,
    planes: Annotated[
        int, typer.Option(help="Positions of each sweep, an odd number, 7 to 199.")
    ] = 31,
    size: Annotated[int, typer.Option(help="Rows and columns of a frame, 64 to 4096.")] = 1024,
    light: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=FACTOR on the exposure time; may be given again. By default bright=1.4, "
            "normal=1 and dark=0.7."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of scenes and noise; 0 or more.")] = 0,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Record focal stacks of simulated samples: one run a sample, one sweep a light.

    Each sample has a simulated station of its own. At a real station run the plan record_stacks.

    Exit status: 0 all runs are complete, 1 if one is not, 2 if nothing could be run (bad options,
    station or catalog did not start), 130 after Ctrl-C.
    """
    console = Console(file=sys.stderr if json else sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Device libraries take seconds to import, and read the environment when they are.
            from .acquire_request import AcquireRequest

            request = AcquireRequest.checked(
                study=study, scenes=scenes, planes=planes, size=size, lights=light, seed=seed
            )
            from .acquire_run import acquire_stacks

            runs = acquire_stacks(request, lambda line: console.print(line, style="dim"))
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    complete = all(run.result.verdict is None for run in runs)
    if json:
        print_json(
            {
                "study": request.study,
                "seed": request.seed,
                "lights": dict(request.lights),
                "runs": [run.to_json() for run in runs],
            }
        )
    else:
        frames = sum(run.result.frames for run in runs)
        console.print(f"{len(runs)} runs, {frames} frames: study {request.study}", markup=False)
    raise typer.Exit(0 if complete else INCOMPLETE)
