"""`bluesky-autofocus train`: make the estimator's weights, or fit them to one's own sweeps."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from bluesky_autofocus.errors import AutofocusError

from ..ending import ended
from ..json_command import print_json
from ..quiet import quiet_libraries

__all__ = ["train"]

NOT_SAVED, NOT_RUN, INTERRUPTED = 1, 2, 130


def train(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for examples, checkpoints and weights; by default training, or "
            "fine-tuning, here."
        ),
    ] = None,
    scenes: Annotated[
        int | None,
        typer.Option(help="Simulated scenes to learn from; by default as for the shipped weights."),
    ] = None,
    calibration_scenes: Annotated[
        int | None, typer.Option(help="Scenes of other textures to scale confidence on.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is drawn; 0 or more.")] = 1,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that make scenes; by default one for each core."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of sharp images to draw scenes from, too.")
    ] = None,
    epochs_scale: Annotated[
        float, typer.Option(help="Factor on the passes over the examples.")
    ] = 1.0,
    end_to_end: Annotated[
        bool, typer.Option(help="Fit the end-to-end network of the comparison, too.")
    ] = True,
    device: Annotated[str, typer.Option(help="cpu, or cuda.")] = "cpu",
    runs: Annotated[
        list[str] | None,
        typer.Option(help="Fine-tune on the sweep of this run of the catalog; may be repeated."),
    ] = None,
    stacks: Annotated[
        list[Path] | None,
        typer.Option(help="Fine-tune on this folder with positions.csv; may be repeated."),
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="Weights to fine-tune; by default those shipped."),
    ] = None,
    optics: Annotated[
        Path | None,
        typer.Option(help="What took the sweeps: YAML or a station file; see evaluate."),
    ] = None,
    focus: Annotated[
        list[float] | None,
        typer.Option(help="Where focus is, one for each sweep; by default found in the sweep."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Save weights that got worse on simulated scenes.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, no more.")
    ] = False,
) -> None:
    """Make the estimator's weights from simulated scenes, or fine-tune them to your samples.

    Without --runs and --stacks: from nothing. What was interrupted goes on with the same command.
    Several processes: torchrun --nproc-per-node 2 -m bluesky_autofocus train ...

    Exit status: 0 weights were written, 1 the fine-tuned ones were not worth it, 2 if nothing
    could be run (bad options), 130 after Ctrl-C.
    """
    said = Console(stderr=True, highlight=False)
    try:
        with _ended_like_interrupted(), quiet_libraries():
            # Torch takes seconds to import.
            from .request import TrainRequest
            from .run import run_training

            request = TrainRequest.checked(
                out=out,
                scenes=scenes,
                calibration_scenes=calibration_scenes,
                seed=seed,
                workers=workers,
                images=images,
                epochs_scale=epochs_scale,
                end_to_end=end_to_end,
                device=device,
                runs=runs or [],
                stacks=stacks or [],
                weights=from_,
                optics=optics,
                focus=focus or [],
                force=force,
            )
            report = run_training(request, said)
    except AutofocusError as error:
        raise ended(f"error: {error}", NOT_RUN, json) from None
    except KeyboardInterrupt:
        raise ended(
            "Interrupted. The same command goes on where this one ended.", INTERRUPTED, json
        ) from None
    if report is None:
        # One of several processes, of which the first reports.
        raise typer.Exit(0)
    if json:
        print_json(report.to_json())
    else:
        report.print(Console(file=sys.stdout, highlight=False))
    raise typer.Exit(0 if report.saved else NOT_SAVED)


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Take SIGTERM, which torchrun sends, for Ctrl-C: processes that make scenes end as well."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
