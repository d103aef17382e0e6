"""The estimator as a readable that also keeps what the latest frame says of every cell."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from ophyd.device import OrderedDictType

from .estimator_sensor import EstimatorSensor

if TYPE_CHECKING:
    from bluesky_autofocus.regions import FieldObservation

__all__ = ["FieldSensor"]


class FieldSensor(EstimatorSensor):
    """Estimates a camera's latest frame as `EstimatorSensor` does, and its cells.

    The cells are kept, not published: they are many numbers, and come out again of the stored
    frame.
    """

    observation: "FieldObservation | None" = None

    @classmethod
    def like(cls, sensor: EstimatorSensor) -> "FieldSensor":
        """Return one for the camera, optics and region of another sensor.

        Parameters
        ----------
        sensor : EstimatorSensor
            The other one.

        Returns
        -------
        FieldSensor
            Of the same name.
        """
        return cls(sensor.camera, sensor.optics, name=sensor.name, region=sensor.part)

    def _estimated(self, frame: NDArray[np.number]) -> OrderedDictType:
        from bluesky_autofocus.regions import observe_field

        self.observation = None
        values = super()._estimated(frame)
        seen = frame if self.part is None else self.part.cut(frame)
        self.observation = observe_field(seen, self.load())
        return values
