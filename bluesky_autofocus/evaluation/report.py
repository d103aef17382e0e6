"""An evaluation as plain values, for JSON."""

from math import isfinite
from typing import Any

from .reading import PlaneReading
from .result import Focus, StackEvaluation

__all__ = ["INTERVAL", "evaluation_to_json"]

INTERVAL = 0.9
"""Probability of the intervals that are told."""

# Positions are as in the file; what was computed is not known to more digits than these.
DIGITS = 6


def evaluation_to_json(evaluation: StackEvaluation) -> dict[str, Any]:
    """Return an evaluation as plain values.

    Parameters
    ----------
    evaluation : StackEvaluation
        An evaluated stack.

    Returns
    -------
    dict
        As ``docs/reference/cli.md`` describes; numbers that are undefined are None.
    """
    reference, scale = evaluation.reference, evaluation.scale
    return {
        "unit": evaluation.unit,
        "reference": {"z": _number(reference.z), "source": reference.source},
        "scale": {
            "value": _number(scale.value),
            "std": _number(scale.std),
            "fitted": scale.fitted,
        },
        "fitted_sampling": (
            None
            if evaluation.sampling is None
            else {
                "sampling_q": evaluation.sampling.recorded_q,
                "binning": evaluation.sampling.binning,
            }
        ),
        "focus": _focus(evaluation.focus),
        "floor_dof": None if evaluation.floor_dof is None else round(evaluation.floor_dof, 3),
        "rho": _number(evaluation.rho),
        "rho_valid": _number(evaluation.rho_valid),
        "median_relative_error": _number(evaluation.relative_error),
        "median_relative_error_valid": _number(evaluation.relative_error_valid),
        "far_planes": evaluation.far_planes,
        "far_planes_valid": evaluation.far_planes_valid,
        "valid_planes": evaluation.valid_planes,
        "measures": {
            name: {
                "focus": _focus(result.focus),
                "rho": _number(result.rho),
                "rho_valid": _number(result.rho_valid),
            }
            for name, result in evaluation.measures.items()
        },
        "planes": [_plane(plane, scale.known) for plane in evaluation.planes],
        "notes": list(evaluation.notes),
    }


def _plane(plane: PlaneReading, known_scale: float | None) -> dict[str, Any]:
    estimate = plane.estimate
    interval = estimate.interval_dof(INTERVAL)

    def length(value_dof: float) -> float | None:
        return None if known_scale is None else _number(value_dof * known_scale)

    return {
        "file": plane.file,
        "z": plane.z,
        "validity": str(estimate.validity),
        "sharpness": _number(estimate.sharpness),
        "sharpness_std": _number(estimate.sharpness_std),
        "in_focus": bool(estimate.in_focus),
        "distance_dof": _number(estimate.distance_dof),
        "distance_std_dof": _number(estimate.distance_std_dof),
        "interval_90_dof": [_number(end) for end in interval],
        "distance": length(estimate.distance_dof),
        "distance_std": length(estimate.distance_std_dof),
        "interval_90": None if known_scale is None else [length(end) for end in interval],
        "saturated_fraction": _number(estimate.saturated_fraction),
        "mean_fraction": _number(estimate.mean_fraction),
        "measures": {name: _number(value) for name, value in plane.measures.items()},
    }


def _focus(focus: Focus | None) -> dict[str, Any] | None:
    if focus is None:
        return None
    return {
        "z": _number(focus.z),
        "std": _number(focus.std),
        "place": str(focus.place),
        "error": _number(focus.error),
        "error_dof": _number(focus.error_dof),
    }


def _number(value: float | None) -> float | None:
    if value is None or not isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")
