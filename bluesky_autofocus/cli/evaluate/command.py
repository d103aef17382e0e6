"""`bluesky-autofocus evaluate`: estimator and classical measures on recorded focal stacks."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["evaluate"]

SOME_FAILED, NOT_RUN, INTERRUPTED = 1, 2, 130


def evaluate(
    stacks: Annotated[
        list[Path],
        typer.Argument(
            metavar="STACK...", help="Folders with positions.csv (file,z,unit) and the images."
        ),
    ],
    optics: Annotated[
        Path | None,
        typer.Option(
            help="YAML with numerical_aperture, wavelength_um, magnification and pixel_um, or a "
            "station file; by default the optics are unknown and the scale is fitted."
        ),
    ] = None,
    focus: Annotated[
        float | None,
        typer.Option(
            help="Where focus is, in the stack's unit; by default the peak of blurred_gradient."
        ),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Other weights of the estimator; by default those shipped.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Where to save the figure of a single stack, a PNG.")
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(help="Folder for the figures, evaluation-NAME.png each; by default here."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Estimate each plane of recorded focal stacks, and compare with where it was taken.

    For each stack: sharpness, distance and validity of every plane, the focus position by the
    estimator and by each classical measure, how well each ranks the planes by their distance from
    focus, and a figure. A stack that cannot be evaluated does not keep the others from it.

    Exit status: 0 all stacks evaluated, 1 some not, 2 if nothing could be run (bad options), 130
    after Ctrl-C.
    """
    console = None if json else Console(file=sys.stdout, highlight=False)
    try:
        with quiet_libraries():
            # Torch and matplotlib take seconds to import.
            from .request import EvaluateRequest
            from .run import run_evaluation

            request = EvaluateRequest.checked(
                stacks=stacks,
                optics=optics,
                focus=focus,
                weights=weights,
                figure=figure,
                figures=figures,
            )
            report = run_evaluation(request, console)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended("Interrupted.", INTERRUPTED, json) from None
    if json:
        print_json(report.to_json())
    raise typer.Exit(SOME_FAILED if report.failed else 0)
