"""What has to hold before focal stacks are recorded."""

from collections.abc import Mapping, Sequence
from math import isfinite

from bluesky_autofocus.calibration.sharpness_curve import FEWEST_PLANES
from bluesky_autofocus.errors import StudyError, WindowError
from devices.station import Station

from .light_stubs import Light

__all__ = ["check_settings", "checked_positions", "light_of"]

MOST_PLANES = 200


def checked_positions(
    station: Station, positions: Sequence[float], reachable: tuple[float, float]
) -> list[float]:
    """Return the positions in the order in which they are visited.

    Parameters
    ----------
    station : Station
        Whose approach.
    positions : sequence of float
        In the stage's unit.
    reachable : (float, float)
        Where frames may be taken.

    Returns
    -------
    list of float
        Each once.

    Raises
    ------
    StudyError
        If there are too few or too many.
    WindowError
        If the stage cannot arrive at one of them.
    """
    unit, (low, high) = station.scale.unit, reachable
    targets = sorted({float(position) for position in positions})
    if not FEWEST_PLANES <= len(targets) <= MOST_PLANES:
        raise StudyError(
            f"{len(targets)} different positions were given; a focal stack takes {FEWEST_PLANES} "
            f"to {MOST_PLANES}."
        )
    outside = [position for position in targets if not low <= position <= high]
    if outside:
        raise WindowError(
            f"{station.stage.name} cannot arrive at {outside[0]:g} {unit} as it should: frames can "
            f"be taken in [{low:g}, {high:g}]. Leave that position out, or widen the window."
        )
    return targets if station.approach.side == "low" else targets[::-1]


def check_settings(
    station: Station,
    sample: str,
    study: str,
    lights: Mapping[str, float],
    known_focus: float | None,
) -> None:
    """Check what a recording of focal stacks is asked for.

    Parameters
    ----------
    station : Station
        Its optics must be known.
    sample, study : str
        Names.
    lights : mapping of str to float
        Factors on the light.
    known_focus : float or None
        Where focus is.

    Raises
    ------
    StudyError
        If one of them cannot be used.
    """
    if not (sample and study):
        raise StudyError(
            f"The study is called {study!r} and the sample {sample!r}; both need a name."
        )
    if not lights:
        raise StudyError("No light was given. Give a name and a factor for each sweep.")
    for name, factor in lights.items():
        if not (isfinite(factor) and factor > 0):
            raise StudyError(
                f"The factor of {name!r} light is {factor}; give a positive number, 1 for the "
                "light as it is."
            )
    if known_focus is not None and not isfinite(known_focus):
        raise StudyError(f"known_focus is {known_focus}; give a position, or leave it out.")
    if station.optics is None:
        raise StudyError(
            f"The optics of {station.name} are unknown, and a study counts in depths of field. "
            "Give optics in the station file."
        )


def light_of(station: Station, light: Light | None) -> Light:
    """Return what sets the light.

    Parameters
    ----------
    station : Station
        Its camera's exposure time is the default.
    light : Light or None
        What was given.

    Returns
    -------
    Light
        To be set and read.

    Raises
    ------
    StudyError
        If there is none.
    """
    if light is not None:
        return light
    exposure = getattr(getattr(station.camera, "cam", None), "acquire_time", None)
    if not isinstance(exposure, Light):
        raise StudyError(
            f"{station.camera.name} has no cam.acquire_time that could be set. Give light: what "
            "sets the exposure time or the lamp."
        )
    return exposure
