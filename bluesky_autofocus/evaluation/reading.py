"""What is measured on each plane of a stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import FrameError
from ..focal_stack import FocalStack
from ..measures import MEASURES
from .estimate import Estimate, Estimator
from .sampling_fit import Sampling

__all__ = ["PlaneReading", "read_planes"]


@dataclass(frozen=True)
class PlaneReading:
    """One plane of a stack.

    Parameters
    ----------
    file : str
        Name of the image.
    z : float
        Stage position.
    estimate : Estimate
        What the estimator says.
    measures : mapping of str to float
        Every classical focus measure.
    """

    file: str
    z: float
    estimate: Estimate
    measures: Mapping[str, float]

    @property
    def valid(self) -> bool:
        """Whether the estimate is to be trusted."""
        return self.estimate.validity == "good"


def read_planes(
    stack: FocalStack,
    estimator: Estimator,
    *,
    sampling: Sampling | None = None,
    on_plane: Callable[[], None] | None = None,
) -> tuple[PlaneReading, ...]:
    """Measure all planes, one after the other.

    Parameters
    ----------
    stack : FocalStack
        The stack.
    estimator : Estimator
        What estimates each frame.
    sampling : Sampling, optional
        How frames are binned for the estimator; default: not at all.
    on_plane : callable, optional
        Called after each plane.

    Returns
    -------
    tuple of PlaneReading
        In order of position.

    Raises
    ------
    FocalStackError
        If an image cannot be read.
    FrameError
        If an image cannot be measured, such as one that is too small.
    """
    readings = []
    for index, (path, z) in enumerate(zip(stack.files, stack.positions, strict=True)):
        frame = stack.plane(index)
        try:
            estimate = estimator.summary(frame if sampling is None else sampling.binned(frame))
            measures = {name: float(measure(frame)) for name, measure in MEASURES.items()}
        except FrameError as error:
            raise FrameError(f"{path}: {error}") from error
        readings.append(PlaneReading(path.name, float(z), estimate, measures))
        if on_plane is not None:
            on_plane()
    return tuple(readings)
