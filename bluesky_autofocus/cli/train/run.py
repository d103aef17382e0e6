"""Train or fine-tune as asked, with progress."""

from contextlib import ExitStack

from rich.console import Console

from bluesky_autofocus.estimator.training.fine_tune import fine_tune
from bluesky_autofocus.estimator.training.run import train

from .progress import shown
from .report import TrainReport
from .request import TrainRequest

__all__ = ["run_training"]


def run_training(request: TrainRequest, said: Console) -> TrainReport | None:
    """Do what was asked.

    Parameters
    ----------
    request : TrainRequest
        What to do.
    said : rich.console.Console
        Where to tell how far it is.

    Returns
    -------
    TrainReport or None
        What came of it; None in all but the first of several processes.

    Raises
    ------
    AutofocusError
        If it cannot be done.
    """
    with ExitStack() as stack:
        if request.fine_tuning:
            # Bluesky and Tiled take seconds to import.
            from .sweeps import catalog_of, sweeps_of

            catalog = catalog_of(request)
            if catalog is not None:
                stack.enter_context(catalog)
            sweeps = sweeps_of(request, catalog)
            tell = stack.enter_context(shown(said))
            tuned = fine_tune(
                request.out,
                request.options,
                sweeps,
                weights=request.weights,
                force=request.force,
                workers=request.workers,
                device=request.device,
                progress=tell,
            )
            return TrainReport(request.out, tuned.weights, tuned.card)
        tell = stack.enter_context(shown(said))
        result = train(
            request.out,
            request.options,
            workers=request.workers,
            device=request.device,
            progress=tell,
        )
        return None if result is None else TrainReport(request.out, result.weights, result.card)
