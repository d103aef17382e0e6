"""Whether a frame is still sharp enough."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from bluesky_autofocus.errors import KeepFocusError
from bluesky_autofocus.measurement import Condition

__all__ = ["SharpEnough"]

KEPT_SHARE = 0.8
"""Share of the sharpness in focus that a frame must have where nothing else is said."""


class SharpEnough:
    """Judges recorded frames by a threshold, by the estimator, or by the last frame in focus.

    Without a threshold a frame that the estimator has seen must look in focus to it. A classical
    measure has no scale of its own: there the frame must have four fifths of the sharpness that
    the same place had in focus, and without such a frame nothing is sharp enough.

    Parameters
    ----------
    sensor : str
        Name of the sensor, with which its data keys begin.
    below_sharpness : float, optional
        The threshold, on the sensor's scale.

    Raises
    ------
    KeepFocusError
        If the threshold is not a positive number.
    """

    def __init__(self, sensor: str, below_sharpness: float | None = None):
        if below_sharpness is not None and not (isfinite(below_sharpness) and below_sharpness > 0):
            raise KeepFocusError(
                f"below_sharpness is {below_sharpness}: it must be a positive number, on the scale "
                "of the station's sensor. Give one, or leave it out."
            )
        self._sensor = sensor
        self._threshold = below_sharpness
        self._in_focus: float | None = None

    def judges(self, data: Mapping[str, Any]) -> bool:
        """Tell whether an event holds the sensor's readings.

        Parameters
        ----------
        data : mapping
            Data of any event.

        Returns
        -------
        bool
            Whether `fault` can judge it.
        """
        return f"{self._sensor}_sharpness" in data

    def needs_reference(self, data: Mapping[str, Any]) -> bool:
        """Tell whether a frame in focus is needed to judge others by.

        Parameters
        ----------
        data : mapping
            Data of an event with the sensor's readings.

        Returns
        -------
        bool
            Whether to call `learn` with a frame taken after each refocus.
        """
        return self._threshold is None and f"{self._sensor}_in_focus" not in data

    def learn(self, data: Mapping[str, Any]) -> None:
        """Take a frame for one in focus.

        Parameters
        ----------
        data : mapping
            Data of its event.
        """
        self._in_focus = float(data[f"{self._sensor}_sharpness"])

    def forget(self) -> None:
        """Forget the frame in focus: the field shows another place."""
        self._in_focus = None

    def fault(self, data: Mapping[str, Any]) -> str:
        """Say what is wrong with a frame.

        Parameters
        ----------
        data : mapping
            Data of its event.

        Returns
        -------
        str
            Why it is not sharp enough; empty if it is.
        """
        seen = float(data[f"{self._sensor}_sharpness"])
        if data[f"{self._sensor}_condition"] == Condition.TOO_DARK:
            return "the frame is too dark"
        if self._threshold is not None:
            return "" if seen >= self._threshold else f"sharpness {seen:.4g} < {self._threshold:g}"
        in_focus = data.get(f"{self._sensor}_in_focus")
        if in_focus is not None:
            return "" if in_focus else "the estimator does not see the frame in focus"
        if self._in_focus is None:
            return "this place has not been in focus yet"
        least = KEPT_SHARE * self._in_focus
        return "" if seen >= least else f"sharpness {seen:.4g} < {least:.4g}"
