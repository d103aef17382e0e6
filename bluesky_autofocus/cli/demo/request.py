"""What a demo is asked to do, checked before anything starts."""

import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Self

import numpy as np

from bluesky_autofocus.errors import SceneError, StationError, WindowError
from bluesky_autofocus.evaluation import read_optics_file
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.search import BELIEF, Window, make_search
from devices.sim.faults import Faults
from devices.sim.scene import DEFAULT_SCENE, checked_scene_name

from .stack_search import StackSearch, stack_search

__all__ = ["DemoRequest"]

# As in profile/station.yml: some 60 depths of field to either side.
SCENE_WINDOW_UM = (-450.0, 450.0)


def _say_nothing(line: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class DemoRequest:
    """A demo that can be run.

    Parameters
    ----------
    scene : str or None
        Name of a rendered scene; None replays a stack.
    stack : FocalStack or None
        The stack to replay; None renders a scene.
    window : (float, float)
        Where the stage may go, in `unit`.
    unit : str
        The stage's unit.
    start : float
        Where the stage starts.
    how : StackSearch
        Name of the search, and what is known of the optics.
    seed : int
        Seed of scene, noise and start.
    fault : (str, float) or None
        A fault to switch on after the first frame, and its value.
    figure : Path or None
        Where to save the figure; None names it after the run, in the working directory.
    """

    scene: str | None
    stack: FocalStack | None
    window: tuple[float, float]
    unit: str
    start: float
    how: StackSearch
    seed: int
    fault: tuple[str, float] | None
    figure: Path | None

    @property
    def search(self) -> str:
        """Name of the search."""
        return self.how.search

    @property
    def name(self) -> str:
        """What is under the objective, for titles."""
        if self.stack is None:
            return f"scene {self.scene}"
        return f"stack {'/'.join(self.stack.folder.resolve().parts[-2:])}"

    @classmethod
    def checked(
        cls,
        *,
        scene: str | None,
        stack: Path | None,
        optics: Path | None,
        start: float | None,
        search: str | None,
        seed: int,
        fault: str | None,
        figure: Path | None,
        tell: Callable[[str], None] = _say_nothing,
    ) -> Self:
        """Check the options of the command.

        Parameters
        ----------
        scene, stack, optics, start, search, seed, fault, figure
            The options as given.
        tell : callable, optional
            Told before something takes long.

        Returns
        -------
        DemoRequest
            What to run.

        Raises
        ------
        AutofocusError
            What is wrong, with the value, the limit and what to do.
        """
        if scene is not None and stack is not None:
            raise StationError(
                f"--scene {scene} and --stack {stack} were both given. Give one of them."
            )
        if stack is None and optics is not None:
            raise StationError(
                f"--optics {optics} was given without --stack: a scene has its own. Leave it out."
            )
        if seed < 0:
            raise SceneError(f"--seed {seed} is negative. Give a whole number, 0 or more.")
        recorded = None if stack is None else FocalStack.read(stack)
        if recorded is None:
            window, unit = SCENE_WINDOW_UM, "um"
            scene = checked_scene_name(DEFAULT_SCENE if scene is None else scene)
        else:
            window = float(recorded.positions[0]), float(recorded.positions[-1])
            unit = recorded.unit
        if start is None:
            start = round(float(np.random.default_rng(seed).uniform(*window)), 3)
        if not (isfinite(start) and window[0] <= start <= window[1]):
            raise WindowError(
                f"--start {start:g} {unit} is outside the window [{window[0]:g}, {window[1]:g}]. "
                "Give a position inside it."
            )
        if search is not None:
            make_search(search, window=Window(*window), start_dof=start)
        chosen = _checked_fault(fault)
        _check_figure(figure)
        if recorded is None:
            how = StackSearch(search or BELIEF, None, "simulated", "")
        else:
            known = None if optics is None else read_optics_file(optics)
            how = stack_search(recorded, search, known, tell)
        return cls(scene, recorded, window, unit, start, how, seed, chosen, figure)


def _checked_fault(said: str | None) -> tuple[str, float] | None:
    if said is None:
        return None
    name, _, value = said.partition("=")
    known = {field.name: field.type for field in fields(Faults)}
    if name not in known:
        raise StationError(f"There is no fault {name!r}. Choose one of: {', '.join(known)}.")
    if not value and known[name] is bool:
        return name, 1.0
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise StationError(
            f"--fault {said}: {value!r} is not a number. Give one, for instance {name}=0.1."
        )
    return name, number


def _check_figure(path: Path | None) -> None:
    folder = Path() if path is None else path.parent
    if path is not None and path.is_dir():
        raise StationError(f"--figure {path} is a folder. Give the name of a file in it.")
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise StationError(
            f"The figure cannot be written to {folder.absolute()}: it is not a folder that you may "
            "write to. Name another place with --figure."
        )
