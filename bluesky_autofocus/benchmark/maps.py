"""Errors of maps, from one frame and from two."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .conditions import Conditions
from .focus_decision import ErrorRate, error_rate
from .map_frames import MapFrame, map_frames
from .reliefs import KINDS
from .scenes import LIGHTS, draw_scenes

__all__ = ["CellErrors", "MapErrors", "SignErrors", "cell_errors", "map_errors", "sign_errors"]

SIDE_PX = 1024
SIGN_FROM_DOF = 0.5


@dataclass(frozen=True)
class CellErrors:
    """Errors of the sharpness of cells.

    Parameters
    ----------
    cells : int
        How many.
    share_valid : float
        Share of the cells that the map holds to be valid.
    rmse_s_valid, rmse_s_all : float
        Root-mean-square error of sharpness over the valid and over all cells.
    """

    cells: int
    share_valid: float
    rmse_s_valid: float
    rmse_s_all: float


@dataclass(frozen=True)
class SignErrors:
    """Errors of the sign of defocus.

    Parameters
    ----------
    cells : int
        Cells beyond ½ depth of field that lie on one side of focus.
    share_claimed : float
        Share of these whose sign is claimed.
    wrong_claimed : ErrorRate
        Wrong signs among the claimed ones.
    wrong_all : ErrorRate
        Wrong signs among all of them.
    """

    cells: int
    share_claimed: float
    wrong_claimed: ErrorRate
    wrong_all: ErrorRate


@dataclass(frozen=True)
class MapErrors:
    """Errors of maps of flat, terraced and tilted held-out samples.

    Parameters
    ----------
    scenes, frames : int
        How many; a pair counts once.
    one_frame, two_frames : CellErrors
        Over all cells.
    sign : SignErrors
        From two frames.
    one_frame_by_kind, two_frames_by_kind : dict
        The same for each kind of sample.
    one_frame_by_light, two_frames_by_light : dict
        The same for each light.
    sign_by_kind, sign_by_light : dict
        The same for the sign.
    """

    scenes: int
    frames: int
    one_frame: CellErrors
    two_frames: CellErrors
    sign: SignErrors
    one_frame_by_kind: dict[str, CellErrors]
    two_frames_by_kind: dict[str, CellErrors]
    one_frame_by_light: dict[str, CellErrors]
    two_frames_by_light: dict[str, CellErrors]
    sign_by_kind: dict[str, SignErrors]
    sign_by_light: dict[str, SignErrors]


def map_errors(conditions: Conditions, *, scenes: int, side_px: int = SIDE_PX) -> MapErrors:
    """Measure the errors of maps.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    scenes : int
        Held-out scenes; each is looked at as three kinds of sample in three lights.
    side_px : int, default 1024
        Rows and columns of a frame.

    Returns
    -------
    MapErrors
        The errors.
    """
    specs = draw_scenes(conditions.seed, "maps", scenes, side_px=side_px)
    frames = conditions.each(partial(map_frames, weights=conditions.weights), specs, "maps")
    kinds = {kind: [f for f in frames if f.kind == kind] for kind in KINDS}
    lights = {light: [f for f in frames if f.light == light] for light in LIGHTS}
    return MapErrors(
        scenes=scenes,
        frames=len(frames),
        one_frame=_one_frame(frames),
        two_frames=_two_frames(frames),
        sign=_sign(frames),
        one_frame_by_kind={k: _one_frame(part) for k, part in kinds.items()},
        two_frames_by_kind={k: _two_frames(part) for k, part in kinds.items()},
        one_frame_by_light={k: _one_frame(part) for k, part in lights.items()},
        two_frames_by_light={k: _two_frames(part) for k, part in lights.items()},
        sign_by_kind={k: _sign(part) for k, part in kinds.items()},
        sign_by_light={k: _sign(part) for k, part in lights.items()},
    )


def cell_errors(
    true_sharpness: NDArray[np.floating],
    sharpness: NDArray[np.floating],
    valid: NDArray[np.bool_],
) -> CellErrors:
    """Compare the sharpness of cells with the truth.

    Parameters
    ----------
    true_sharpness, sharpness : numpy.ndarray
        Shape (cells,).
    valid : numpy.ndarray of bool
        Shape (cells,).

    Returns
    -------
    CellErrors
        NaN where there is no cell to compare, or one without a number.
    """
    squares = (np.asarray(sharpness, dtype=float) - true_sharpness) ** 2
    return CellErrors(
        cells=int(squares.size),
        share_valid=float(valid.mean()) if valid.size else np.nan,
        rmse_s_valid=float(np.sqrt(squares[valid].mean())) if valid.any() else np.nan,
        rmse_s_all=float(np.sqrt(squares.mean())) if squares.size else np.nan,
    )


def sign_errors(
    u_dof: NDArray[np.floating],
    one_sided: NDArray[np.bool_],
    said_dof: NDArray[np.floating],
    claimed: NDArray[np.bool_],
) -> SignErrors:
    """Count wrong signs among the cells that have one.

    Parameters
    ----------
    u_dof : numpy.ndarray
        True signed defocus, depths of field, shape (cells,).
    one_sided : numpy.ndarray of bool
        Whether all of a cell lies on one side of focus, shape (cells,).
    said_dof : numpy.ndarray
        Stated signed defocus, depths of field, shape (cells,).
    claimed : numpy.ndarray of bool
        Whether the sign of a cell is claimed, shape (cells,).

    Returns
    -------
    SignErrors
        Of the cells on one side of focus and beyond ½ depth of field.
    """
    signed = one_sided & (np.abs(u_dof) > SIGN_FROM_DOF)
    wrong = (said_dof * u_dof <= 0)[signed]
    sure = claimed[signed]
    return SignErrors(
        cells=int(wrong.size),
        share_claimed=float(sure.mean()) if sure.size else np.nan,
        wrong_claimed=error_rate(wrong[sure]),
        wrong_all=error_rate(wrong),
    )


def _joined(frames: Sequence[MapFrame], name: str) -> NDArray:
    return np.concatenate([getattr(frame, name) for frame in frames])


def _one_frame(frames: Sequence[MapFrame]) -> CellErrors:
    return cell_errors(*(_joined(frames, n) for n in ("true_sharpness", "sharpness", "valid")))


def _two_frames(frames: Sequence[MapFrame]) -> CellErrors:
    names = ("true_sharpness", "pair_sharpness", "pair_valid")
    return cell_errors(*(_joined(frames, n) for n in names))


def _sign(frames: Sequence[MapFrame]) -> SignErrors:
    names = ("u_dof", "one_sided", "pair_u_dof", "pair_claimed")
    return sign_errors(*(_joined(frames, n) for n in names))
