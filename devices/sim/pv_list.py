"""The table of PVs in the reference pages."""

from collections.abc import Mapping
from typing import Any

from caproto import AccessRights
from caproto.server import PvpropertyData

__all__ = ["pv_table"]


def pv_table(pvdb: Mapping[str, PvpropertyData[Any]]) -> str:
    """Describe PVs as a Markdown table.

    Parameters
    ----------
    pvdb : mapping of str to caproto.server.PvpropertyData
        PV name to channel.

    Returns
    -------
    str
        One row a PV: name, Channel Access type, units, access, meaning.
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
    return "\n".join(rows)


def _type(channel: PvpropertyData[Any]) -> str:
    kind = channel.data_type.name
    if kind == "ENUM":
        return f"ENUM: {', '.join(getattr(channel, 'enum_strings', ()))}"
    return f"{kind} array" if (channel.max_length or 1) > 1 else kind
