"""One search, done: what it cost and where it ended."""

from dataclasses import dataclass
from pathlib import Path

from ...verdict import Outcome, Side, Verdict
from .contenders import end_of
from .look import Look, SeenScene, Task, TooManyFramesError

__all__ = ["INSIDE_DOF", "Trial", "tried"]

INSIDE_DOF = 0.5
"""In focus means not farther away than this."""

# A direction counts from places farther away than this.
DIRECTED_DOF = 1.0
FIRST_FRAMES = 2


@dataclass(frozen=True)
class Trial:
    """How one search went.

    Parameters
    ----------
    name : str
        Of the search.
    half_dof : float
        Half the window.
    scene : int
        Number of the scene.
    light, family : str
        Of the scene.
    start_dof : float
        Where the stage started, less where focus is.
    verdict : str
        What the search said.
    side_right : bool
        With `out_of_range`: whether focus is beyond the end that it named.
    frames, moves : int
        What it took.
    last_dof, end_dof : float
        Where the sample was when the search ended, less where focus is; and where it is left: at
        the start again after anything but `in_focus`.
    directed : bool
        Whether the start was far enough from focus for a direction to be wrong.
    wrong_direction : bool
        Whether the move after two frames led away from a focus farther than one depth of field.
    violations : int
        Moves that ended outside the window.
    """

    name: str
    half_dof: float
    scene: int
    light: str
    family: str
    start_dof: float
    verdict: str
    side_right: bool
    frames: int
    moves: int
    last_dof: float
    end_dof: float
    directed: bool
    wrong_direction: bool
    violations: int

    @property
    def said(self) -> bool:
        """Whether it said `in_focus`."""
        return self.verdict == Verdict.IN_FOCUS

    @property
    def succeeded(self) -> bool:
        """Whether it said `in_focus` and is there."""
        return self.said and abs(self.end_dof) <= INSIDE_DOF


def tried(name: str, scene: SeenScene, task: Task, weights: Path | None) -> Trial:
    """Run one search and see where it ended.

    Parameters
    ----------
    name : str
        One of `contenders.CONTENDERS`.
    scene : SeenScene
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
        outcome = end_of(name, look, weights)
    except TooManyFramesError:
        outcome = Outcome(Verdict.NOT_CONVERGED)
    asked, moves, last = list(look.asked_dof), look.stage.moves, look.error_dof
    if outcome.verdict is not Verdict.IN_FOCUS:
        look.give_up()
    away = task.start_dof - task.focus_dof
    directed = abs(away) > DIRECTED_DOF
    return Trial(
        name=name,
        half_dof=task.half_dof,
        scene=scene.spec.index,
        light=task.light,
        family=scene.spec.family,
        start_dof=away,
        verdict=str(outcome.verdict),
        side_right=outcome.side is (Side.HIGH if task.focus_dof > 0 else Side.LOW),
        frames=look.frames,
        moves=moves,
        last_dof=last,
        end_dof=look.error_dof,
        directed=directed,
        wrong_direction=directed and _goes_away(asked, task.focus_dof),
        violations=look.stage.outside,
    )


def _goes_away(asked: list[float], focus_dof: float) -> bool:
    """Tell whether the first move after two frames leads away from focus."""
    if len(asked) <= FIRST_FRAMES:
        return False
    here, there = asked[FIRST_FRAMES - 1 : FIRST_FRAMES + 1]
    left = focus_dof - here
    return abs(left) > DIRECTED_DOF and (there - here) * left <= 0
