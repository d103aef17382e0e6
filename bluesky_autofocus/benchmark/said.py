"""What the estimator, the end-to-end network and the classical measures say of one frame."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .classical import measured, normalised
from .coverage import LEVELS
from .estimators import end_to_end_of, estimator_of
from .scenes import Scene

__all__ = ["Said", "say"]


@dataclass(frozen=True)
class Said:
    """What was said of one frame, beside the truth.

    Parameters
    ----------
    scene : int
        Number of the scene.
    light : str
        Its light.
    u_dof, true_sharpness : float
        The truth: signed defocus, and sharpness at it.
    sharpness, sharpness_unclipped, distance_dof : float
        By the estimator.
    intervals : dict
        From a level of `coverage.LEVELS` to the ends of that interval of ``|U|``.
    in_focus, good : bool
        The estimator's decision, and whether it holds the frame to be good.
    end_to_end_dof : float or None
        Signed distance by the end-to-end network; None without one.
    end_to_end_sharpness : float or None
        Sharpness at its distance.
    raw, measures : dict
        Classical measures by name, as they are and freed of gain; empty unless asked for.
    """

    scene: int
    light: str
    u_dof: float
    true_sharpness: float
    sharpness: float
    sharpness_unclipped: float
    distance_dof: float
    intervals: dict[float, tuple[float, float]]
    in_focus: bool
    good: bool
    end_to_end_dof: float | None
    end_to_end_sharpness: float | None
    raw: dict[str, float] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)


def say(
    scene: Scene,
    light: str,
    u_dof: float,
    frame: NDArray[np.unsignedinteger],
    *,
    weights: Path | None = None,
    classical: bool = False,
) -> Said:
    """Ask everyone about a frame.

    Parameters
    ----------
    scene : Scene
        What it shows.
    light : str
        One of `LIGHTS`.
    u_dof : float
        Its true defocus, depths of field.
    frame : numpy.ndarray
        The frame.
    weights : Path, optional
        Of the estimator; default: those of the package.
    classical : bool, default False
        Whether to apply the classical measures, too.

    Returns
    -------
    Said
        The answers.
    """
    optics = scene.optics
    estimate = estimator_of(scene, weights).summary(frame)
    end_to_end = end_to_end_of(scene)
    distance = None if end_to_end is None else float(end_to_end(frame))
    raw = measured(frame) if classical else {}
    return Said(
        scene=scene.spec.index,
        light=light,
        u_dof=u_dof,
        true_sharpness=float(optics.sharpness(u_dof)),
        sharpness=estimate.sharpness,
        sharpness_unclipped=estimate.sharpness_unclipped,
        distance_dof=estimate.distance_dof,
        intervals={level: estimate.interval_dof(level) for level in LEVELS},
        in_focus=estimate.in_focus,
        good=str(estimate.validity) == "good",
        end_to_end_dof=distance,
        end_to_end_sharpness=None if distance is None else float(optics.sharpness(distance)),
        raw=raw,
        measures=normalised(raw, float(frame.mean())) if classical else {},
    )
