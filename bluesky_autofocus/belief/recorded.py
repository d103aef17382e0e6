"""An observation as it was recorded: a search is done again from events alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..measurement import Condition
from .frame_spectrum import FrameSpectrum
from .observation import Observation
from .spectrum_layout import SpectrumLayout

__all__ = ["recorded_observation"]


def recorded_observation(data: Mapping[str, Any], sensor: str) -> Observation:
    """Rebuild the observation that an event holds, bit by bit.

    Parameters
    ----------
    data : mapping
        Data of an event, or a row of a run's table.
    sensor : str
        Name of the sensor, with which its keys begin.

    Returns
    -------
    Observation
        What the sensor said.

    Raises
    ------
    KeyError
        If one of the sensor's keys is missing.
    """
    said = {key.removeprefix(f"{sensor}_"): value for key, value in data.items()}
    layout = SpectrumLayout(int(said["frame_rows"]), int(said["frame_columns"]))
    return Observation(
        sharpness=float(said["sharpness"]),
        mean_fraction=float(said["mean_fraction"]),
        saturated_fraction=float(said["saturated_fraction"]),
        condition=Condition(said["condition"]),
        spectrum=FrameSpectrum(layout, np.asarray(said["spectrum_power"], dtype=float)),
        sampling_q=float(said["sampling_q"]),
        probabilities=np.asarray(said["probabilities"], dtype=float),
        nothing=bool(said["nothing"]),
        in_focus=bool(said["in_focus"]),
    )
