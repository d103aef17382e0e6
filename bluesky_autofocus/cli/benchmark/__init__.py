"""`bluesky-autofocus benchmark`: how good something is, measured on what it has not seen."""

import typer

from ..json_command import JsonCommand
from .estimator import estimator

__all__ = ["benchmark"]

benchmark = typer.Typer(
    help="Measure how good something is, on samples that it has never seen.",
    no_args_is_help=True,
)


@benchmark.callback()
def _group() -> None:
    """Keep `estimator` a command of its own: typer folds a single one into its group."""


benchmark.command(cls=JsonCommand)(estimator)
