"""Recorded estimates beside those of a replay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

__all__ = ["FIELDS", "Comparison", "compare_estimates"]

FIELDS = (
    "sharpness",
    "distance_dof",
    "distance_std_dof",
    "validity",
    "in_focus",
    "nothing",
    "mean_fraction",
    "saturated_fraction",
    "condition",
    "probabilities",
    "spectrum_power",
    "frame_rows",
    "frame_columns",
    "sampling_q",
)
"""What is compared of each frame: all that an estimator's sensor records."""


@dataclass(frozen=True)
class Comparison:
    """How far a replay's estimates are from those recorded.

    Parameters
    ----------
    frames : int
        Frames compared.
    identical : int
        Frames of which every field is the same, bit for bit.
    largest : dict of str to float
        Largest difference of each field of numbers that differs anywhere.
    changed : dict of str to int
        Frames with another value in each field of text that differs anywhere.
    """

    frames: int
    identical: int
    largest: dict[str, float]
    changed: dict[str, int]

    @property
    def is_identical(self) -> bool:
        """Whether nothing differs."""
        return self.identical == self.frames


def compare_estimates(
    recorded: Sequence[Mapping[str, Any]], replayed: Sequence[Mapping[str, Any]]
) -> Comparison:
    """Compare estimates frame by frame.

    Parameters
    ----------
    recorded, replayed : sequence of mapping
        The `FIELDS` of each frame, in the same order.

    Returns
    -------
    Comparison
        What differs.

    Raises
    ------
    ValueError
        If they are not as many.
    """
    identical, largest, changed = 0, {}, {}
    for before, now in zip(recorded, replayed, strict=True):
        differing = [field for field in FIELDS if not _same(before[field], now[field])]
        identical += not differing
        for field in differing:
            if isinstance(now[field], str):
                changed[field] = changed.get(field, 0) + 1
            else:
                far = _distance(before[field], now[field])
                largest[field] = max(far, largest.get(field, 0.0))
    return Comparison(len(recorded), identical, largest, changed)


def _same(before: Any, now: Any) -> bool:
    if isinstance(now, str):
        return before == now
    # Bits, so that NaN is like itself and -0 is not 0.
    return np.asarray(before, dtype=float).tobytes() == np.asarray(now, dtype=float).tobytes()


def _distance(before: Any, now: Any) -> float:
    a, b = np.asarray(before, dtype=float), np.asarray(now, dtype=float)
    if a.shape != b.shape:
        return float("inf")
    far = float(np.abs(a - b).max(initial=0.0))
    return float("inf") if isnan(far) else far
