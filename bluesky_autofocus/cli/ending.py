"""How a command ends that has no report."""

import typer
from rich.console import Console

from .json_command import print_json

__all__ = ["ended"]


def ended(said: str, status: int, as_json: bool) -> typer.Exit:
    """Say on standard error, and as JSON if asked for, why there is no report.

    Parameters
    ----------
    said : str
        What to say; an error begins with ``error: ``.
    status : int
        Exit status.
    as_json : bool
        Whether ``--json`` was given.

    Returns
    -------
    typer.Exit
        To be raised.
    """
    if as_json:
        print_json({"error": said.removeprefix("error: ")})
    console = Console(stderr=True, highlight=False)
    console.print(said, style="red", markup=False, soft_wrap=not console.is_terminal)
    return typer.Exit(status)
