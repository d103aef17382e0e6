"""The result of the search benchmark as plain values."""

from dataclasses import asdict
from typing import Any

from ..report import reported
from .goals import search_goals
from .result import SearchResult

__all__ = ["search_json"]


def search_json(result: SearchResult) -> dict[str, Any]:
    """Return the one object that ``--json`` prints.

    Parameters
    ----------
    result : SearchResult
        What was measured.

    Returns
    -------
    dict
        Plain values; numbers that JSON does not have are None.
    """
    return reported(asdict(result), search_goals(result))
