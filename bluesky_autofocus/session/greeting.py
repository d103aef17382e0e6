"""The first lines of a session."""

import os
from collections.abc import Mapping
from pathlib import Path

from bluesky_autofocus.catalog import Catalog
from devices import Station

__all__ = ["greeting"]

SIMULATION = "127.0.0.1:5064"
ENVIRONMENT = (
    f"export EPICS_CA_ADDR_LIST={SIMULATION} EPICS_CA_AUTO_ADDR_LIST=NO EPICS_CA_REPEATER_PORT=5064"
)
"""Where a shell tells Channel Access to look for the simulated station."""


def greeting(
    catalog: Catalog | None,
    station: Station | None,
    troubles: Mapping[str, str],
    picture: Path,
) -> str:
    """Say what a session has, what does not answer, and what to type first.

    Parameters
    ----------
    catalog : Catalog, optional
        If it is open.
    station : Station, optional
        If it is connected.
    troubles : mapping of str to str
        Why ``catalog`` or ``station`` is missing.
    picture : pathlib.Path
        Where the live picture is.

    Returns
    -------
    str
        A few lines.
    """
    return "\n".join(
        [
            "bluesky-autofocus",
            *_catalog_lines(catalog, troubles),
            *_station_lines(station, troubles),
            "  plans    autofocus, autofocus_regions, focus_stack, measure_tilt, focus_map, bps",
            f"  picture  {picture}, drawn anew at each step",
            *_first_lines(station),
        ]
    )


def _catalog_lines(catalog: Catalog | None, troubles: Mapping[str, str]) -> list[str]:
    if catalog is not None:
        return [f"  catalog  {catalog.storage.home}: {len(catalog.client)} runs; RE records in it"]
    return [
        f"  catalog  NOT OPEN, nothing is recorded. {troubles.get('catalog', '')}",
        "           Then type connect().",
    ]


def _station_lines(station: Station | None, troubles: Mapping[str, str]) -> list[str]:
    if station is None:
        return [
            f"  station  NOT CONNECTED. {troubles.get('station', '')}",
            *_how_to_simulate(),
        ]
    devices = [station.stage, station.camera, station.sensor]
    if station.estimator is not None:
        devices.append(station.estimator)
    window = "" if station.window is None else f", window {station.window[0]:g} to "
    if station.window is not None:
        window += f"{station.window[1]:g} {station.scale.unit}"
    return [
        f"  station  {station.name}: {', '.join(device.name for device in devices)} answer"
        f"{window}, depth of field {station.scale.depth_of_field:.3g} {station.scale.unit}"
    ]


def _how_to_simulate() -> list[str]:
    if SIMULATION in os.environ.get("EPICS_CA_ADDR_LIST", "").split():
        return [
            "           A simulated one: `bluesky-autofocus ioc` in another terminal, "
            "then type connect()."
        ]
    return [
        "           A simulated one: `bluesky-autofocus ioc` in another terminal; then leave, and",
        "           start again where its address is known:",
        f"           {ENVIRONMENT}",
    ]


def _first_lines(station: Station | None) -> list[str]:
    if station is None:
        return ["Type first: connect()"]
    return [
        "Type first: result = RE(autofocus(station)).plan_result",
        "Then: print(result); run = catalog.v1[result.uid]; help(autofocus)",
    ]
