"""What cells and their neighbours say together: sum-product over a grid of cells."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["border_length", "probabilities"]

# Neighbours along rows and columns, and along diagonals, as row and column to the next cell: each
# followed by its opposite.
STRAIGHT, DIAGONAL = 1.0, 0.7
STEPS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))
WEIGHTS = (STRAIGHT,) * 4 + (DIAGONAL,) * 4
DAMPING = 0.3


def probabilities(
    log_likelihood: NDArray[np.float64], *, border_cost: float, rounds: int = 12
) -> NDArray[np.float64]:
    """Probability of each label in every cell, where neighbours tend to have the same.

    Loopy belief propagation in a Potts field (Pearl 1988; Murphy, Weiss and Jordan 1999).

    Parameters
    ----------
    log_likelihood : numpy.ndarray
        What each cell by itself says for each label, shape (rows, cols, k).
    border_cost : float
        What a border between two cells costs.
    rounds : int, default 12
        How far what a cell says reaches, cells.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols, k), sum 1 in each cell.
    """
    rows, cols, _ = log_likelihood.shape
    messages = np.zeros((len(STEPS), *log_likelihood.shape))
    for _ in range(rounds):
        total = log_likelihood + messages.sum(axis=0)
        fresh = np.zeros_like(messages)
        for k, ((down, right), weight) in enumerate(zip(STEPS, WEIGHTS, strict=True)):
            # A cell does not tell a neighbour what it heard from there.
            said = total - messages[k ^ 1]
            own = np.exp(said - said.max(axis=-1, keepdims=True))
            other = np.exp(-border_cost * weight)
            message = np.log(other * own.sum(axis=-1, keepdims=True) + (1 - other) * own)
            message -= message.max(axis=-1, keepdims=True)
            from_rows, to_rows = _shifted(down, rows)
            from_cols, to_cols = _shifted(right, cols)
            fresh[k][to_rows, to_cols] = message[from_rows, from_cols]
        messages = DAMPING * messages + (1 - DAMPING) * fresh
    total = log_likelihood + messages.sum(axis=0)
    out = np.exp(total - total.max(axis=-1, keepdims=True))
    return np.asarray(out / out.sum(axis=-1, keepdims=True))


def border_length(labels: NDArray[np.intp]) -> float:
    """Count borders between neighbouring cells of unlike labels, diagonal ones for less.

    Parameters
    ----------
    labels : numpy.ndarray of int
        Shape (rows, cols).

    Returns
    -------
    float
        0 for one label.
    """
    rows, cols = labels.shape
    total = 0.0
    for (down, right), weight in zip(STEPS[::2], WEIGHTS[::2], strict=True):
        from_rows, to_rows = _shifted(down, rows)
        from_cols, to_cols = _shifted(right, cols)
        unlike = labels[from_rows, from_cols] != labels[to_rows, to_cols]
        total += weight * float(unlike.sum())
    return total


def _shifted(step: int, size: int) -> tuple[slice, slice]:
    """Return the places that have a neighbour one step on, and those neighbours."""
    if step == 0:
        return slice(0, size), slice(0, size)
    low, high = slice(0, size - 1), slice(1, size)
    return (low, high) if step > 0 else (high, low)
