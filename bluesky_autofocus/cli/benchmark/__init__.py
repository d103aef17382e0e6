"""`bluesky-autofocus benchmark`: how good something is, measured on what it has not seen."""

import typer

from ..json_command import JsonCommand
from .estimator import estimator
from .search import search

__all__ = ["benchmark"]

benchmark = typer.Typer(
    help="Measure how good something is, on samples that it has never seen.",
    no_args_is_help=True,
)


benchmark.command(cls=JsonCommand)(estimator)
benchmark.command(cls=JsonCommand)(search)
