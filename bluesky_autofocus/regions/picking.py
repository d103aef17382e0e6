"""Which altitude of a field is meant: by point, box, mask, label or a word."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import RegionError
from .field_regions import FieldRegions
from .region import UNKNOWN

__all__ = ["Pick", "Picked", "picker"]

Pick = Callable[[FieldRegions, float], int]
"""Chooses an altitude, given the field and where the stage is, depths of field."""

Picked = Literal["largest", "nearest"] | int | Sequence[float] | NDArray[np.bool_]
"""What a person gives to choose one; see `picker`."""


def picker(picked: Picked) -> Pick:
    """Make what chooses an altitude of a field.

    Parameters
    ----------
    picked : {'largest', 'nearest'}, int, sequence of float, or numpy.ndarray of bool
        The altitude of most cells; the one nearest to where the stage is; one by its label, from 0
        in order of position; the one at a point (row, column) of the frame, or of most cells in a
        box (row, column, rows, columns), pixels; or of most cells of a mask of the field's cells.

    Returns
    -------
    callable
        Given a field and where the stage is, returns a label, or `UNKNOWN` while no altitude is
        known there.

    Raises
    ------
    RegionError
        If it is none of these.
    """
    if isinstance(picked, np.ndarray) and picked.dtype == bool and picked.ndim == 2:
        return lambda field, here: _of_mask(field, picked)
    if isinstance(picked, str):
        if picked == "largest":
            return lambda field, here: _most(field.labels)
        if picked == "nearest":
            return _nearest
    elif isinstance(picked, int | np.integer) and not isinstance(picked, bool):
        label = int(picked)
        if label >= 0:
            return lambda field, here: label if label < len(field.altitudes) else UNKNOWN
    elif isinstance(picked, Sequence | np.ndarray):
        values = [float(value) for value in picked]
        if len(values) in (2, 4) and np.isfinite(values).all() and min(values) >= 0:
            if len(values) == 2:
                return lambda field, here: field.at(values[0], values[1])
            return lambda field, here: field.within(values)
    raise RegionError(
        f"The region is picked by {picked!r}; give 'largest', 'nearest', a label from 0, a point "
        "[row, column] or a box [row, column, rows, columns] in pixels, or a mask of cells."
    )


def _most(labels: NDArray[np.intp]) -> int:
    known = labels[labels != UNKNOWN]
    return int(np.bincount(known).argmax()) if known.size else UNKNOWN


def _nearest(field: FieldRegions, here_dof: float) -> int:
    away = [abs(altitude.focus_dof - here_dof) for altitude in field.altitudes]
    return int(np.argmin(away)) if away else UNKNOWN


def _of_mask(field: FieldRegions, mask: NDArray[np.bool_]) -> int:
    if mask.shape != field.labels.shape:
        raise RegionError(
            f"The mask has shape {mask.shape}, and the field {field.labels.shape} cells of "
            "64 pixels. Give one value a cell."
        )
    return _most(field.labels[mask])
