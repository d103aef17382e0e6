"""A stage and a camera on a scene: what every search under test is given."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..scenes import Scene

__all__ = ["Look", "Task", "TooManyFramesError"]

# What the encoder does not see of the stage, and how much the light changes between frames.
POSITION_NOISE_DOF = 0.03
FLICKER = 0.02
MOST_FRAMES = 80


class TooManyFramesError(Exception):
    """A search under test did not end."""


@dataclass(frozen=True)
class Task:
    """One search to be done.

    Parameters
    ----------
    half_dof : float
        The window goes from minus to plus this, depths of field.
    light : str
        One of `LIGHTS`.
    focus_dof, start_dof : float
        Where focus is, and where the stage starts.
    noise : int
        Another number gives other noise.
    level : float
        Factor on the light.
    """

    half_dof: float
    light: str
    focus_dof: float
    start_dof: float
    noise: int
    level: float = 1.0


@dataclass
class Look:
    """Moves a stage and takes frames; keeps where it has been.

    Parameters
    ----------
    scene : Scene
        What is seen.
    task : Task
        Window, light, focus and start.
    frames : int
        Frames so far.
    asked_dof, reached_dof : list of float
        Where the stage was sent, and where it went.
    """

    scene: Scene
    task: Task
    frames: int = 0
    asked_dof: list[float] = field(default_factory=list)
    reached_dof: list[float] = field(default_factory=list)

    def __call__(self, position_dof: float) -> NDArray[np.unsignedinteger]:
        """Move to a position and take a frame.

        Parameters
        ----------
        position_dof : float
            Where to.

        Returns
        -------
        numpy.ndarray
            The frame.

        Raises
        ------
        TooManyFramesError
            After eighty frames.
        """
        if self.frames >= MOST_FRAMES:
            raise TooManyFramesError
        # The same frame number has the same noise in every search.
        rng = np.random.default_rng([self.task.noise, self.frames])
        self.frames += 1
        reached = self._move(position_dof, rng)
        flicker = float(np.exp(rng.normal(0, FLICKER)))
        light = self.scene.level(self.task.light) * self.task.level * flicker
        image = self.scene.image(reached - self.task.focus_dof)
        return self.scene.expose(image, light, int(rng.integers(2**31)))

    def end_at(self, position_dof: float) -> None:
        """Move without taking a frame, if the stage is not there already.

        Parameters
        ----------
        position_dof : float
            Where to.
        """
        if self.asked_dof[-1] != position_dof:
            self._move(position_dof, np.random.default_rng([self.task.noise, MOST_FRAMES]))

    def _move(self, position_dof: float, rng: np.random.Generator) -> float:
        self.asked_dof.append(position_dof)
        # Approached from one side with its backlash, as the plan does: what is left is noise.
        self.reached_dof.append(position_dof + float(rng.normal(0, POSITION_NOISE_DOF)))
        return self.reached_dof[-1]

    @property
    def frame_scale(self) -> float:
        """Grey level at which the camera saturates."""
        return float(self.scene.spec.sensor.full_scale)
