"""What an estimator says about one frame, as far as an evaluation needs it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "Estimator"]


class Estimate(Protocol):
    """What one frame says; `bluesky_autofocus.estimator.FrameEstimate` is one."""

    @property
    def sharpness(self) -> float:
        """Sharpness, 0 to 1; 1 inside the depth of field."""
        ...

    @property
    def sharpness_std(self) -> float:
        """Standard deviation of the sharpness."""
        ...

    @property
    def distance_dof(self) -> float:
        """Distance from focus, depths of field, either side."""
        ...

    @property
    def distance_std_dof(self) -> float:
        """Standard deviation of the distance, depths of field."""
        ...

    @property
    def in_focus(self) -> bool:
        """Whether the frame lies inside the depth of field."""
        ...

    @property
    def validity(self) -> str:
        """``good``, or why the numbers are not to be trusted."""
        ...

    @property
    def saturated_fraction(self) -> float:
        """Share of pixels at full scale."""
        ...

    @property
    def mean_fraction(self) -> float:
        """Mean level as a fraction of full scale."""
        ...

    def interval_dof(self, level: float = 0.9) -> tuple[float, float]:
        """Return the shortest interval of the distance, depths of field.

        Parameters
        ----------
        level : float
            Probability of the interval.

        Returns
        -------
        (float, float)
            Its ends.
        """
        ...


class Estimator(Protocol):
    """What makes an estimate; `bluesky_autofocus.estimator.SharpnessEstimator` is one."""

    def summary(self, frame: NDArray[np.number]) -> Estimate:
        """Estimate one frame.

        Parameters
        ----------
        frame : numpy.ndarray
            Grey levels, shape (rows, cols).

        Returns
        -------
        Estimate
            What it says.
        """
        ...
