"""Recorded sweeps through focus become examples."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FrameError, TrainingError
from ...evaluation import ONE_SIGMA, fit_focus, peak_position, stack_full_scale
from ...measures import MEASURES
from ...optics import Optics
from ...scale import Scale
from ..estimator import SharpnessEstimator
from ..frames import checked_frame
from ..validity import Validity
from .examples import ExampleSet, examples_of
from .scenes import TrainingFrame

__all__ = ["FEWEST_PLANES", "Sweep", "SweepExamples", "examples_of_sweep", "joined"]

FEWEST_PLANES = 8
"""Planes of a sweep that can be learned from."""

# Beyond, the networks' axis ends.
FARTHEST_DOF = 105.0
HELD_BACK = 4
MEASURE = "blurred_gradient"
# A second frame is most telling at some half of the distance from focus.
PARTNER_SHARE, PARTNER_LEAST_DOF = 0.6, 0.3


@dataclass(frozen=True)
class Sweep:
    """Frames of one flat sample at known positions.

    Parameters
    ----------
    name : str
        For people.
    frame : callable
        Gives the frame of an index, shape (rows, cols).
    z : numpy.ndarray
        Stage position of each, shape (n,).
    unit : str
        Unit of the positions, a length.
    optics : Optics
        What took them.
    focus : float or None
        Where focus is, in that unit; None if nobody knows.
    """

    name: str
    frame: Callable[[int], NDArray[np.unsignedinteger]]
    z: NDArray[np.float64]
    unit: str
    optics: Optics
    focus: float | None = None


@dataclass(frozen=True)
class SweepExamples:
    """What can be learned from a sweep, and what is held back to see whether it was.

    Parameters
    ----------
    learned, held_back : ExampleSet
        Three planes of four in pairs, and every fourth.
    said : dict
        What was found, plain values: ``name``, ``planes``, ``used``, ``focus``, ``focus_source``,
        ``depth_of_field`` and ``unit``.
    """

    learned: ExampleSet
    held_back: ExampleSet
    said: dict[str, Any]


def examples_of_sweep(sweep: Sweep, scene: int, *, weights: Path | None = None) -> SweepExamples:
    """Make examples of a sweep.

    The truth of a plane is its distance from focus in depths of field. Where nobody knows focus,
    it is where the estimator's distances are symmetrical, else the peak of the blurred gradient.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    scene : int
        A number that no other sweep and no simulated scene has.
    weights : Path, optional
        Weights to be fine-tuned; default: those shipped.

    Returns
    -------
    SweepExamples
        Planes that are saturated, dark, or farther than 105 depths of field are left out.

    Raises
    ------
    TrainingError
        If planes are too few, or focus cannot be told.
    FrameError
        If a frame cannot be measured.
    StationError, OpticsError, WeightsError
        If the unit is no length, the sampling is out of range, or the weights cannot be read.
    """
    scale = Scale.from_um(sweep.optics.depth_of_field_um, sweep.unit)
    count = sweep.z.size
    _check_count(sweep, count, "")
    if not np.isfinite(sweep.z).all():
        raise TrainingError(f"{sweep.name} has a position that is not finite. Leave the frame out.")
    full_scale = stack_full_scale(_native(sweep, index) for index in range(count))
    estimator = SharpnessEstimator(sweep.optics, full_scale=full_scale, weights=weights)
    estimates = [estimator.summary(_native(sweep, index)) for index in range(count)]
    lit = [e.validity not in (Validity.SATURATED, Validity.TOO_DARK) for e in estimates]
    focus, source = sweep.focus, "given"
    if focus is None:
        certain = np.array([e.validity == Validity.GOOD for e in estimates])
        distance = np.array([e.distance_dof for e in estimates])
        ends = np.array([e.interval_dof(ONE_SIGMA) for e in estimates])
        z = sweep.z
        fit = fit_focus(z[certain], distance[certain], ends[certain], scale=scale.depth_of_field)
        focus, source = None if fit is None else fit.z, "symmetry of the estimated distances"
        if focus is None or not z.min() < focus < z.max():
            focus, source = _peak(sweep), f"peak of {MEASURE}"
    u = np.array([scale.to_dof(z - focus) for z in sweep.z])
    used = np.flatnonzero(np.array(lit) & (np.abs(u) <= FARTHEST_DOF))
    _check_count(
        sweep,
        used.size,
        f" that are neither saturated nor dark nor more than {FARTHEST_DOF:g} depths of field "
        f"({scale.depth_of_field:.4g} {sweep.unit} each) from focus at {focus:.6g}",
    )
    used = used[np.argsort(u[used], kind="stable")]
    held = used[HELD_BACK // 2 :: HELD_BACK]
    learned = np.setdiff1d(used, held)

    def examples(index: int) -> ExampleSet:
        frame = _native(sweep, index)
        return examples_of(
            [
                TrainingFrame(
                    frame=frame,
                    full_scale=full_scale,
                    sampling_q=sweep.optics.sampling_q,
                    u_dof=np.full(frame.shape, u[index], dtype=np.float32),
                    blank=False,
                    scene=scene,
                    step_dof=float(u[index]),
                )
            ]
        )

    made = {int(index): examples(int(index)) for index in used}
    return SweepExamples(
        learned=joined([made[k] for pair in _pairs(u, learned) for k in pair]),
        held_back=joined([made[int(index)] for index in held]),
        said={
            "name": sweep.name,
            "planes": count,
            "used": int(used.size),
            "held_back": int(held.size),
            "focus": float(focus),
            "focus_source": source,
            "depth_of_field": scale.depth_of_field,
            "unit": sweep.unit,
        },
    )


def joined(parts: list[ExampleSet]) -> ExampleSet:
    """Join examples; they are not copied.

    Parameters
    ----------
    parts : list of ExampleSet
        In order.

    Returns
    -------
    ExampleSet
        All of them.
    """
    out = ExampleSet([], [], [], [])
    for part in parts:
        out.summary.extend(part.summary)
        out.levels.extend(part.levels)
        out.truth.extend(part.truth)
        out.info.extend(part.info)
    return out


def _native(sweep: Sweep, index: int) -> NDArray[np.unsignedinteger]:
    try:
        frame = checked_frame(sweep.frame(index))
    except FrameError as error:
        raise FrameError(f"{sweep.name}, frame {index}: {error}") from error
    for dtype in (np.uint8, np.uint16):
        if frame.dtype == dtype:
            return frame.astype(dtype, copy=False)
    raise FrameError(
        f"{sweep.name}, frame {index}: its pixels are {frame.dtype}. Record them with 8 or 16 "
        "bits, unsigned."
    )


def _peak(sweep: Sweep) -> float:
    order = np.argsort(sweep.z, kind="stable")
    sharp = [float(MEASURES[MEASURE](_native(sweep, int(index)))) for index in order]
    peak = peak_position(sweep.z[order], sharp)
    if peak is None or not sweep.z.min() < peak < sweep.z.max():
        raise TrainingError(
            f"{sweep.name} does not tell where focus is: neither the estimated distances nor "
            f"{MEASURE} have their best inside its {sweep.z.size} planes. Say it with --focus."
        )
    return peak


def _pairs(u: NDArray[np.float64], learned: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Give each plane another at a telling step."""
    pairs = []
    for place in learned:
        step = np.abs(u[learned] - u[place])
        wanted = max(PARTNER_LEAST_DOF, PARTNER_SHARE * abs(u[place]))
        step[learned == place] = np.inf
        pairs.append((int(place), int(learned[np.argmin(np.abs(step - wanted))])))
    return pairs


def _check_count(sweep: Sweep, count: int, which: str) -> None:
    if count < FEWEST_PLANES:
        raise TrainingError(
            f"{sweep.name} has {count} planes{which}; at least {FEWEST_PLANES} are needed. "
            "Record a sweep with more."
        )
