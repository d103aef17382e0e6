"""The planes of a stored sweep in the place of a stage."""

from collections.abc import Sequence

import numpy as np

from ..errors import ReplayError
from ..search import Window

__all__ = ["StoredPlanes"]

ROUNDING_DOF = 1e-9


class StoredPlanes:
    """Where the frames of a stored run were taken: a stage that can go nowhere else.

    Parameters
    ----------
    positions_dof : sequence of float
        Where each frame was taken, in depths of field.
    tolerance_dof : float
        How far the nearest frame may be from any position in the window.
    window : Window, optional
        Where the stage might go while the run was recorded.

    Raises
    ------
    ReplayError
        If the frames are too far apart.
    """

    def __init__(
        self,
        positions_dof: Sequence[float],
        tolerance_dof: float,
        window: Window | None = None,
    ) -> None:
        self.positions_dof = np.asarray(positions_dof, dtype=float)
        places = np.unique(self.positions_dof[np.isfinite(self.positions_dof)])
        if window is not None:
            places = places[(places >= window.low_dof) & (places <= window.high_dof)]
        if places.size < 2:
            raise ReplayError(
                f"The run has frames at {places.size} positions, and a search needs a sweep of "
                "many. Give a run that stepped the stage."
            )
        gaps = np.diff(places)
        widest = int(gaps.argmax())
        if gaps[widest] > 2 * tolerance_dof + ROUNDING_DOF:
            raise ReplayError(
                f"Between the frames at {places[widest]:.1f} and {places[widest + 1]:.1f} depths "
                f"of field lie {gaps[widest]:.3g}, and the nearest frame must not be farther than "
                f"{tolerance_dof:g} from where a search asks for one. Record a sweep in steps of "
                f"less than {2 * tolerance_dof:g} depths of field, or allow more with --tolerance."
            )
        self.window = Window(float(places[0]), float(places[-1]))

    def nearest(self, position_dof: float) -> int:
        """Return the frame that was taken nearest to a position.

        Parameters
        ----------
        position_dof : float
            In depths of field.

        Returns
        -------
        int
            Its index.
        """
        return int(np.nanargmin(np.abs(self.positions_dof - self.window.clip(position_dof))))
