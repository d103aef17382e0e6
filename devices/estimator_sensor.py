"""The sharpness estimator as a readable: how far from focus, in the same event as the frame."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from ophyd import Component as Cpt
from ophyd import Device, Kind, Signal
from ophyd.device import OrderedDictType

from bluesky_autofocus.frame_region import FrameRegion
from bluesky_autofocus.measurement import Condition
from bluesky_autofocus.optics import Optics

from .sensor import FrameSource, with_frame

if TYPE_CHECKING:
    from bluesky_autofocus.estimator import SharpnessEstimator

__all__ = ["EstimatorSensor"]


class EstimatorSensor(Device):
    """Estimates a camera's latest frame each time it is read.

    What it publishes is all that the belief needs, so a search can be done again from a run's
    events alone.

    Parameters
    ----------
    camera : FrameSource
        Where the frames come from. Trigger it first: the sensor takes none itself.
    optics : Optics
        The imaging system, with the pixel that the frames have.
    name : str
        Device name; the prefix of the data keys.
    region : FrameRegion, optional
        Part of the frames to estimate; default: all of it.
    """

    sharpness = Cpt(Signal, value=0.0, kind=Kind.hinted)
    distance_dof = Cpt(Signal, value=0.0, kind=Kind.normal)
    distance_std_dof = Cpt(Signal, value=0.0, kind=Kind.normal)
    validity = Cpt(Signal, value="", kind=Kind.normal)
    in_focus = Cpt(Signal, value=0, kind=Kind.normal)
    nothing = Cpt(Signal, value=0, kind=Kind.normal)
    mean_fraction = Cpt(Signal, value=0.0, kind=Kind.normal)
    saturated_fraction = Cpt(Signal, value=0.0, kind=Kind.normal)
    condition = Cpt(Signal, value=str(Condition.GOOD), kind=Kind.normal)
    probabilities = Cpt(Signal, value=np.zeros(1), kind=Kind.normal)
    spectrum_power = Cpt(Signal, value=np.zeros(1), kind=Kind.normal)
    frame_rows = Cpt(Signal, value=0, kind=Kind.normal)
    frame_columns = Cpt(Signal, value=0, kind=Kind.normal)
    sampling_q = Cpt(Signal, value=0.0, kind=Kind.normal)
    measure = Cpt(Signal, value="estimator", kind=Kind.config)
    weights = Cpt(Signal, value="", kind=Kind.config)
    weights_sha256 = Cpt(Signal, value="", kind=Kind.config)
    full_scale = Cpt(Signal, value=0.0, kind=Kind.config)
    region = Cpt(Signal, value=(), kind=Kind.config)

    def __init__(
        self,
        camera: FrameSource,
        optics: Optics,
        *,
        name: str,
        region: FrameRegion | None = None,
    ):
        super().__init__("", name=name)
        self.part = region
        self.region.put(() if region is None else region.as_list())
        self.camera = camera
        self.optics = optics
        self._estimator: SharpnessEstimator | None = None

    def within(self, region: FrameRegion) -> "EstimatorSensor":
        """Return a sensor like this one for another part of the frames.

        Parameters
        ----------
        region : FrameRegion
            The part.

        Returns
        -------
        EstimatorSensor
            Of the same name and optics.
        """
        return EstimatorSensor(self.camera, self.optics, name=self.name, region=region)

    def load(self) -> "SharpnessEstimator":
        """Load the estimator for the camera as it is now; later calls return the same.

        Returns
        -------
        SharpnessEstimator
            The estimator. The first call imports torch, which takes a second or two.

        Raises
        ------
        OpticsError
            If the sampling of the optics is outside what the estimator knows.
        WeightsError
            If the weights are missing or damaged.
        """
        from bluesky_autofocus.estimator import SharpnessEstimator

        full_scale = self.camera.full_scale
        if self._estimator is None or self._estimator.full_scale != full_scale:
            self._estimator = SharpnessEstimator(self.optics, full_scale=full_scale)
            self.weights.put(self._estimator.version)
            self.weights_sha256.put(self._estimator.weights_sha256)
            self.full_scale.put(full_scale)
        return self._estimator

    def prepare(self) -> None:
        """Work out beforehand what the first frame of its shape would have to wait for.

        That is half a second once in a session, for a camera that tells its ``frame_shape``; with
        any other camera the first frame takes that much longer.
        """
        from bluesky_autofocus.belief import prepare

        shape = getattr(self.camera, "frame_shape", None)
        if shape is not None and self.part is not None:
            shape = self.part.shape
        if shape is not None:
            prepare(shape, self.load())

    def read(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> OrderedDictType | Awaitable[OrderedDictType]:
        """Estimate the camera's latest frame.

        Returns
        -------
        dict or awaitable
            Readings of the fields above; to be awaited if the camera's frames are.
        """
        return with_frame(self.camera, self._estimated)

    def _estimated(self, frame: NDArray[np.number]) -> OrderedDictType:
        from bluesky_autofocus.belief import estimated_values

        seen = frame if self.part is None else self.part.cut(frame)
        for field, value in estimated_values(seen, self.load()).items():
            getattr(self, field).put(value)
        return super().read()
