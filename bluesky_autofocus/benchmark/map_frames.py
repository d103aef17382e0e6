"""Frames of samples of several altitudes, and what the estimator's maps say of each cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .estimators import estimator_of
from .reliefs import KINDS, cell_means, draw_relief
from .scenes import LIGHTS, Scene, SceneSpec

__all__ = ["MapFrame", "draw_step", "map_frames"]

STRIDE_PX = 64
LEAST_STEP_DOF = 0.5
STEP_SHARE = 0.5


@dataclass(frozen=True)
class MapFrame:
    """One frame's cells: the truth, and what was said from one frame and from two.

    All arrays have the shape (cells,).

    Parameters
    ----------
    kind : str
        Kind of sample.
    light : str
        Its light.
    u_dof : numpy.ndarray
        True signed defocus, mean over the cell, depths of field.
    one_sided : numpy.ndarray of bool
        Whether all of the cell lies on one side of focus.
    true_sharpness : numpy.ndarray
        Mean sharpness over the pixels of the cell.
    sharpness, valid : numpy.ndarray
        From one frame.
    pair_sharpness, pair_valid : numpy.ndarray
        From two frames.
    pair_u_dof, pair_claimed : numpy.ndarray
        Signed defocus from two frames, and whether its sign is claimed.
    """

    kind: str
    light: str
    u_dof: NDArray[np.float64]
    one_sided: NDArray[np.bool_]
    true_sharpness: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    valid: NDArray[np.bool_]
    pair_sharpness: NDArray[np.float64]
    pair_valid: NDArray[np.bool_]
    pair_u_dof: NDArray[np.float64]
    pair_claimed: NDArray[np.bool_]


def map_frames(spec: SceneSpec, weights: Path | None = None) -> list[MapFrame]:
    """Take the frames of a scene, each kind of sample in each light, and map them.

    Parameters
    ----------
    spec : SceneSpec
        The scene.
    weights : Path, optional
        Of the estimator; default: those of the package.

    Returns
    -------
    list of MapFrame
        Nine of them.
    """
    return list(_map_frames(spec, weights))


def draw_step(rng: np.random.Generator, distance_dof: NDArray[np.floating]) -> float:
    """Choose where to take the second frame, as one would who has the first one's map.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the direction, which one frame does not tell.
    distance_dof : numpy.ndarray
        Predicted distances of the first frame's valid cells, or of all where none is valid.

    Returns
    -------
    float
        Half their median, at least ½ depth of field, either way.
    """
    size = max(STEP_SHARE * float(np.median(distance_dof)), LEAST_STEP_DOF)
    return float(size * rng.choice([-1.0, 1.0]))


def _map_frames(spec: SceneSpec, weights: Path | None) -> Iterator[MapFrame]:
    scene, rng = Scene(spec), spec.rng(0)
    estimator = estimator_of(scene, weights)
    for kind in KINDS:
        for light in LIGHTS:
            u = draw_relief(rng, kind, scene.shape, scene.optics)
            first = _frame(scene, light, u, rng)
            one = estimator(first)
            known = one.distance_dof[one.valid] if one.valid.any() else one.distance_dof
            step = draw_step(rng, known)
            pair = estimator.pair(first, _frame(scene, light, u + np.float32(step), rng), step)
            cells = one.row_px, one.col_px, STRIDE_PX
            ahead = cell_means((u > 0).astype(np.float32), *cells)
            yield MapFrame(
                kind=kind,
                light=light,
                u_dof=cell_means(u, *cells).ravel(),
                one_sided=((ahead == 0) | (ahead == 1)).ravel(),
                true_sharpness=cell_means(scene.optics.sharpness(u), *cells).ravel(),
                sharpness=np.asarray(one.sharpness, dtype=float).ravel(),
                valid=one.valid.ravel(),
                pair_sharpness=np.asarray(pair.sharpness, dtype=float).ravel(),
                pair_valid=pair.valid.ravel(),
                pair_u_dof=np.asarray(pair.defocus_dof, dtype=float).ravel(),
                pair_claimed=pair.claimed.ravel(),
            )


def _frame(
    scene: Scene, light: str, u: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.unsignedinteger]:
    where = float(u.flat[0]) if np.ptp(u) == 0 else u
    return scene.expose(scene.image(where), scene.level(light), int(rng.integers(2**31)))
