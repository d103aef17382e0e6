"""Optics with which the belief may search a recorded stack, where nobody knows them."""

import numpy as np

from ..belief import MOST_MISFIT, FocusBelief, observe
from ..errors import FrameError, OpticsError
from ..estimator import SharpnessEstimator
from ..evaluation import REFERENCE_MEASURE, peak_position, stack_full_scale
from ..focal_stack import FocalStack
from ..measures import measure
from ..optics import Optics, optics_of_sampling
from ..scale import UM_PER_UNIT
from .arrival import Arrival
from .blur_rate import fit_blur_rate

__all__ = ["fit_stack_optics"]

MOST_PLANES = 15
"""Planes, evenly spread, that one texture has to explain together."""


def fit_stack_optics(stack: FocalStack) -> Optics | str:
    """Fit optics to a stack, and see whether its planes agree with them.

    The fit is `fit_blur_rate`. The planes agree if one texture explains their spectra where focus
    is at the peak of the classical measure: they do not where anything but defocus changes with
    the position, such as magnification, light, or what the camera makes of a frame.

    Parameters
    ----------
    stack : FocalStack
        The stack.

    Returns
    -------
    Optics or str
        Why the stack does not support any, if it does not.

    Raises
    ------
    FocalStackError
        If an image cannot be read.
    """
    if stack.unit not in UM_PER_UNIT:
        return f"the unit of the positions, {stack.unit!r}, is no length"
    frames = [stack.plane(index) for index in range(len(stack))]
    full_scale = stack_full_scale(frames)

    def estimator_of(sampling_q: float) -> SharpnessEstimator:
        return SharpnessEstimator(optics_of_sampling(sampling_q), full_scale=full_scale)

    z = stack.positions
    arrivals = [Arrival(float(at), frame) for at, frame in zip(z, frames, strict=True)]
    try:
        found = fit_blur_rate(arrivals, estimator_of)
        if isinstance(found, str):
            return found
        optics = found.effective_optics(UM_PER_UNIT[stack.unit])
    except (FrameError, OpticsError) as error:
        return str(error)
    sharpness = measure(REFERENCE_MEASURE)
    focus = peak_position(z, np.array([float(sharpness(frame)) for frame in frames]))
    if focus is None:
        return "no plane is sharper than another"
    estimator, length = estimator_of(found.sampling.sampling_q), found.depth_of_field
    belief = FocusBelief(float(z[0]) / length, float(z[-1]) / length)
    for index in np.unique(np.linspace(0, len(z) - 1, MOST_PLANES).round().astype(int)):
        belief = belief.ingest(float(z[index]) / length, observe(frames[index], estimator))
    misfit = belief.misfit(focus / length)
    if misfit > MOST_MISFIT:
        return (
            f"with the focus at the peak of {REFERENCE_MEASURE}, {focus:.4g} {stack.unit}, and the "
            f"depth of field that fits best, {length:.3g} {stack.unit}, the planes do not show one "
            f"texture (misfit {misfit:.0f}, at most {MOST_MISFIT:g}): something else changes with "
            "the position, such as magnification or light"
        )
    return optics
