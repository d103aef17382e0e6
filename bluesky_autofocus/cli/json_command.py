"""A command whose every answer is JSON once ``--json`` was asked for."""

import json
from math import isfinite
from typing import Any

import typer
from typer.core import TyperCommand

__all__ = ["JsonCommand", "print_json"]


class JsonCommand(TyperCommand):
    """A command that also says as JSON what is wrong with its options."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        """Read the options.

        Parameters
        ----------
        info_name : str or None
            Name of the command.
        args : list of str
            Its arguments.
        *rest, **extra
            As typer has it.

        Returns
        -------
        typer.Context
            The options.
        """
        as_json = "--json" in args
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except typer.TyperException as error:
            if as_json:
                print_json({"error": error.format_message()})
            raise


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object on standard output.

    Parameters
    ----------
    content : dict
        Numbers that JSON does not have become null.
    """
    known = {
        key: None if isinstance(value, float) and not isfinite(value) else value
        for key, value in content.items()
    }
    print(json.dumps(known, allow_nan=False), flush=True)
