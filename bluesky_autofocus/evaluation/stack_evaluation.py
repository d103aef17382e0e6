"""From what was measured on each plane to what it says about stack and estimator."""

from collections.abc import Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

from ..focal_stack import FocalStack
from ..measures import MEASURES
from .focus_fit import ONE_SIGMA, FocusFit, fit_focus
from .notes import notes_on
from .peak import peak_position
from .place import place_in_stack
from .ranks import spearman
from .reading import PlaneReading
from .result import Focus, MeasureResult, Reference, StackEvaluation, StackScale
from .sampling_fit import Sampling

__all__ = ["REFERENCE_MEASURE", "evaluate_planes"]

REFERENCE_MEASURE = "blurred_gradient"
"""The classical measure whose peak is the reference where nobody gives a better one."""

GIVEN = "given"


def evaluate_planes(
    stack: FocalStack,
    planes: Sequence[PlaneReading],
    *,
    depth_of_field: float | None = None,
    sampling: Sampling | None = None,
    reference: float | None = None,
) -> StackEvaluation:
    """Compare the estimates of all planes with their positions, and so for each measure.

    Parameters
    ----------
    stack : FocalStack
        Where the planes come from.
    planes : sequence of PlaneReading
        What `read_planes` measured.
    depth_of_field : float, optional
        Length of one depth of field in the stack's unit. Without it the scale is fitted.
    sampling : Sampling, optional
        What was fitted, where the optics are unknown.
    reference : float, optional
        Where focus is, in the stack's unit. Default: the peak of `REFERENCE_MEASURE`.

    Returns
    -------
    StackEvaluation
        Everything that follows.
    """
    z = stack.positions
    distance = np.array([plane.estimate.distance_dof for plane in planes])
    interval = np.array([plane.estimate.interval_dof(ONE_SIGMA) for plane in planes])
    valid = np.array([plane.valid for plane in planes])
    values = {name: np.array([plane.measures[name] for plane in planes]) for name in MEASURES}
    fit = fit_focus(z[valid], distance[valid], interval[valid], scale=depth_of_field)
    compared_with = _reference(reference, z, values[REFERENCE_MEASURE])
    scale = _scale(depth_of_field, fit)
    away = np.full(z.size, nan) if compared_with.z is None else np.abs(z - compared_with.z)

    def focus(position: float | None, error: float = 0.0) -> Focus | None:
        if position is None:
            return None
        off = None if compared_with.z is None else position - compared_with.z
        known = scale.known
        return Focus(
            z=position,
            place=place_in_stack(position, z, error),
            error=off,
            error_dof=None if off is None or known is None else off / known,
            std=error or None,
        )

    measures = {
        name: MeasureResult(
            name,
            focus(peak_position(z, sharp)),
            rho=-spearman(sharp, away),
            rho_valid=-spearman(sharp[valid], away[valid]),
        )
        for name, sharp in values.items()
    }
    found = None if fit is None else focus(fit.z, fit.std)
    relative = _relative_errors(distance, away, scale.value)
    return StackEvaluation(
        name="/".join(stack.folder.resolve().parts[-2:]),
        unit=stack.unit,
        planes=tuple(planes),
        reference=compared_with,
        scale=scale,
        focus=found,
        floor_dof=None if fit is None else fit.floor_dof,
        rho=spearman(distance, away),
        rho_valid=spearman(distance[valid], away[valid]),
        relative_error=_median(relative),
        relative_error_valid=_median(relative[valid]),
        far_planes=int(np.isfinite(relative).sum()),
        far_planes_valid=int(np.isfinite(relative[valid]).sum()),
        sampling=sampling,
        measures=measures,
        notes=notes_on(stack, planes, compared_with, scale, found, sampling=sampling),
    )


def _reference(given: float | None, z: NDArray, sharp: NDArray) -> Reference:
    if given is not None:
        return Reference(given, GIVEN, True)
    peak = peak_position(z, sharp)
    said = "peak of" if peak is not None else "none: no peak of"
    return Reference(peak, f"{said} {REFERENCE_MEASURE}", False)


def _scale(depth_of_field: float | None, fit: FocusFit | None) -> StackScale:
    if depth_of_field is not None:
        return StackScale(depth_of_field, None, fitted=False)
    if fit is None:
        return StackScale(None, None, fitted=True)
    return StackScale(fit.scale, fit.scale_std, fitted=True)


def _relative_errors(distance: NDArray, away: NDArray, scale: float | None) -> NDArray[np.float64]:
    """Return ``|predicted - true| / true`` of planes outside the depth of field, else NaN."""
    errors = np.full(away.size, nan)
    if scale is not None:
        far = away > scale / 2
        errors[far] = np.abs(distance[far] * scale - away[far]) / away[far]
    return errors


def _median(values: NDArray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else nan
