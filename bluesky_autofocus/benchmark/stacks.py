"""Focal stacks of one scene in three lights: how alike their peaks are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from .classical import GAIN_POWER
from .conditions import Conditions
from .said import Said, say
from .scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from .sharpness_ratio import SharpnessRatio, sharpness_ratio

__all__ = ["StackRatios", "stack_ratios"]

SIDE_PX = 1024
PLANES_DOF: tuple[float, ...] = tuple(-3 + 0.25 * k for k in range(25))


@dataclass(frozen=True)
class StackRatios:
    """Sharpness ratios over focal stacks.

    Parameters
    ----------
    stacks, planes : int
        Scenes, each in three lights, and planes of each stack.
    clipped, unclipped : SharpnessRatio
        Of the estimator's sharpness, clipped at 1 inside the depth of field and not.
    end_to_end : SharpnessRatio or None
        Of the sharpness at the end-to-end network's distance; None without one.
    raw_measures, normalised_measures : dict
        Of each classical measure, as it is and freed of gain.
    """

    stacks: int
    planes: int
    clipped: SharpnessRatio
    unclipped: SharpnessRatio
    end_to_end: SharpnessRatio | None
    raw_measures: dict[str, SharpnessRatio]
    normalised_measures: dict[str, SharpnessRatio]


def stack_ratios(
    conditions: Conditions,
    *,
    stacks: int,
    planes_dof: Sequence[float] = PLANES_DOF,
    side_px: int = SIDE_PX,
) -> StackRatios:
    """Take focal stacks in three lights and compare their peaks.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    stacks : int
        Scenes.
    planes_dof : sequence of float, optional
        Defocus of the planes; default: -3 to 3 in steps of ¼.
    side_px : int, default 1024
        Rows and columns of a frame.

    Returns
    -------
    StackRatios
        For the estimator and for everything it is compared with.
    """
    specs = draw_scenes(conditions.seed, "stacks", stacks, side_px=side_px)
    ask = partial(_stack_of_scene, weights=conditions.weights, planes_dof=planes_dof)
    scenes = conditions.each(ask, specs, "stacks")

    def ratio(value: Callable[[Said], float | None]) -> SharpnessRatio:
        return sharpness_ratio([_peaks(planes, value) for planes in scenes])

    end_to_end = None
    if all(s.end_to_end_sharpness is not None for planes in scenes for s in planes):
        end_to_end = ratio(lambda s: s.end_to_end_sharpness)
    return StackRatios(
        stacks=stacks,
        planes=len(planes_dof),
        clipped=ratio(lambda s: s.sharpness),
        unclipped=ratio(lambda s: s.sharpness_unclipped),
        end_to_end=end_to_end,
        raw_measures={name: ratio(lambda s, n=name: s.raw[n]) for name in GAIN_POWER},
        normalised_measures={name: ratio(lambda s, n=name: s.measures[n]) for name in GAIN_POWER},
    )


def _stack_of_scene(
    spec: SceneSpec, weights: Path | None, planes_dof: Sequence[float]
) -> list[list[Said]]:
    """Return one list, of all planes in all lights."""
    scene, rng, out = Scene(spec), spec.rng(0), []
    for u in planes_dof:
        image = scene.image(u)
        for light in LIGHTS:
            frame = scene.expose(image, scene.level(light), int(rng.integers(2**31)))
            out.append(say(scene, light, u, frame, weights=weights, classical=True))
    return [out]


def _peaks(planes: list[Said], value: Callable[[Said], float | None]) -> list[float]:
    values = [[value(s) for s in planes if s.light == light] for light in LIGHTS]
    return np.max(np.asarray(values, dtype=float), axis=1).tolist()
