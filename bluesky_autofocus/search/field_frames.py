"""Which frames a belief over a field can use."""

from math import isfinite

from ..errors import SearchError
from ..measurement import Condition, Measurement
from ..regions import FieldObservation
from .belief_light import MOST_CLIPPED

__all__ = ["checked_field", "usable_field"]


def checked_field(measurement: Measurement) -> FieldObservation:
    """Make sure that a measurement says something of every cell.

    Parameters
    ----------
    measurement : Measurement
        Any.

    Returns
    -------
    FieldObservation
        The same.

    Raises
    ------
    SearchError
        If it is not one.
    """
    if not isinstance(measurement, FieldObservation):
        raise SearchError(
            "The search over a field needs a FieldObservation, and was given a "
            f"{type(measurement).__name__}. Measure frames with regions.observe_field."
        )
    return measurement


def usable_field(position_dof: float, measurement: Measurement) -> bool:
    """Tell whether a frame says anything: a few clipped pixels do no harm.

    Parameters
    ----------
    position_dof : float
        Where the stage was.
    measurement : Measurement
        What was measured.

    Returns
    -------
    bool
        False if it is too dark, more than half clipped, or without numbers.
    """
    return (
        isfinite(position_dof)
        and isinstance(measurement, FieldObservation)
        and measurement.is_number
        and measurement.condition is not Condition.TOO_DARK
        and measurement.saturated_fraction <= MOST_CLIPPED
    )
