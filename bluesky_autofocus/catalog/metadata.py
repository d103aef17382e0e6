"""Make values safe for the catalog: convert what loses nothing, refuse the rest."""

from collections.abc import Mapping
from enum import Enum
from math import isfinite
from pathlib import PurePath
from typing import Any

import numpy as np

from ..errors import CatalogError

__all__ = ["plain", "safe_metadata", "without_infinity"]

_LARGEST_EXACT = 2**53 - 1
# What bluesky's TiledWriter makes of infinity.
_INFINITY = 1.7976e308


def plain(value: Any) -> Any:
    """Return a value with numpy and other types replaced by equal plain Python ones.

    Parameters
    ----------
    value : Any
        NumPy scalars and arrays, tuples, sets of plain types, enumerations and paths become
        numbers, lists and strings; containers are copied; everything else is returned as it is.

    Returns
    -------
    Any
        The plain value.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def without_infinity(value: Any) -> Any:
    """Return metadata with None for infinity, as Tiled has it for NaN.

    TiledWriter would write 1.7976e308 instead, PostgreSQL returns that as a whole number of 309
    digits, and Tiled can then neither show the run nor list a page that it is on.

    Parameters
    ----------
    value : Any
        Plain values.

    Returns
    -------
    Any
        A copy.
    """
    if isinstance(value, Mapping):
        return {key: without_infinity(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_infinity(item) for item in value]
    return None if isinstance(value, float) and abs(value) >= _INFINITY else value


def safe_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata for a start document that reads back from the catalog as it went in.

    Tiled clips whole numbers beyond 2⁵³ (``1e20`` included), turns NaN and infinity into None,
    and fails on types that JSON does not have. Here each of these is an error that names the key,
    to be met before the run begins.

    Parameters
    ----------
    metadata : mapping
        Keys are strings; values are plain, numpy, enumerations, paths, None, or lists, tuples and
        mappings of them.

    Returns
    -------
    dict
        A plain copy.

    Raises
    ------
    CatalogError
        For a value that the catalog would alter or refuse.
    """
    safe = plain(metadata)
    _check(safe, "")
    return safe


def _check(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise CatalogError(
                    f"Metadata key {key!r} in {where or 'the top level'} is a "
                    f"{type(key).__name__}; keys must be strings."
                )
            _check(item, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]")
    elif isinstance(value, float) and not isfinite(value):
        raise CatalogError(
            f"Metadata {where} is {value}, which the catalog would turn into None. "
            "Leave the key out or give None."
        )
    elif isinstance(value, (int, float)):
        if value % 1 == 0 and abs(value) > _LARGEST_EXACT:
            raise CatalogError(
                f"Metadata {where} is {value}, beyond ±(2**53 - 1) where the catalog clips whole "
                "numbers. Give it as a string, or in a larger unit."
            )
    elif not (value is None or isinstance(value, str)):
        raise CatalogError(
            f"Metadata {where} is a {type(value).__name__} ({value!r:.80}), which the catalog "
            "cannot hold. Give a number, a string, or a list or mapping of them."
        )
