"""Where focus really is, as far as anybody knows: what a demo's error is measured against."""

from dataclasses import dataclass

from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.measures import blurred_gradient

from .pv import SimulationPvs
from .request import DemoRequest

__all__ = ["FOCUS", "Reference", "find_reference"]

FOCUS = "scene:FocusPosition"


@dataclass(frozen=True)
class Reference:
    """A position that the result is held against.

    Parameters
    ----------
    position : float
        In the stage's unit.
    name : str
        What it is.
    """

    position: float
    name: str


def find_reference(request: DemoRequest, pvs: SimulationPvs) -> Reference:
    """Find the position that a demo's result is held against.

    Parameters
    ----------
    request : DemoRequest
        What the demo runs.
    pvs : SimulationPvs
        Of its IOC; holds `FOCUS`.

    Returns
    -------
    Reference
        The simulation's own truth; for a recorded stack, the plane with the strongest blurred
        gradient, which is a measurement and not the truth.
    """
    if request.stack is not None:
        return Reference(
            sharpest_position(request.stack), "plane with the strongest blurred gradient"
        )
    return Reference(pvs.get(FOCUS), "true focus of the simulation")


def sharpest_position(stack: FocalStack) -> float:
    """Return the position of the plane with the strongest blurred gradient.

    Parameters
    ----------
    stack : FocalStack
        The recorded stack.

    Returns
    -------
    float
        In the stack's unit.
    """
    values = [float(blurred_gradient(stack.plane(i))) for i in range(len(stack.positions))]
    return float(stack.positions[values.index(max(values))])
