"""Cells that show something and have not been seen in focus."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from ..regions import UNKNOWN, FieldEvidence, FieldRegions

__all__ = ["undecided_cells"]

# Where nothing at all is to be seen, with this probability, nothing is missing.
SURELY_BLANK = 0.9


def undecided_cells(evidence: FieldEvidence, seen: FieldRegions) -> NDArray[np.bool_]:
    """Tell which cells show something that has not been seen in focus.

    Parameters
    ----------
    evidence : FieldEvidence
        What is known of each cell.
    seen : FieldRegions
        What has been seen in focus.

    Returns
    -------
    numpy.ndarray of bool
        Shape (rows, cols). A cell is left out if it is surely blank, by its own window and by a
        common texture; beside what is in focus by the common texture alone, which reckons with the
        light of its neighbours.
    """
    unseen = seen.labels == UNKNOWN
    beside = binary_dilation(~unseen, np.ones((3, 3), dtype=bool))
    # Frames near to one another look alike wherever the sample is blurred in all of them.
    both = np.minimum(evidence.belief.blank, evidence.blank)
    blank = np.where(beside, evidence.blank, both)
    return np.asarray(unseen & (blank <= SURELY_BLANK), dtype=bool)
