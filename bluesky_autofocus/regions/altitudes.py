"""Few altitudes that explain all cells of a field, and which cell has which."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve

__all__ = ["APART_DOF", "Altitudes", "find_altitudes", "smoothed_labels"]

APART_DOF = 1.0
"""Altitudes nearer to one another than this are one."""

# Evidence that one more altitude must bring, and what a border between two cells costs.
ALTITUDE_COST, BORDER_COST = 10.0, 0.6
MOST_ALTITUDES = 6
ROUNDS = 8
NEIGHBOURS = np.array([[0.7, 1.0, 0.7], [1.0, 0.0, 1.0], [0.7, 1.0, 0.7]])


@dataclass(frozen=True, eq=False)
class Altitudes:
    """Altitudes of a field.

    Parameters
    ----------
    focus_dof : numpy.ndarray
        Focus position of each altitude, ascending, shape (k,).
    labels : numpy.ndarray of int
        Altitude of each cell, shape (rows, cols).
    own : numpy.ndarray
        What each cell says for its altitude: its evidence there, shape (rows, cols).
    score : float
        Logarithm of how much better they explain the cells than no knowledge does.
    """

    focus_dof: NDArray[np.float64]
    labels: NDArray[np.intp]
    own: NDArray[np.float64]
    score: float


def find_altitudes(evidence: NDArray[np.float64], position_dof: NDArray[np.float64]) -> Altitudes:
    """Find the fewest altitudes that explain all cells.

    Beginning with one, the altitude that explains most of what is left is added, and cells are
    given to altitudes and altitudes fitted to cells in turn, as long as that is worth it.

    Parameters
    ----------
    evidence : numpy.ndarray
        What each cell adds to the score of each focus position, shape (rows, cols, n), as
        `FieldEvidence.cells`.
    position_dof : numpy.ndarray
        Focus positions, ascending, shape (n,).

    Returns
    -------
    Altitudes
        One to six.
    """
    best = _settled(evidence, [int(evidence.sum(axis=(0, 1)).argmax())])
    while len(best.chosen) < MOST_ALTITUDES:
        gain = np.maximum(evidence - best.own[..., None], 0).sum(axis=(0, 1))
        near = np.abs(position_dof[:, None] - position_dof[best.chosen]) < APART_DOF
        gain[near.any(axis=1)] = 0
        if gain.max() <= ALTITUDE_COST:
            break
        more = _settled(evidence, [*best.chosen, int(gain.argmax())])
        if len(more.chosen) <= len(best.chosen) or more.score - best.score <= ALTITUDE_COST:
            break
        best = more
    order = np.argsort(best.chosen)
    return Altitudes(
        position_dof[np.array(best.chosen)[order]],
        np.argsort(order)[best.labels],
        best.own,
        best.score,
    )


def smoothed_labels(
    data: NDArray[np.float64], labels: NDArray[np.intp], *, border_cost: float = BORDER_COST
) -> NDArray[np.intp]:
    """Give each cell the altitude that it and its neighbours say.

    Iterated conditional modes of a Potts field (Besag 1986, "On the statistical analysis of dirty
    pictures").

    Parameters
    ----------
    data : numpy.ndarray
        What each cell says for each altitude, shape (rows, cols, k).
    labels : numpy.ndarray of int
        Altitudes to begin with, shape (rows, cols).
    border_cost : float, default 0.6
        What a border between two cells costs.

    Returns
    -------
    numpy.ndarray of int
        Altitude of each cell.
    """
    for _ in range(ROUNDS):
        around = np.stack(
            [
                convolve((labels == k).astype(float), NEIGHBOURS, mode="nearest")
                for k in range(data.shape[-1])
            ],
            axis=-1,
        )
        after = (data + border_cost * around).argmax(axis=-1)
        if (after == labels).all():
            break
        labels = after
    return labels


@dataclass(frozen=True, eq=False)
class _Settled:
    """Altitudes as indices of focus positions, and the cells that have them."""

    chosen: list[int]
    labels: NDArray[np.intp]
    own: NDArray[np.float64]
    score: float


def _settled(evidence: NDArray[np.float64], chosen: list[int]) -> _Settled:
    """Give cells to altitudes, and altitudes to cells, in turn as long as it gets better."""
    labels = evidence[..., chosen].argmax(axis=-1)
    best: _Settled | None = None
    for _ in range(ROUNDS):
        labels = smoothed_labels(evidence[..., chosen], labels)
        kept = [k for k in range(len(chosen)) if (labels == k).any()]
        labels = np.searchsorted(kept, labels)
        chosen = [int(evidence[labels == k].sum(axis=0).argmax()) for k in range(len(kept))]
        own = np.take_along_axis(evidence, np.array(chosen)[labels][..., None], axis=-1)[..., 0]
        borders = (labels[1:] != labels[:-1]).sum() + (labels[:, 1:] != labels[:, :-1]).sum()
        score = float(own.sum() - BORDER_COST * borders)
        if best and score <= best.score + 1e-9:
            break
        best = _Settled(chosen, labels, own, score)
    assert best is not None
    return best
