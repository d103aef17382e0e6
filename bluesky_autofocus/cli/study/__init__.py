"""`bluesky-autofocus study`: the figures of the paper's supplement, from recorded focal stacks."""

import typer

from ..json_command import JsonCommand
from .acquire import acquire
from .figures import figures

__all__ = ["study"]

study = typer.Typer(
    help="Record focal stacks in several lights, and make the paper's figures of them.",
    no_args_is_help=True,
)


study.command(cls=JsonCommand)(acquire)
study.command(cls=JsonCommand)(figures)
