"""What a recording of focal stacks is asked to do, checked before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.errors import SceneError, StudyError
from devices.sim.scene import checked_scene_name
from plans.record_stacks import LIGHTS

__all__ = ["DEFAULT_SCENES", "UNEVEN_SCENES", "AcquireRequest"]

DEFAULT_SCENES = (
    "speckle", "cells", "crystals", "fibres", "lithography", "text", "grain", "powder", "scratches",
    "terraces",
)  # fmt: skip
"""Textures that the estimator was not trained on, and a sample of three altitudes."""

UNEVEN_SCENES = ("sphere", "terraces", "tilted")
"""Scenes whose field is not at one altitude."""

REACH_DOF = 48.0
# Positions lie evenly on the axis asinh(U / 0.4), as sharpness does.
SCALE_DOF = 0.4
FEWEST_PLANES, MOST_PLANES = 7, 199
SMALLEST_PX, LARGEST_PX = 64, 4096


@dataclass(frozen=True)
class AcquireRequest:
    """A recording of focal stacks that can be run.

    Parameters
    ----------
    study : str
        Its name.
    scenes : tuple of str
        What is under the objective.
    planes : int
        Positions of each sweep.
    size : int
        Rows and columns of a frame.
    lights : mapping of str to float
        Factor on the exposure time of each sweep.
    seed : int
        Seed of scenes and noise.
    """

    study: str
    scenes: tuple[str, ...]
    planes: int
    size: int
    lights: Mapping[str, float]
    seed: int

    @property
    def offsets_dof(self) -> NDArray[np.float64]:
        """Distance of each position from focus, depths of field, shape (planes,), rising."""
        farthest = np.arcsinh(REACH_DOF / SCALE_DOF)
        return SCALE_DOF * np.sinh(np.linspace(-farthest, farthest, self.planes))

    @classmethod
    def checked(
        cls,
        *,
        study: str | None,
        scenes: str | None,
        planes: int,
        size: int,
        lights: list[str] | None,
        seed: int,
    ) -> Self:
        """Check the options of the command.

        Parameters
        ----------
        study, scenes, planes, size, lights, seed
            The options as given.

        Returns
        -------
        AcquireRequest
            What to run.

        Raises
        ------
        SceneError, StudyError
            What is wrong, with the value, the limit and what to do.
        """
        names = DEFAULT_SCENES if scenes is None else tuple(dict.fromkeys(scenes.split(",")))
        for name in names:
            checked_scene_name(name)
        if not (FEWEST_PLANES <= planes <= MOST_PLANES and planes % 2):
            raise StudyError(
                f"--planes is {planes}; give an odd number from {FEWEST_PLANES} to {MOST_PLANES}: "
                "one in focus, and as many on either side."
            )
        if not SMALLEST_PX <= size <= LARGEST_PX:
            raise StudyError(
                f"--size is {size}; a frame has {SMALLEST_PX} to {LARGEST_PX} rows and columns."
            )
        if seed < 0:
            raise SceneError(f"--seed {seed} is negative. Give a whole number, 0 or more.")
        if study == "":
            raise StudyError("--study is empty. Give a name, or leave it out.")
        name = study or f"simulated-{datetime.now():%Y%m%d-%H%M%S}"
        factors = LIGHTS if not lights else dict(_light(said) for said in lights)
        return cls(name, names, planes, size, factors, seed)


def _light(said: str) -> tuple[str, float]:
    name, _, value = said.partition("=")
    try:
        factor = float(value)
    except ValueError:
        factor = float("nan")
    if not (name and isfinite(factor) and factor > 0):
        raise StudyError(
            f"--light {said} is no light. Give NAME=FACTOR with a positive factor: dark=0.7."
        )
    return name, factor
