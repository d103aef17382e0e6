"""What a run knows whose frames tell of every cell of the field."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.errors import CameraFaultError
from bluesky_autofocus.measurement import Measurement
from devices import FieldSensor

from .focus_run import FocusRun
from .readouts import Value

__all__ = ["FieldRun"]


class FieldRun(FocusRun):
    """The state of one run over a field; see `FocusRun`. Its sensor is a `FieldSensor`."""

    def heights_dof(self) -> NDArray[np.floating] | None:
        """Say where each cell is in focus as far as it is known.

        Returns
        -------
        numpy.ndarray or None
            Depths of field, NaN where a cell does not tell, shape (rows, cols); None if no frame
            has said anything yet.
        """
        return None

    def _fields(self) -> dict[str, str]:
        return {"heights": self.station.scale.unit}

    def _believed(self) -> dict[str, Value]:
        heights = self.heights_dof()
        if heights is None:
            heights = np.full(self._grid_shape, np.nan)
        return {"heights": heights * self.station.scale.depth_of_field}

    @property
    def _grid_shape(self) -> tuple[int, int]:
        observation = cast(FieldSensor, self.sensor).observation
        return (0, 0) if observation is None else observation.grid.shape

    @property
    def destination(self) -> float | None:
        """Where the search has found focus, in the stage's unit."""
        outcome = self.outcome
        if outcome is None or outcome.position_dof is None:
            return None
        low, high = self.searched
        return min(max(self.station.scale.to_stage(outcome.position_dof), low), high)

    def measured(self, data: dict[str, Any]) -> Measurement:
        """Return what the latest frame says of every cell; see `FocusRun.measured`.

        Parameters
        ----------
        data : dict
            The recorded event's data, in which the cells are not.

        Returns
        -------
        FieldObservation
            For the search.

        Raises
        ------
        CameraFaultError
            If the sensor has not seen the frame.
        """
        observation = cast(FieldSensor, self.sensor).observation
        if observation is None:
            raise CameraFaultError(f"{self.sensor.name} has not seen the frame that was recorded.")
        return observation
