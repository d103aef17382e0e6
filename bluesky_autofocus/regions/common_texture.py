"""What cells seen in focus tell of the others, if all of them show one texture.

A part of the field that nothing is left of in the windows of its cells has still lost more of what
is coarse the farther it is from focus. How much there was to lose is known from the parts that have
been seen in focus. Nothing here is proof: parts may be of unlike texture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter

from ..estimator.distribution import GRID_Y, STEP_Y
from ..optics.axis import to_y
from .field_belief import FieldFrame
from .frame_bands import FrameBands, fit_texture, frame_bands
from .spread import spread
from .texture_modes import texture_modes

__all__ = ["CommonTexture", "by_common_texture"]

# A cell rules out no place by more than so much: it may be of another texture. What shows nothing
# rules out none.
MOST_EVIDENCE, OTHER_SHARE = 8.0, 0.3
# So many cells' worth do nine neighbours say: what is coarse in them overlaps.
NEIGHBOURHOOD = 3.0
# What is the same in all frames, such as dirt or the borders of an empty part, is fitted to them.
SAME_COST, LEAST_OF_NOISE = 4.0, 0.1
# A texture twice as strong looks as if it were a quarter nearer to focus.
CONTRAST_STD_Y = 0.15
# Where textures of altitudes differ by more than so much, those of other parts may, too.
MOST_UNLIKE = 0.75
FIT_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class CommonTexture:
    """What a common texture tells of each cell.

    Parameters
    ----------
    log_likelihood : numpy.ndarray
        Of focus positions, shape (rows, cols, n); even in a cell that shows nothing.
    log_odds_blank : numpy.ndarray
        Of showing nothing, or always the same, over showing that texture, shape (rows, cols).
    """

    log_likelihood: NDArray[np.float64]
    log_odds_blank: NDArray[np.float64]


def by_common_texture(
    frames: Sequence[FieldFrame],
    position_dof: NDArray[np.float64],
    labels: NDArray[np.intp],
    focus_dof: NDArray[np.float64],
) -> CommonTexture | None:
    """Tell where cells are in focus, if each shows the texture of those that are known.

    Parameters
    ----------
    frames : sequence of FieldFrame
        Of the field.
    position_dof : numpy.ndarray
        Focus positions, shape (n,).
    labels : numpy.ndarray of int
        Altitude of the cells that are known, from 0, `UNKNOWN` elsewhere, shape (rows, cols).
    focus_dof : numpy.ndarray
        Focus positions of these altitudes, at least one, shape (k,).

    Returns
    -------
    CommonTexture or None
        Of all cells, also of those that are known. None where altitudes are of unlike texture.
    """
    bands = _of_one_texture([frame_bands(frame.observation) for frame in frames])
    count, flat = bands[0].texture_modes.size, labels.ravel()
    masks = np.stack([flat == k for k in range(focus_dof.size)])
    # How much of what is seen of each cell is each altitude, shape (altitudes, cells, bands).
    seen = np.stack([_spread(mask.reshape(labels.shape), count) for mask in masks])
    left = [
        _left(each.transfer, frame.position_dof - focus_dof)
        for each, frame in zip(bands, frames, strict=True)
    ]
    known = np.asarray(masks.any(axis=0), dtype=bool)
    texture = fit_texture(
        _joined(bands, known),
        np.concatenate([np.einsum("kcb,kb->cb", seen[:, known], part) for part in left]),
        rounds=FIT_ROUNDS,
    )
    if _unlike(bands, masks, left) > MOST_UNLIKE:
        return None
    others = np.where(masks[..., None], 0.0, seen)
    rest = 1 - others.sum(axis=0)
    spilt = [texture * np.einsum("kcb,kb->cb", others, part) for part in left]
    same = _same_in_all(bands, spilt)
    told = np.zeros((flat.size, position_dof.size + 2))
    for each, frame, around in zip(bands, frames, spilt, strict=True):
        signal = np.concatenate([texture * rest[:, None] * each.transfer, same[:, None]], axis=1)
        grid = _blurred(each.bounded(each.log_density(around[:, None] + signal)))
        told[:, :-2] += _at(grid[:, :-2], frame.position_dof - position_dof)
        told[:, -2:] += grid[:, -2:]
    told[:, -2] = np.maximum(told[:, -2], told[:, -1] - SAME_COST)
    # What is coarse in a cell scatters alike in all frames.
    told = _of_neighbours(told[:, :-1].reshape(*labels.shape, -1), labels) / np.sqrt(len(frames))
    told = np.maximum(told - told.max(axis=-1, keepdims=True), -MOST_EVIDENCE)
    some, nothing = told[..., :-1], told[..., -1:]
    width = np.gradient(position_dof)
    return CommonTexture(
        np.logaddexp(some, nothing + np.log(OTHER_SHARE)),
        nothing[..., 0] - np.log(np.exp(some) @ width / width.sum()),
    )


def _unlike(
    bands: Sequence[FrameBands], masks: NDArray[np.bool_], left: Sequence[NDArray[np.float64]]
) -> float:
    """Tell how much the textures of two altitudes differ at most, natural logarithm of power."""
    textures = []
    for k, mask in enumerate(masks):
        share = np.concatenate(
            [np.broadcast_to(part[k], (mask.sum(), part.shape[1])) for part in left]
        )
        joined = _joined(bands, mask)
        texture = fit_texture(joined, share, rounds=FIT_ROUNDS)
        clear = texture * share.max(axis=0) > np.median(joined.noise, axis=0)
        textures.append(np.where(clear, np.log(texture), np.nan))
    most = 0.0
    for one, other in combinations(textures, 2):
        apart = np.abs(one - other)
        if np.isfinite(apart).any():
            most = max(most, float(np.nanmean(apart)))
    return most


def _same_in_all(
    bands: Sequence[FrameBands], spilt: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Say what cells may hold that does not change with focus, shape (cells, bands)."""
    rest = [
        np.maximum(each.power - each.noise - around, LEAST_OF_NOISE * each.noise)
        for each, around in zip(bands, spilt, strict=True)
    ]
    return np.asarray(np.exp(np.mean(np.log(rest), axis=0)))


