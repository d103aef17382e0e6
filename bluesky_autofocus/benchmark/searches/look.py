"""A stage and a camera on a scene: what every search under test is given."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..scenes import MakeObject, Scene, SceneSpec
from .simulated_stage import SimulatedStage

__all__ = ["Look", "SeenScene", "Task", "TooManyFramesError"]

# How much the light changes from frame to frame.
FLICKER = 0.02
MOST_FRAMES = 80
# Some 100 MB at 512 × 512 pixels.
KEPT_IMAGES = 96
# Finer than anything that moves the stage; so the same image is seen more often than once.
IMAGE_STEP_DOF = 0.01


class TooManyFramesError(Exception):
    """A search under test did not end."""


class SeenScene(Scene):
    """A scene that renders each of the last images once: searches look at the same places.

    Parameters
    ----------
    spec : SceneSpec
        What it is made of.
    make_object : callable, optional
        As for `Scene`.
    """

    def __init__(self, spec: SceneSpec, make_object: MakeObject | None = None) -> None:
        super().__init__(spec, make_object)
        self._kept = lru_cache(KEPT_IMAGES)(self.image)

    def at(self, u_dof: float) -> NDArray[np.float32]:
        """Light from the sample at a defocus, to the hundredth of a depth of field.

        Parameters
        ----------
        u_dof : float
            Defocus, depths of field.

        Returns
        -------
        numpy.ndarray
            Shape (side, side), float32, mean about 1; not to be written to.
        """
        return self._kept(round(u_dof / IMAGE_STEP_DOF) * IMAGE_STEP_DOF)


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
        Where focus is for a stage that arrives from its approach side, and where the stage starts.
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
    """Moves a stage and takes frames; keeps where it has been asked to go.

    Parameters
    ----------
    scene : SeenScene
        What is seen.
    task : Task
        Window, light, focus and start.
    frames : int
        Frames so far.
    asked_dof : list of float
        Where the stage was sent.
    """

    scene: SeenScene
    task: Task
    frames: int = 0
    asked_dof: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        half, rng = self.task.half_dof, np.random.default_rng([self.task.noise, MOST_FRAMES])
        self.stage = SimulatedStage.at(self.task.start_dof, (-half, half), rng)

    @property
    def error_dof(self) -> float:
        """Where the sample is now, less where focus is, depths of field."""
        return self.stage.sample_dof - self.task.focus_dof

    @property
    def frame_scale(self) -> float:
        """Grey level at which the camera saturates."""
        return float(self.scene.spec.sensor.full_scale)

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
        # The frame of one number has the same noise in every search.
        rng = np.random.default_rng([self.task.noise, self.frames])
        self.frames += 1
        self._move(position_dof, rng)
        flicker = float(np.exp(rng.normal(0, FLICKER)))
        light = self.scene.level(self.task.light) * self.task.level * flicker
        return self.scene.expose(self.scene.at(self.error_dof), light, int(rng.integers(2**31)))

    def end_at(self, position_dof: float) -> None:
        """Move without taking a frame, if the stage is not there already.

        Parameters
        ----------
        position_dof : float
            Where to.
        """
        if self.asked_dof[-1] != position_dof:
            self._move(position_dof, np.random.default_rng([self.task.noise, MOST_FRAMES + 1]))

    def give_up(self) -> None:
        """Go back to the start, as the plan does after anything but success."""
        self._move(self.task.start_dof, np.random.default_rng([self.task.noise, MOST_FRAMES + 2]))

    def _move(self, position_dof: float, rng: np.random.Generator) -> None:
        self.asked_dof.append(position_dof)
        self.stage.move(position_dof, rng)
