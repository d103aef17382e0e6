"""Evaluate stacks one after the other."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bluesky_autofocus.errors import FocalStackError, FrameError
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.evaluation import (
    evaluate_planes,
    evaluation_figure,
    fit_sampling,
    read_planes,
    stack_full_scale,
)
from bluesky_autofocus.figure import save_figure
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.optics import Optics, optics_of_sampling
from bluesky_autofocus.scale import UM_PER_UNIT

from .report import EvaluatedStack, EvaluateReport
from .request import EvaluateRequest
from .tables import print_stack

__all__ = ["run_evaluation"]


def run_evaluation(request: EvaluateRequest, console: Console | None) -> EvaluateReport:
    """Evaluate all stacks that can be.

    Parameters
    ----------
    request : EvaluateRequest
        What to run.
    console : rich.console.Console or None
        Where to tell about each stack, if a person is to be told. Progress and errors go to
        standard error.

    Returns
    -------
    EvaluateReport
        What was found, and which stacks could not be evaluated.

    Raises
    ------
    AutofocusError
        If no stack can be evaluated, such as for wrong weights.
    """
    estimator = SharpnessEstimator(
        request.optics or optics_of_sampling(1.0), weights=request.weights
    )
    report = EvaluateReport(
        optics=request.optics,
        version=estimator.version,
        weights_sha256=estimator.weights_sha256,
    )
    said = Console(stderr=True, highlight=False)
    for folder, figure in zip(request.stacks, request.figures, strict=True):
        try:
            evaluated = _evaluate(folder, figure, request, said)
        except (FocalStackError, FrameError, OSError) as error:
            report = report.with_failed(folder, str(error))
            said.print(f"{folder}: {error}", style="red", markup=False, soft_wrap=True)
        else:
            report = report.with_stack(evaluated)
            if console is not None:
                print_stack(evaluated, request.optics, console)
    return report


def _evaluate(
    folder: Path, figure: Path, request: EvaluateRequest, said: Console
) -> EvaluatedStack:
    stack = FocalStack.read(folder)
    if not said.is_terminal:
        said.print(f"{folder}: {len(stack)} planes", markup=False, soft_wrap=True)
    full_scale = stack_full_scale(stack.plane(index) for index in range(len(stack)))

    def estimator_of(optics: Optics) -> SharpnessEstimator:
        return SharpnessEstimator(optics, full_scale=full_scale, weights=request.weights)

    sampling, optics = None, request.optics
    if optics is None:
        sampling = fit_sampling(stack, lambda q: estimator_of(optics_of_sampling(q)))
        optics = optics_of_sampling(sampling.sampling_q)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=said, transient=True, disable=not said.is_terminal
    ) as progress:
        task = progress.add_task(str(folder), total=len(stack))
        planes = read_planes(
            stack,
            estimator_of(optics),
            sampling=sampling,
            on_plane=lambda: progress.advance(task),
        )
    evaluation = evaluate_planes(
        stack,
        planes,
        depth_of_field=_depth_of_field(request.optics, stack.unit),
        sampling=sampling,
        reference=request.focus,
    )
    title = f"{evaluation.name}: {len(stack)} planes, estimator {estimator_of(optics).version}"
    drawn = evaluation_figure(evaluation, stack, title=title)
    return EvaluatedStack(
        folder=folder,
        shape=stack.shape,
        full_scale=full_scale,
        evaluation=evaluation,
        figure=save_figure(drawn, figure),
    )


def _depth_of_field(optics: Optics | None, unit: str) -> float | None:
    """Return the depth of field in a stack's unit, if both are known."""
    if optics is None or unit not in UM_PER_UNIT:
        return None
    return optics.depth_of_field_um / UM_PER_UNIT[unit]