def _of_neighbours(told: NDArray[np.float64], labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Let each cell say what it and its neighbours of the same label say together."""
    out = np.empty_like(told)
    for label in np.unique(labels):
        mine = labels == label
        count = uniform_filter(mine.astype(float), 3, mode="constant")
        total = uniform_filter(told * mine[..., None], 3, mode="constant", axes=(0, 1))
        out[mine] = (total[mine].T / count[mine]).T
    return NEIGHBOURHOOD * out


def _of_one_texture(bands: list[FrameBands]) -> list[FrameBands]:
    """Let all frames tell how much the texture scatters."""
    shape = bands[0].shape
    power = [each.power.reshape(*shape, -1) for each in bands]
    noise = [each.noise.reshape(*shape, -1) for each in bands]
    modes = texture_modes(power, noise, bands[0].noise_modes)
    return [replace(each, texture_modes=modes) for each in bands]


def _spread(mask: NDArray[np.bool_], bands: int) -> NDArray[np.float64]:
    """Share of a cell's window that shows some cells, shape (cells, bands)."""
    out = spread(np.repeat(mask[None].astype(float), bands, axis=0))
    return out.reshape(bands, -1).T


def _left(transfer: NDArray[np.float64], distance_dof: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the texture's power that is left at some distances, shape (n, bands)."""
    place = np.clip(to_y(distance_dof) / STEP_Y, 0, GRID_Y.size - 1)
    before = np.minimum(place.astype(int), GRID_Y.size - 2)
    way = (place - before)[:, None]
    log = np.log(transfer)
    return np.asarray(np.exp(log[before] * (1 - way) + log[before + 1] * way))


def _joined(bands: Sequence[FrameBands], cells: NDArray[np.bool_]) -> FrameBands:
    """Put some cells of all frames in one row."""
    power, noise, by_map = (
        np.concatenate([getattr(each, name)[cells] for each in bands])
        for name in ("power", "noise", "by_map")
    )
    return replace(bands[0], shape=(1, power.shape[0]), power=power, noise=noise, by_map=by_map)


def _blurred(log_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Allow for a texture that is stronger or weaker than elsewhere."""
    value = np.exp(log_values)
    value[:, :-2] = gaussian_filter1d(value[:, :-2], CONTRAST_STD_Y / STEP_Y, mode="nearest")
    return np.log(value)


def _at(log_values: NDArray[np.float64], distance_dof: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of the grid of distances at some distances, shape (cells, n)."""
    place = np.clip(np.rint(to_y(distance_dof) / STEP_Y), 0, GRID_Y.size - 1)
    return log_values[:, place.astype(int)]
