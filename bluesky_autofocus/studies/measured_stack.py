"""A focal stack of which every frame has been measured, with the truth that it is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..calibration.sharpness_curve import sweep_peak
from ..errors import FrameError, StudyError
from ..measures import blurred_gradient, squared_gradient
from ..optics import Optics
from .table import Row

if TYPE_CHECKING:
    from ..estimator import SharpnessEstimator
    from ..estimator.end_to_end import EndToEndDistance

__all__ = [
    "CLASSICAL_PEAK",
    "SIMULATED_FOCUS",
    "MeasuredStack",
    "StackSource",
    "measure_stack",
    "provenance",
]

SIMULATED_FOCUS = "focus of the simulation"
CLASSICAL_PEAK = "classical peak of the sweep"


@dataclass(frozen=True)
class StackSource:
    """Where a focal stack comes from, and what is known of it.

    Parameters
    ----------
    sample, light : str
        Names of the sample and of the light.
    unit : str
        Unit of the positions.
    depth_of_field : float
        In that unit.
    optics : Optics
        The imaging system.
    focus : float or None
        Where focus is; None takes the classical peak of the sweep.
    truth : str
        What says where focus is.
    simulated : bool
        Whether the frames come from a simulation.
    flat : bool
        Whether the whole field is at one altitude.
    """

    sample: str
    light: str
    unit: str
    depth_of_field: float
    optics: Optics
    focus: float | None = None
    truth: str = CLASSICAL_PEAK
    simulated: bool = False
    flat: bool = True


@dataclass(frozen=True)
class MeasuredStack:
    """What is said of each plane of a focal stack, in the order of its positions.

    Parameters
    ----------
    source : StackSource
        Where it comes from; its focus is known.
    u_dof : numpy.ndarray
        True defocus, depths of field, shape (planes,), rising.
    sharpness, sharpness_unclipped : numpy.ndarray
        Of the estimator, shape (planes,).
    distance_dof, distance_std_dof : numpy.ndarray
        Predicted ``|U|`` and its stated standard deviation, shape (planes,).
    good : numpy.ndarray
        Whether the estimator calls its numbers good, shape (planes,).
    squared_gradient : numpy.ndarray
        Grey levels squared, shape (planes,).
    end_to_end_dof : numpy.ndarray
        Signed distance by the end-to-end network, shape (planes,); NaN where there is none.
    """

    source: StackSource
    u_dof: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    sharpness_unclipped: NDArray[np.float64]
    distance_dof: NDArray[np.float64]
    distance_std_dof: NDArray[np.float64]
    good: NDArray[np.bool_]
    squared_gradient: NDArray[np.float64]
    end_to_end_dof: NDArray[np.float64]

    @property
    def name(self) -> str:
        """Sample and light."""
        return f"{self.source.sample}, {self.source.light}"

    @property
    def true_sharpness(self) -> NDArray[np.float64]:
        """Sharpness at the true defocus, shape (planes,)."""
        return self.source.optics.sharpness(self.u_dof)


def measure_stack(
    planes: Iterable[tuple[float, NDArray[Any]]],
    source: StackSource,
    estimator: "SharpnessEstimator",
    end_to_end: "EndToEndDistance | None" = None,
) -> MeasuredStack:
    """Measure every plane of a focal stack; each frame is looked at once and let go.

    Parameters
    ----------
    planes : iterable of (float, numpy.ndarray)
        Position and frame of each plane, in any order.
    source : StackSource
        Where they come from.
    estimator : SharpnessEstimator
        For their optics and camera.
    end_to_end : EndToEndDistance, optional
        The network from pixels to a signed distance.

    Returns
    -------
    MeasuredStack
        In the order of the positions, with the focus known.

    Raises
    ------
    StudyError
        If there is no plane.
    CalibrationError
        If nobody knows the focus, and the sweep has no classical peak.
    """
    said: list[tuple[float, ...]] = []
    for position, frame in planes:
        estimate = estimator.summary(frame)
        said.append(
            (
                position,
                estimate.sharpness,
                estimate.sharpness_unclipped,
                estimate.distance_dof,
                estimate.distance_std_dof,
                estimate.validity == "good",
                float(squared_gradient(frame)),
                _signed_distance(end_to_end, frame),
                max(float(blurred_gradient(frame)), 1e-12),
            )
        )
    if not said:
        raise StudyError(
            f"The stack of {source.sample} in {source.light} light has no plane. Record it again."
        )
    z, sharpness, unclipped, distance, std, good, gradient, signed, classical = np.array(
        sorted(said)
    ).T
    focus = source.focus
    if focus is None:
        focus = sweep_peak(z, classical, source.unit)
    return MeasuredStack(
        source=replace(source, focus=focus),
        u_dof=(z - focus) / source.depth_of_field,
        sharpness=sharpness,
        sharpness_unclipped=unclipped,
        distance_dof=distance,
        distance_std_dof=std,
        good=good.astype(bool),
        squared_gradient=gradient,
        end_to_end_dof=signed,
    )


def provenance(stacks: Sequence[MeasuredStack]) -> Row:
    """Return the columns that say what a table comes from.

    Parameters
    ----------
    stacks : sequence of MeasuredStack
        What it was made of.

    Returns
    -------
    Row
        ``truth``: what their frames are held against. ``simulated``: whether any of them is.
    """
    return {
        "truth": ", ".join(dict.fromkeys(stack.source.truth for stack in stacks)),
        "simulated": any(stack.source.simulated for stack in stacks),
    }


def _signed_distance(end_to_end: "EndToEndDistance | None", frame: NDArray[Any]) -> float:
    try:
        return np.nan if end_to_end is None else end_to_end(frame)
    except FrameError:
        # It takes no frame without any contrast.
        return np.nan
