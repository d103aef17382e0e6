"""Regions of one altitude each, by one frame: cells of one texture differ by their distance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, convolve, uniform_filter1d

from ..estimator.distribution import GRID_U_DOF
from .altitudes import NEIGHBOURS
from .field_observation import FieldObservation
from .frame_bands import FrameBands, fit_texture, frame_bands, mean_log
from .potts import border_length, probabilities
from .region import UNKNOWN
from .spread import own_share, spread

__all__ = ["one_frame_labels"]

# What a border between two cells costs, and what one more region must bring.
BORDER_COST, REGION_COST = 1.0, 25.0
MOST_REGIONS = 6
# Between two regions cells look like a third: one has blocks of three by three, and so many cells.
BLOCK = np.ones((3, 3), dtype=bool)
LEAST_CELLS = 12
# Distances that are tried for one more region, and how far apart they lie on the axis, bins.
TRIES, APART_BINS = 3, 4
# Texture that is not the same all over looks like distances that differ by less: a factor of 1.35.
LEAST_BINS = 3
ROUNDS, SETTLED = 8, 0.02
# All cells of a region count for no more than a few to the map.
OVERLAP, MOST_CELLS = 4.0, 4.0
NEIGHBOURHOOD = 3.0
NOTHING = 1e-9
# Shares that one of two regions may have in a cell on a border.
SHARES = np.linspace(0, 1, 9)[:, None]
MIXTURE_ROUNDS, MIXTURE_SHARE = 2, 0.5
# A region tells something if its bands from here on show more than noise; or, as finer ones only do
# so near focus, the coarse ones, unless others outshine them so much that it is what leaks in.
SIGNAL_BANDS, FINE_BANDS, COARSE_BANDS = slice(1, None), slice(5, None), slice(2, 5)
OVER_NOISE, FINE_OVER_NOISE, LEAST_OF_STRONGEST = 1.5, 2.0, 0.03


@dataclass(frozen=True, eq=False)
class _Fit:
    """Some distances, as places of the axis, and the cells that have them."""

    places: list[int]
    texture: NDArray[np.float64]
    evidence: NDArray[np.float64]
    labels: NDArray[np.intp]
    score: float


def one_frame_labels(observation: FieldObservation) -> NDArray[np.intp]:
    """Divide the cells of one frame into regions that lie at unlike distances from focus.

    Beginning with one, the distance that explains most of what is left is added as long as that is
    worth it; in turn, one texture is fitted to all cells, distances to regions, and cells are given
    to regions. Differences between cells count by what defocus makes of one texture alone, and by
    how much neighbouring cells scatter.

    Parameters
    ----------
    observation : FieldObservation
        The frame.

    Returns
    -------
    numpy.ndarray of int
        From 0, `UNKNOWN` where there is nothing but noise, shape (rows, cols). The side of focus
        cannot be told: regions as far before focus as others behind it have the same label.
    """
    bands = frame_bands(observation)
    best = _first(bands)
    while len(best.places) < MOST_REGIONS:
        more = [fit for fit in _divided(bands, best) if len(fit.places) > len(best.places)]
        more = [fit for fit in more if np.diff(np.sort(fit.places)).min() >= LEAST_BINS]
        if not more:
            break
        better = max(more, key=lambda fit: fit.score)
        if better.score - best.score <= REGION_COST:
            break
        best = better
    labels = _by_mixture(bands, best)
    told = _telling(bands, best)
    place = np.full(len(best.places), UNKNOWN)
    place[told] = np.arange(len(told))
    return np.asarray(place[labels])


def _first(bands: FrameBands) -> _Fit:
    """Begin with one distance for all cells, that of the map."""
    place = int(bands.by_map[:, : GRID_U_DOF.size].mean(axis=0).argmax())
    return _settled(bands, [place], np.ones((*bands.shape, 1)), None)


def _divided(bands: FrameBands, fit: _Fit) -> list[_Fit]:
    """Add one distance, in some ways."""
    rows, cols = bands.shape
    lines = uniform_filter1d(fit.evidence.reshape(rows, cols, -1), 3, axis=0, mode="nearest")
    around = uniform_filter1d(lines, 3, axis=1, mode="nearest")
    own = np.take_along_axis(around, np.array(fit.places)[fit.labels][..., None], axis=-1)
    gain = np.maximum(around - own, 0).sum(axis=(0, 1))
    for place in fit.places:
        gain[max(place - 1, 0) : place + 2] = 0
    out = []
    for _ in range(TRIES):
        place = int(gain.argmax())
        if gain[place] <= 0:
            break
        gain[max(place - APART_BINS + 1, 0) : place + APART_BINS] = 0
        places = [*fit.places, place]
        chances = probabilities(NEIGHBOURHOOD * around[..., places], border_cost=BORDER_COST)
        out.append(_settled(bands, places, chances, fit.texture))
    return out


def _settled(
    bands: FrameBands,
    places: list[int],
    chances: NDArray[np.float64],
    texture: NDArray[np.float64] | None,
) -> _Fit:
    """Fit texture, distances and regions in turn until nothing changes."""
    evidence = np.empty(0)
    for turn in range(ROUNDS):
        flat = chances.reshape(-1, len(places))
        left = flat @ bands.transfer[places]
        texture = fit_texture(bands, left, texture, rounds=3 if turn else 6)
        evidence = bands.log_likelihood(texture)
        places = _nearest(bands, evidence, flat)
        by_cell = evidence[:, places].reshape(*bands.shape, -1)
        before, chances = chances, probabilities(by_cell, border_cost=BORDER_COST)
        kept = _large(chances.argmax(axis=-1), len(places)) if turn > 1 else []
        if 0 < len(kept) < len(places):
            places = [places[k] for k in kept]
            chances = probabilities(by_cell[..., kept], border_cost=BORDER_COST)
        elif np.abs(chances - before).max() < SETTLED:
            break
    labels = chances.argmax(axis=-1)
    own = np.take_along_axis(evidence, np.array(places)[labels.ravel()][:, None], axis=1)
    assert texture is not None
    score = float(own.sum()) - BORDER_COST / 2 * border_length(labels)
    return _Fit(places, texture, evidence, labels, score)


def _nearest(
    bands: FrameBands, evidence: NDArray[np.float64], chances: NDArray[np.float64]
) -> list[int]:
    """Give each region its likeliest distance."""
    count = np.maximum(chances.sum(axis=0), NOTHING)
    share = np.minimum(count / OVERLAP, MOST_CELLS) / count
    total = chances.T @ evidence + share[:, None] * (chances.T @ bands.by_map)
    return [int(place) for place in total.argmax(axis=1)]


def _large(labels: NDArray[np.intp], count: int) -> Sequence[int]:
    """Return regions that are more than a border."""
    return [k for k in range(count) if binary_opening(labels == k, BLOCK).sum() >= LEAST_CELLS]


def _by_mixture(bands: FrameBands, fit: _Fit) -> NDArray[np.intp]:
    """Give cells on a border to the region that most of their own power says they belong to.

    A sharp region outshines a blurred one: a cell that is sharp in its smaller part, or beside a
    sharp one, has more power than the middle of both.
    """
    labels, signal = fit.labels.copy(), fit.texture * bands.transfer[fit.places]
    own = own_share(signal.shape[1])
    for _ in range(MIXTURE_ROUNDS):
        masks = np.stack([labels == k for k in range(len(fit.places))]).astype(float)
        near = np.stack([convolve(mask, NEIGHBOURS) for mask in masks], axis=-1)
        near += np.moveaxis(masks, 0, -1)
        total = spread(np.moveaxis(np.tensordot(masks, signal, axes=(0, 0)), -1, 0))
        order, after = np.argsort(-near, axis=-1), labels.copy()
        for row, col in np.argwhere((near > 0).sum(axis=-1) > 1):
            one, other = order[row, col, :2]
            others = np.maximum(total[:, row, col] - own * signal[labels[row, col]], 0)
            mixture = others + own * (SHARES * signal[one] + (1 - SHARES) * signal[other])
            cell = np.array([row * labels.shape[1] + col])
            log_chance = MIXTURE_SHARE * bands.log_density(mixture, cell)[0]
            share = SHARES[:, 0]
            log_chance += share * near[row, col, one] + (1 - share) * near[row, col, other]
            chance = np.exp(log_chance - log_chance.max())
            after[row, col] = one if chance @ share > chance.sum() / 2 else other
        labels = after
    return labels


def _telling(bands: FrameBands, fit: _Fit) -> list[int]:
    """Return the regions that show more than noise and what leaks in from others."""
    over = np.log(bands.power / bands.noise) - mean_log(bands.noise_modes)
    mean = []
    for k in range(len(fit.places)):
        mine = fit.labels == k
        core = binary_opening(mine, BLOCK)
        cells = np.flatnonzero(core if core.any() else mine)
        mean.append(over[cells].mean(axis=0) if cells.size else np.zeros(over.shape[1]))
    ratio = np.exp(np.array(mean))
    coarse = np.maximum(ratio[:, COARSE_BANDS] - 1, NOTHING)
    of_strongest = np.exp(np.log(coarse / coarse.max(axis=0)).mean(axis=1))
    fine = ratio[:, FINE_BANDS].max(axis=1) > FINE_OVER_NOISE
    any_signal = ratio[:, SIGNAL_BANDS].max(axis=1) > OVER_NOISE
    return [
        int(k) for k in np.flatnonzero(any_signal & (fine | (of_strongest > LEAST_OF_STRONGEST)))
    ]
