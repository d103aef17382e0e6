"""What an evaluation is asked to do, checked before anything starts."""

import os
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Self

from bluesky_autofocus.errors import StationError
from bluesky_autofocus.evaluation import read_optics_file
from bluesky_autofocus.optics import Optics

__all__ = ["EvaluateRequest"]


@dataclass(frozen=True)
class EvaluateRequest:
    """An evaluation that can be run.

    Parameters
    ----------
    stacks : tuple of Path
        Folders as given; whether they hold stacks is seen when they are read.
    optics : Optics or None
        What took them; None if nobody knows.
    focus : float or None
        Where focus is, in the stack's unit; None if nobody knows.
    weights : Path or None
        Weights of the estimator; None takes those shipped.
    figures : tuple of Path
        Where to save the figure of each stack.
    """

    stacks: tuple[Path, ...]
    optics: Optics | None
    focus: float | None
    weights: Path | None
    figures: tuple[Path, ...]

    @classmethod
    def checked(
        cls,
        *,
        stacks: list[Path],
        optics: Path | None,
        focus: float | None,
        weights: Path | None,
        figure: Path | None,
        figures: Path | None,
    ) -> Self:
        """Check the options of the command.

        Parameters
        ----------
        stacks, optics, focus, weights, figure, figures
            The options as given.

        Returns
        -------
        EvaluateRequest
            What to run.

        Raises
        ------
        AutofocusError
            What is wrong, with the value, the limit and what to do.
        """
        if focus is not None and not isfinite(focus):
            raise StationError(f"--focus {focus:g} is not finite. Give a position.")
        if figure is None:
            folder = figures or Path()
            places = _unique([folder / f"evaluation-{_name(stack)}.png" for stack in stacks])
        else:
            if figures is not None:
                raise StationError(
                    f"--figure {figure} and --figures {figures} were both given. Give one of them."
                )
            if len(stacks) > 1:
                raise StationError(
                    f"--figure {figure} is one file, for {len(stacks)} stacks. "
                    "Give a folder with --figures."
                )
            if figure.is_dir():
                raise StationError(f"--figure {figure} is a folder. Give it as --figures.")
            places = [figure]
        _check_folder(places[0].parent)
        return cls(
            stacks=tuple(stacks),
            optics=None if optics is None else read_optics_file(optics),
            focus=focus,
            weights=weights,
            figures=tuple(places),
        )


def _name(stack: Path) -> str:
    return "-".join(part for part in stack.absolute().parts[-2:] if part != os.sep) or "stack"


def _unique(paths: list[Path]) -> list[Path]:
    """Give a number to each path that comes again."""
    found: dict[Path, int] = {}
    unique = []
    for path in paths:
        found[path] = found.get(path, 0) + 1
        again = "" if found[path] == 1 else f"-{found[path]}"
        unique.append(path.with_name(f"{path.stem}{again}.png"))
    return unique


def _check_folder(folder: Path) -> None:
    """Refuse a folder for figures that is none, or whose nearest parent cannot be written to."""
    existing = folder.absolute()
    while not existing.exists():
        existing = existing.parent
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise StationError(
            f"The figures cannot be written to {folder.absolute()}: {existing} is not a folder "
            "that you may write to. Name another place with --figure or --figures."
        )
