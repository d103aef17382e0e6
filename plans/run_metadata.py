"""What the start document of an autofocus run says."""

from dataclasses import asdict
from typing import Any

from bluesky_autofocus import __version__
from devices.station import Station

from .recorded_event import position_key

__all__ = ["run_metadata"]


def run_metadata(
    station: Station,
    *,
    search: str,
    measure: str,
    region: list[int],
    window: tuple[float, float],
    searched: tuple[float, float],
    start: float,
) -> dict[str, Any]:
    """Return the metadata of a run.

    Parameters
    ----------
    station : Station
        Where it runs.
    search, measure : str
        Names of the search and of what measures its frames.
    region : list of int
        Row, column, rows and columns of the part of the frames that is measured; empty for all.
    window, searched : (float, float)
        Where the stage may go, and where frames may be taken, in its unit.
    start : float
        Where it is.

    Returns
    -------
    dict
        As `docs/reference/data-keys.md` says.
    """
    optics = station.optics
    return {
        "plan_name": "autofocus",
        "purpose": "autofocus",
        "station": station.name,
        "detectors": [station.camera.name],
        "motors": [station.stage.name],
        "hints": {"dimensions": [([position_key(station)], "primary")]},
        "autofocus": {
            "version": __version__,
            "search": search,
            "measure": measure,
            "region": region,
            "window": list(window),
            "searched": list(searched),
            "start": start,
            "unit": station.scale.unit,
            "depth_of_field": station.scale.depth_of_field,
            "approach": {"side": station.approach.side, "backlash": station.approach.backlash},
            "optics": {} if optics is None else asdict(optics),
        },
    }
