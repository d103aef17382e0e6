"""What the estimator says about a frame as a whole."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import FrameError
from ..optics.axis import to_u
from .distribution import EDGES_Y, shortest_interval_dof
from .validity import Validity

__all__ = ["IN_FOCUS_DOF", "FrameEstimate", "mass_within"]

IN_FOCUS_DOF = 0.75
"""Distance up to which the probability of being in focus is added up."""


def mass_within(probabilities: NDArray[np.floating], limit_dof: float) -> NDArray[np.float64]:
    """Probability that the distance lies within a limit.

    Parameters
    ----------
    probabilities : numpy.ndarray
        Distribution over the grid, shape (..., n).
    limit_dof : float
        Distance in depths of field.

    Returns
    -------
    numpy.ndarray
        Shape (...).
    """
    edges = to_u(EDGES_Y)
    inside = np.clip((limit_dof - edges[:-1]) / np.diff(edges), 0, 1)
    return np.asarray(probabilities, dtype=float) @ inside


@dataclass(frozen=True)
class FrameEstimate:
    """Sharpness of a frame and its distance from focus, with their uncertainty.

    Parameters
    ----------
    sharpness : float
        Expected sharpness, 0 to 1; 1 inside the depth of field.
    sharpness_unclipped : float
        The same on the curve that rises on inside the depth of field, to some 1.1 in focus.
    sharpness_std : float
        Standard deviation of sharpness.
    distance_dof : float
        Median of the distance ``|U|``, depths of field; the sign cannot be told from one frame.
    distance_std_dof : float
        Standard deviation of the distance.
    in_focus : bool
        Whether the frame is inside the depth of field with a probability of nine in ten at least,
        and valid.
    validity : Validity
        Whether the numbers can be trusted, and if not, why.
    saturated_fraction, mean_fraction : float
        Share of pixels at full scale; mean level over full scale (NaN if that is unknown).
    nothing_probability : float
        Probability that the frame shows nothing.
    probabilities : numpy.ndarray
        Distribution over `distribution.GRID_U_DOF`, sum 1.
    """

    sharpness: float
    sharpness_unclipped: float
    sharpness_std: float
    distance_dof: float
    distance_std_dof: float
    in_focus: bool
    validity: Validity
    saturated_fraction: float
    mean_fraction: float
    nothing_probability: float
    probabilities: NDArray[np.float64]

    def interval_dof(self, level: float = 0.9) -> tuple[float, float]:
        """Shortest interval that holds the distance with a given probability.

        Parameters
        ----------
        level : float, default 0.9
            Probability, above 0 and below 1.

        Returns
        -------
        (float, float)
            Ends of ``|U|``, depths of field; shortest on the axis of `distribution`.

        Raises
        ------
        FrameError
            If the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise FrameError(f"The level is {level}; give a probability between 0 and 1, as 0.9.")
        low, high = shortest_interval_dof(self.probabilities, level)
        return float(low), float(high)
