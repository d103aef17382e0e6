"""What a plan reads from the events of its own run."""

from typing import Any

from bluesky.utils import get_hinted_fields

from bluesky_autofocus.measurement import Condition, Measurement
from devices.station import Station

__all__ = ["position_key", "recorded_measurement"]


def position_key(station: Station) -> str:
    """Return the data key of the stage's readback.

    Parameters
    ----------
    station : Station
        Whose stage.

    Returns
    -------
    str
        Its hinted field, or else its name.
    """
    return next(iter(get_hinted_fields(station.stage)), station.stage.name)


def recorded_measurement(data: dict[str, Any], sensor: str) -> Measurement:
    """Build a measurement from the data of an event.

    Parameters
    ----------
    data : dict
        The event's data.
    sensor : str
        Name of the sensor that measured.

    Returns
    -------
    Measurement
        What the sensor said; an `Observation` where it is an `EstimatorSensor`.
    """
    if f"{sensor}_probabilities" in data:
        # Late, because it imports torch.
        from bluesky_autofocus.belief import recorded_observation

        return recorded_observation(data, sensor)
    return Measurement(
        sharpness=float(data[f"{sensor}_sharpness"]),
        mean_fraction=float(data[f"{sensor}_mean_fraction"]),
        saturated_fraction=float(data[f"{sensor}_saturated_fraction"]),
        condition=Condition(data[f"{sensor}_condition"]),
    )
