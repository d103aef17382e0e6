"""Errors of single frames, the estimator's and those of everything it is compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..estimator.families import TRAINING
from ..optics import optics_of_sampling
from .classical import GAIN_POWER, MonotoneMap, fit_monotone, measured, normalised
from .conditions import Conditions
from .coverage import LEVELS, Coverage, coverage
from .distance_bins import EDGES_DOF, draw_in_bin
from .errors_by_distance import ErrorsByDistance, errors_by_distance
from .focus_decision import ErrorRate, error_rate
from .said import Said, say
from .scenes import LIGHTS, Scene, SceneSpec, draw_scenes

__all__ = ["EndToEndErrors", "FrameErrors", "frame_errors", "wrong_directions"]

SIDE_PX = 1024
WEAK_CONTRAST = (0.03, 0.3)
DIRECTION_FROM_DOF = 0.5

Shot = tuple[Scene, str, float, NDArray[np.unsignedinteger]]


@dataclass(frozen=True)
class EndToEndErrors:
    """Errors of the end-to-end distance network.

    Parameters
    ----------
    errors : ErrorsByDistance
        Of its distance without sign, and of the sharpness at that distance.
    wrong_directions : ErrorRate
        Frames beyond ½ depth of field whose direction it says wrong.
    """

    errors: ErrorsByDistance
    wrong_directions: ErrorRate


@dataclass(frozen=True)
class FrameErrors:
    """Errors of single frames of held-out textures, U drawn evenly in each bin.

    Parameters
    ----------
    scenes, frames : int
        How many.
    estimator : ErrorsByDistance
        Over all frames, those that the estimator does not call good included.
    share_good : float
        Share of the frames that it calls good.
    good_only : ErrorsByDistance
        Over these.
    weak : ErrorsByDistance
        Of other scenes, with a contrast of 0.03 to 0.3.
    weak_share_good : float
        Share of those frames that it calls good.
    calibration, weak_calibration : tuple of Coverage
        How often its intervals hold the truth, over all frames.
    end_to_end : EndToEndErrors or None
        None without that network.
    measures : dict
        From a classical measure to its errors.
    """

    scenes: int
    frames: int
    estimator: ErrorsByDistance
    share_good: float
    good_only: ErrorsByDistance
    weak: ErrorsByDistance
    weak_share_good: float
    calibration: tuple[Coverage, ...]
    weak_calibration: tuple[Coverage, ...]
    end_to_end: EndToEndErrors | None
    measures: dict[str, ErrorsByDistance]


def frame_errors(
    conditions: Conditions,
    *,
    scenes: int,
    draws: int,
    fit_scenes: int,
    side_px: int = SIDE_PX,
) -> FrameErrors:
    """Measure the errors of single frames.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    scenes : int
        Held-out scenes; as many again have a weak contrast.
    draws : int
        Frames of a scene in each light and each bin of distance.
    fit_scenes : int
        Scenes of training textures on which the classical measures' maps are fitted.
    side_px : int, default 1024
        Rows and columns of a frame.

    Returns
    -------
    FrameErrors
        The errors.
    """
    draw = partial(draw_scenes, conditions.seed, side_px=side_px)
    ask = partial(_said_of_scene, weights=conditions.weights)
    specs = draw("frames", scenes)
    said = conditions.each(partial(ask, draws=draws, classical=True), specs, "frames")
    weak_specs = draw("weak", scenes, contrast=WEAK_CONTRAST)
    weak = conditions.each(partial(ask, draws=1, classical=False), weak_specs, "weak frames")
    fit_specs = draw("fit", fit_scenes, families=TRAINING)
    rows = conditions.each(partial(_measures_of_scene, draws=draws), fit_specs, "classical fit")
    maps = {
        name: fit_monotone([values[name] for _, values in rows], [s for s, _ in rows])
        for name in GAIN_POWER
    }
    q = {spec.index: spec.sampling_q for spec in specs}
    return FrameErrors(
        scenes=scenes,
        frames=len(said),
        estimator=_estimator_errors(said),
        share_good=float(np.mean([s.good for s in said])),
        good_only=_estimator_errors([s for s in said if s.good]),
        weak=_estimator_errors(weak),
        weak_share_good=float(np.mean([s.good for s in weak])),
        calibration=_coverage(said),
        weak_calibration=_coverage(weak),
        end_to_end=_end_to_end_errors(said),
        measures={name: _measure_errors(said, name, fit, q) for name, fit in maps.items()},
    )


def wrong_directions(u_dof: Sequence[float], said_dof: Sequence[float]) -> ErrorRate:
    """Count wrong directions among the frames beyond ½ depth of field.

    Parameters
    ----------
    u_dof, said_dof : sequence of float
        True and stated signed distance, depths of field.

    Returns
    -------
    ErrorRate
        Errors among these frames.
    """
    pairs = zip(u_dof, said_dof, strict=True)
    return error_rate([u * d <= 0 for u, d in pairs if abs(u) > DIRECTION_FROM_DOF])


def _frames(spec: SceneSpec, draws: int) -> Iterator[Shot]:
    scene, rng = Scene(spec), spec.rng(0)
    for light in LIGHTS:
        for index in np.repeat(np.arange(len(EDGES_DOF) - 1), draws):
            u = draw_in_bin(rng, int(index))
            frame = scene.expose(scene.image(u), scene.level(light), int(rng.integers(2**31)))
            yield scene, light, u, frame


def _said_of_scene(
    spec: SceneSpec, weights: Path | None, draws: int, classical: bool
) -> list[Said]:
    shots = _frames(spec, draws)
    return [say(*shot, weights=weights, classical=classical) for shot in shots]


def _measures_of_scene(spec: SceneSpec, draws: int) -> list[tuple[float, dict[str, float]]]:
    """Return true sharpness and the measures of each frame; training textures only."""
    return [
        (float(scene.optics.sharpness(u)), normalised(measured(frame), float(frame.mean())))
        for scene, _, u, frame in _frames(spec, draws)
    ]


def _estimator_errors(said: list[Said]) -> ErrorsByDistance:
    return errors_by_distance(
        [s.u_dof for s in said],
        [s.true_sharpness for s in said],
        [s.sharpness for s in said],
        [s.distance_dof for s in said],
        [s.scene for s in said],
    )


def _coverage(said: list[Said]) -> tuple[Coverage, ...]:
    ends = {
        level: ([s.intervals[level][0] for s in said], [s.intervals[level][1] for s in said])
        for level in LEVELS
    }
    return coverage([s.u_dof for s in said], ends)


def _end_to_end_errors(said: list[Said]) -> EndToEndErrors | None:
    rows = [
        (s, s.end_to_end_dof, s.end_to_end_sharpness)
        for s in said
        if s.end_to_end_dof is not None and s.end_to_end_sharpness is not None
    ]
    if not rows:
        return None
    errors = errors_by_distance(
        [s.u_dof for s, _, _ in rows],
        [s.true_sharpness for s, _, _ in rows],
        [sharpness for _, _, sharpness in rows],
        [abs(distance) for _, distance, _ in rows],
        [s.scene for s, _, _ in rows],
    )
    directions = wrong_directions([s.u_dof for s, _, _ in rows], [d for _, d, _ in rows])
    return EndToEndErrors(errors, directions)


def _measure_errors(
    said: list[Said], name: str, fit: MonotoneMap, sampling_q: dict[int, float]
) -> ErrorsByDistance:
    sharpness = fit([s.measures[name] for s in said])
    distance = [
        float(optics_of_sampling(sampling_q[s.scene]).distance_dof(value))
        for s, value in zip(said, sharpness, strict=True)
    ]
    return errors_by_distance(
        [s.u_dof for s in said],
        [s.true_sharpness for s in said],
        sharpness,
        distance,
        [s.scene for s in said],
    )
