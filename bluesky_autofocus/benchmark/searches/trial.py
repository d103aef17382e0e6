"""One search, done: what it cost and where it ended."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...verdict import Verdict
from ..scenes import LIGHTS, Scene, SceneSpec
from .contenders import end_of
from .look import Look, Task, TooManyFramesError

__all__ = ["Trial", "draw_tasks", "guard_tasks", "tried"]

# Focus keeps away from the ends of the window by this share of it.
INSIDE = 0.9
OUTSIDE = (1.05, 1.6)
# A direction counts from starts farther away than this.
DIRECTED_DOF = 1.0
SATURATING, DARKENING = 12.0, 1e-3


@dataclass(frozen=True)
class Trial:
    """How one search went.

    Parameters
    ----------
    name : str
        Of the search.
    half_dof : float
        Half the window.
    light, family : str
        Of the scene.
    verdict : str
        What the search said.
    frames, moves : int
        What it took.
    error_dof : float
        Where the stage really ended, less where focus is.
    directed : bool
        Whether the start was far enough away for a direction to be wrong, and a third frame taken.
    wrong_direction : bool
        Whether the third frame was on the wrong side of the start.
    violations : int
        Positions asked for outside the window.
    """

    name: str
    half_dof: float
    light: str
    family: str
    verdict: str
    frames: int
    moves: int
    error_dof: float
    directed: bool
    wrong_direction: bool
    violations: int


def draw_tasks(spec: SceneSpec, half_dof: float, starts: int, stream: int) -> list[Task]:
    """Draw where focus and start are, once in every light for each of some starts.

    Parameters
    ----------
    spec : SceneSpec
        The scene.
    half_dof : float
        Half the window.
    starts : int
        How many in each light.
    stream : int
        Another number gives other places.

    Returns
    -------
    list of Task
        Starts lie evenly within the window and within half of it from focus.
    """
    rng, out = spec.rng(stream), []
    for light in LIGHTS:
        for _ in range(starts):
            focus = float(rng.uniform(-INSIDE * half_dof, INSIDE * half_dof))
            start = float(np.clip(focus + rng.uniform(-half_dof, half_dof), -half_dof, half_dof))
            out.append(Task(half_dof, light, focus, start, int(rng.integers(2**31))))
    return out


def guard_tasks(spec: SceneSpec, kind: str, half_dof: float) -> list[Task]:
    """Draw searches that cannot find focus.

    Parameters
    ----------
    spec : SceneSpec
        The scene; without contrast for a blank one.
    kind : str
        ``blank``, ``dark``, ``saturated`` or ``out of range``.
    half_dof : float
        Half the window.

    Returns
    -------
    list of Task
        One.
    """
    rng = spec.rng(100)
    focus, start = (float(rng.uniform(-half_dof, half_dof)) for _ in range(2))
    level = {"dark": DARKENING, "saturated": SATURATING}.get(kind, 1.0)
    if kind == "out of range":
        focus = float(rng.choice([-1.0, 1.0]) * rng.uniform(*OUTSIDE) * half_dof)
    light = tuple(LIGHTS)[spec.index % len(LIGHTS)]
    return [Task(half_dof, light, focus, start, int(rng.integers(2**31)), level)]


def tried(name: str, scene: Scene, task: Task, weights: Path | None) -> Trial:
    """Run one search and see where it ended.

    Parameters
    ----------
    name : str
        One of `contenders.CONTENDERS`.
    scene : Scene
        What is seen.
    task : Task
        Where, and in which light.
    weights : Path or None
        Of the estimator.

    Returns
    -------
    Trial
        How it went.
    """
    look = Look(scene, task)
    try:
        verdict = end_of(name, look, weights)
    except TooManyFramesError:
        verdict = Verdict.NOT_CONVERGED
    asked = np.array(look.asked_dof)
    away = task.focus_dof - task.start_dof
    directed = abs(away) > DIRECTED_DOF and asked.size > 2
    return Trial(
        name=name,
        half_dof=task.half_dof,
        light=task.light,
        family=scene.spec.family,
        verdict=str(verdict),
        frames=look.frames,
        moves=int(np.count_nonzero(np.diff(asked, prepend=task.start_dof))),
        error_dof=look.reached_dof[-1] - task.focus_dof,
        directed=directed,
        wrong_direction=directed and (asked[2] - task.start_dof) * away < 0,
        violations=int(np.count_nonzero(np.abs(asked) > task.half_dof * (1 + 1e-9))),
    )
