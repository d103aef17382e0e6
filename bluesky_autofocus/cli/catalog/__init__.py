"""`bluesky-autofocus catalog`: look after the catalog of runs."""

import typer

from ..json_command import JsonCommand
from .copy import copy

__all__ = ["catalog"]

catalog = typer.Typer(help="Look after the catalog of runs.", no_args_is_help=True)


# Without it a group of one command would be that command.
@catalog.callback()
def _main() -> None:
    pass


catalog.command(cls=JsonCommand)(copy)
