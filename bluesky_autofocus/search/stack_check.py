"""Whether a sample has moved while the planes of a focal stack were taken."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..regions import FieldObservation, Relief
from .steps import Sample

__all__ = ["MOST_CHANGE", "change_of_blur"]

MOST_CHANGE = 0.1
"""A plane taken again differs from itself by less than this share of what it differs from its
neighbours by: a motion of a third of their distance."""

# Cells farther from focus than this look nearly alike at two neighbouring planes.
REACH_DOF = 4.0
# Cells of one height, to so much, are blurred alike.
ALIKE_DOF = 1.0
# Beside counting: what a window of a cell lets in from outside, natural logarithm of power.
MODEL_STD = 0.25


def change_of_blur(planes: Sequence[Sample], first: int, again: Sample, relief: Relief) -> float:
    """Tell how much the blur of a plane has changed until it was taken again.

    Cells of one height are compared together, so that what is left is a change of blur, and neither
    noise nor a texture that has shifted sideways.

    Parameters
    ----------
    planes : sequence of Sample
        Of the stack, by position.
    first : int
        Which of them was taken again.
    again : Sample
        The second frame there.
    relief : Relief
        Where the cells are in focus.

    Returns
    -------
    float
        Its change over that from this plane to a neighbour; NaN if no cell is near enough to focus
        to tell.
    """
    place = planes[first].position_dof
    away = np.rint((relief.focus_dof - place) / ALIKE_DOF)
    groups = [
        relief.known & (away == k) for k in np.unique(away[relief.known]) if abs(k) <= REACH_DOF
    ]
    if not groups or len(planes) < 2:
        return float("nan")
    seen = [_log_power(planes, sample) for sample in (planes[first], again)]
    beside = [_log_power(planes, planes[k]) for k in (first - 1, first + 1) if 0 <= k < len(planes)]
    weight = _weight(planes[first])
    change = _difference(seen[0], seen[1], groups, weight)
    step = max(_difference(seen[0], other, groups, weight) for other in beside)
    return change / max(step, 1e-12)


def _observed(sample: Sample) -> FieldObservation:
    assert isinstance(sample.measurement, FieldObservation)
    return sample.measurement


def _log_power(planes: Sequence[Sample], sample: Sample) -> NDArray[np.float64]:
    """Logarithm of the power of all cells over noise, shape (rows, cols, bands)."""
    # What the emptiest band of any plane holds is an upper bound of the noise.
    noise = min(float(np.median(_observed(p).power, axis=(0, 1)).min()) for p in planes)
    return np.log(_observed(sample).power + noise)


def _weight(sample: Sample) -> NDArray[np.float64]:
    return 1 / (2 / _observed(sample).spectra[0][0].layout.modes + MODEL_STD**2)


def _difference(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    groups: Sequence[NDArray[np.bool_]],
    weight: NDArray[np.float64],
) -> float:
    """Square of what the cells of each group differ by in the mean, over all bands."""
    return sum(
        float(cells.sum() * (weight * (b - a)[cells].mean(axis=0) ** 2).sum()) for cells in groups
    )
