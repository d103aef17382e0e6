"""The reference page of the simulated PVs."""

from collections.abc import Mapping
from typing import Any

from caproto import AccessRights
from caproto.server import PvpropertyData

__all__ = ["pv_page"]

PAGE_HEAD = """\
# PVs of the simulated station

`$(P)` is the prefix of the station, `SIM:` unless `--prefix` says otherwise; `EGU` is the stage's
engineering unit. Stage, camera and plugins have the names and types of the EPICS motor record and
of areaDetector, so a real station has the same ones; `m1:`, `fault:` and `scene:` are the
simulation's own. This page is what `python -m devices.sim --list-pvs` prints.

"""


def pv_page(pvdb: Mapping[str, PvpropertyData[Any]]) -> str:
    """Describe PVs as a Markdown page.

    Parameters
    ----------
    pvdb : mapping of str to caproto.server.PvpropertyData
        PV name to channel.

    Returns
    -------
    str
        A table with one row a PV: name, Channel Access type, units, access, meaning.
    """
    rows = ["| PV | type | units | access | meaning |", "| --- | --- | --- | --- | --- |"]
    for name, channel in pvdb.items():
        writable = AccessRights.WRITE in channel.check_access("", "")
        cells = (
            f"`{name}`",
            _type(channel),
            (channel.pvspec.cls_kwargs or {}).get("units", ""),
            "read, write" if writable else "read",
            (channel.pvspec.doc or "").replace("|", "\\|"),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return PAGE_HEAD + "\n".join(rows)


def _type(channel: PvpropertyData[Any]) -> str:
    kind = channel.data_type.name
    if kind == "ENUM":
        return f"ENUM: {', '.join(getattr(channel, 'enum_strings', ()))}"
    return f"{kind} array" if (channel.max_length or 1) > 1 else kind
