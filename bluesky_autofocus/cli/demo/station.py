"""The station settings with which a demo connects to its simulated station."""

from dataclasses import asdict

import numpy as np

from devices import StationSettings
from devices.station_file import (
    ApproachSettings,
    CameraSettings,
    LimitSettings,
    OpticsSettings,
    StageSettings,
)

from .request import DemoRequest

__all__ = [
    "EXPOSURE_S",
    "MOVE_TIMEOUT_S",
    "SCENE_BACKLASH_UM",
    "SIMULATED_OPTICS",
    "plane_spacing",
    "station_settings",
]

SIMULATED_OPTICS = OpticsSettings(
    numerical_aperture=0.30, wavelength_um=0.55, magnification=10, pixel_um=3.45
)
SCENE_BACKLASH_UM = 5.0
EXPOSURE_S = 0.05
# The simulated stage crosses the window in a second: who waits for a fault waits no longer.
MOVE_TIMEOUT_S = 10.0


def station_settings(request: DemoRequest, prefix: str) -> StationSettings:
    """Return the settings of a demo's station.

    Parameters
    ----------
    request : DemoRequest
        What the demo is asked to do.
    prefix : str
        Prefix of the IOC.

    Returns
    -------
    StationSettings
        For a scene as ``profile/station.yml``. For a recorded stack whose optics are unknown the
        spacing of its planes stands in for the depth of field: nothing finer can be seen.
    """
    common = {
        "stage": StageSettings(prefix=f"{prefix}m1"),
        "camera": CameraSettings(prefix=prefix, exposure_s=EXPOSURE_S),
        "window": request.window,
        "limits": LimitSettings(move_timeout_s=MOVE_TIMEOUT_S),
    }
    if request.stack is None:
        return StationSettings(
            name="simulated",
            optics=SIMULATED_OPTICS,
            approach=ApproachSettings(side="low", backlash=SCENE_BACKLASH_UM),
            **common,
        )
    name = f"replay of {request.stack.folder.name}"
    if request.how.optics is not None:
        optics = OpticsSettings(**asdict(request.how.optics))
        # The replayed stage has no play.
        return StationSettings(name=name, optics=optics, **common)
    spacing = plane_spacing(request.stack.positions)
    return StationSettings(
        name=name,
        depth_of_field=spacing,
        approach=ApproachSettings(side="low", backlash=spacing),
        **common,
    )


def plane_spacing(positions: np.ndarray) -> float:
    """Return the median distance between neighbouring planes of a focal stack.

    Parameters
    ----------
    positions : ndarray, shape (planes,)
        Positions in ascending order.

    Returns
    -------
    float
        Median distance, in their unit.
    """
    return float(np.median(np.diff(positions)))
