"""The decision "in focus" over many small frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..estimator.families import TRAINING
from .classical import GAIN_POWER, measured, normalised
from .conditions import Conditions
from .focus_decision import BEYOND_DOF, INSIDE_DOF, FocusDecision, best_threshold, focus_decision
from .said import Said, say
from .scenes import LIGHTS, Scene, SceneSpec, draw_scenes

__all__ = ["Decisions", "decisions", "draw_near_or_far"]

SIDE_PX = 512
FRAMES_OF_SCENE = 8
FARTHEST_DOF = 100.0
# The measures' error rates are a hundred times those of the estimator: fewer frames tell them.
MEASURED_EVERY = 4

Shot = tuple[Scene, str, float, NDArray[np.unsignedinteger]]


@dataclass(frozen=True)
class Decisions:
    """Errors of the decision "in focus".

    Parameters
    ----------
    scenes, frames : int
        How many; one half of the frames lies within ½ depth of field, evenly, the other from 1 to
        100, evenly in the logarithm.
    estimator : FocusDecision
        Of its own decision, over all frames.
    by_light : dict
        The same for each light.
    end_to_end : FocusDecision or None
        In focus is a stated distance within ½; None without that network.
    measured_frames : int
        Frames of held-out textures to which the classical measures were applied.
    measures : dict
        From a classical measure, freed of gain, to its errors with the threshold that is best on
        the textures the estimator was trained on.
    """

    scenes: int
    frames: int
    estimator: FocusDecision
    by_light: dict[str, FocusDecision]
    end_to_end: FocusDecision | None
    measured_frames: int
    measures: dict[str, FocusDecision]


def decisions(
    conditions: Conditions, *, scenes: int, fit_scenes: int, side_px: int = SIDE_PX
) -> Decisions:
    """Count wrong decisions.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    scenes : int
        Held-out scenes, 24 frames each.
    fit_scenes : int
        Scenes of training textures on which the thresholds of the classical measures are chosen.
    side_px : int, default 512
        Rows and columns of a frame.

    Returns
    -------
    Decisions
        For the estimator and for everything it is compared with.
    """
    seed = conditions.seed
    specs = draw_scenes(seed, "decision", scenes, side_px=side_px)
    said = conditions.each(partial(_said, weights=conditions.weights), specs, "decisions")
    fit_specs = draw_scenes(seed, "fit", fit_scenes, side_px=side_px, families=TRAINING)
    rows = conditions.each(_measured, fit_specs, "thresholds")
    with_measures = [s for s in said if s.measures]
    return Decisions(
        scenes=scenes,
        frames=len(said),
        estimator=focus_decision([s.u_dof for s in said], [s.in_focus for s in said]),
        by_light={
            light: focus_decision(
                [s.u_dof for s in said if s.light == light],
                [s.in_focus for s in said if s.light == light],
            )
            for light in LIGHTS
        },
        end_to_end=_end_to_end(said),
        measured_frames=len(with_measures),
        measures={name: _thresholded(name, rows, with_measures) for name in GAIN_POWER},
    )


def draw_near_or_far(rng: np.random.Generator) -> float:
    """Draw a defocus about which the decision can be wrong.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides.

    Returns
    -------
    float
        Signed, depths of field: with equal chance within ½, evenly, or from 1 to 100, evenly in
        the logarithm.
    """
    if rng.random() < 0.5:
        return float(rng.uniform(-INSIDE_DOF, INSIDE_DOF))
    size = BEYOND_DOF * (FARTHEST_DOF / BEYOND_DOF) ** (1 - rng.random())
    return float(size * rng.choice([-1.0, 1.0]))


def _frames(spec: SceneSpec) -> Iterator[Shot]:
    scene, rng = Scene(spec), spec.rng(0)
    for light in LIGHTS:
        for _ in range(FRAMES_OF_SCENE):
            u = draw_near_or_far(rng)
            frame = scene.expose(scene.image(u), scene.level(light), int(rng.integers(2**31)))
            yield scene, light, u, frame


def _said(spec: SceneSpec, weights: Path | None) -> list[Said]:
    classical = spec.index % MEASURED_EVERY == 0
    return [say(*shot, weights=weights, classical=classical) for shot in _frames(spec)]


def _measured(spec: SceneSpec) -> list[tuple[float, dict[str, float]]]:
    return [
        (u, normalised(measured(frame), float(frame.mean()))) for _, _, u, frame in _frames(spec)
    ]


def _end_to_end(said: list[Said]) -> FocusDecision | None:
    rows = [(s.u_dof, s.end_to_end_dof) for s in said if s.end_to_end_dof is not None]
    if not rows:
        return None
    return focus_decision([u for u, _ in rows], [abs(d) <= INSIDE_DOF for _, d in rows])


def _thresholded(
    name: str, rows: list[tuple[float, dict[str, float]]], said: list[Said]
) -> FocusDecision:
    threshold = best_threshold([u for u, _ in rows], [values[name] for _, values in rows])
    return focus_decision([s.u_dof for s in said], [s.measures[name] >= threshold for s in said])
