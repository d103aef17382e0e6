"""The result of a benchmark as plain values."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from .goals import goals
from .run import BenchmarkResult

__all__ = ["plain", "to_json"]


def to_json(result: BenchmarkResult) -> dict[str, Any]:
    """Return the one object that ``--json`` prints.

    Parameters
    ----------
    result : BenchmarkResult
        What was measured.

    Returns
    -------
    dict
        Plain values; numbers that JSON does not have are None.
    """
    values = asdict(result)
    estimator = {key: values.pop(key) for key in ("version", "weights_sha256")}
    judged = [{**asdict(goal), "met": goal.met} for goal in goals(result)]
    return plain({"estimator": estimator, **values, "goals": judged})


def plain(value: Any) -> Any:
    """Replace what JSON does not have.

    Parameters
    ----------
    value : object
        Nested mappings, sequences and numbers.

    Returns
    -------
    object
        The same with lists, names as strings, and None for what is not finite.
    """
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
