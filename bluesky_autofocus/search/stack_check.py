"""Parts of one height of what a focal stack shows, to see whether the sample has moved."""

from collections.abc import Sequence

import numpy as np

from ..regions import Relief
from .sample_motion import SamplePart

__all__ = ["relief_parts"]

# Cells of one height, to so much, are blurred alike; a cell alone may err.
ALIKE_DOF, LEAST_CELLS = 1.0, 2


def relief_parts(relief: Relief, place_dof: Sequence[float]) -> list[SamplePart]:
    """Divide the cells of a relief into parts of one height each.

    Parameters
    ----------
    relief : Relief
        Where the cells are in focus.
    place_dof : sequence of float
        Where each frame was taken, in order of time; infinite for one that does not count.

    Returns
    -------
    list of SamplePart
        By height.
    """
    height = np.rint(relief.focus_dof / ALIKE_DOF)
    parts = []
    for k in np.unique(height[relief.known]):
        cells = relief.known & (height == k)
        if cells.sum() >= LEAST_CELLS:
            focus = float(relief.focus_dof[cells].mean())
            nearest = int(np.abs(np.array(place_dof) - focus).argmin())
            parts.append(SamplePart(cells, focus, nearest))
    return parts
