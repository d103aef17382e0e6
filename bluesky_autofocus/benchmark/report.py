"""The result of a benchmark as plain values."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from .goal import Goal
from .goals import goals
from .run import BenchmarkResult

__all__ = ["reported", "to_json"]


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
    return reported(asdict(result), goals(result))


def reported(values: dict[str, Any], judged: Sequence[Goal]) -> dict[str, Any]:
    """Put together what was measured, the estimator it was measured with, and the goals.

    Parameters
    ----------
    values : dict
        Fields of a result, ``version`` and ``weights_sha256`` of the estimator among them.
    judged : sequence of Goal
        The goals.

    Returns
    -------
    dict
        Plain values; numbers that JSON does not have are None.
    """
    estimator = {key: values.pop(key) for key in ("version", "weights_sha256")}
    met = [{**asdict(goal), "met": goal.met} for goal in judged]
    return _plain({"estimator": estimator, **values, "goals": met})


def _plain(value: Any) -> Any:
    """Replace what JSON does not have."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
