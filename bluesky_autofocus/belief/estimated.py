"""What a sensor records of a frame, and a replay works out again, bit by bit."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from ..estimator import SharpnessEstimator
from .observation import observation_of

__all__ = ["RecordedValue", "estimated_values"]

RecordedValue = float | int | str | NDArray[np.float64]


def estimated_values(
    frame: NDArray[np.number], estimator: SharpnessEstimator
) -> dict[str, RecordedValue]:
    """Estimate a frame and return all that is recorded of it.

    Torch works on one thread meanwhile: with another number of threads it adds up in another order,
    and the last bits of a number that was recorded would not be found again.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols), at least 64 each.
    estimator : SharpnessEstimator
        Of the imaging system that took the frame.

    Returns
    -------
    dict
        The fields of `devices.EstimatorSensor`; `recorded_observation` makes an observation of
        them.

    Raises
    ------
    FrameError
        If the frame cannot be estimated.
    """
    with _one_thread():
        estimate = estimator.summary(frame)
    observation = observation_of(frame, estimate, estimator.optics.sampling_q)
    layout = observation.spectrum.layout
    return {
        "sharpness": estimate.sharpness,
        "distance_dof": estimate.distance_dof,
        "distance_std_dof": estimate.distance_std_dof,
        "validity": str(estimate.validity),
        "in_focus": int(observation.in_focus),
        "nothing": int(observation.nothing),
        "mean_fraction": observation.mean_fraction,
        "saturated_fraction": observation.saturated_fraction,
        "condition": str(observation.condition),
        "probabilities": observation.probabilities,
        "spectrum_power": observation.spectrum.power,
        "frame_rows": layout.rows,
        "frame_columns": layout.cols,
        "sampling_q": observation.sampling_q,
    }


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
