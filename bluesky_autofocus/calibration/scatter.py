"""How well the stage comes back to a position."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

__all__ = ["FEWEST_REPEATS", "Scatter", "measure_scatter"]

FEWEST_REPEATS = 4


@dataclass(frozen=True)
class Scatter:
    """How well the stage comes back to a position.

    Parameters
    ----------
    carriage, carriage_std : float
        Standard deviation of where the sample really was, by its sharpness, without the noise of
        the frames; and its standard error. In the stage's unit.
    readback : float
        Standard deviation of the readbacks.
    drift, drift_std : float
        How far the mean of the repeated arrivals lies from the sweep that was made before in the
        same direction, and its standard error.
    """

    carriage: float
    carriage_std: float
    readback: float
    drift: float
    drift_std: float


def measure_scatter(
    numbers: Sequence[int],
    positions: ArrayLike,
    sharpness: ArrayLike,
    curve: tuple[ArrayLike, ArrayLike],
) -> Scatter | str:
    """Tell position noise from frame noise by two frames at every arrival.

    Parameters
    ----------
    numbers : sequence of int
        Number of the arrival of each frame.
    positions, sharpness : array_like, shape (frames,)
        Readbacks, and values of a focus measure, > 0.
    curve : (array_like, array_like)
        Positions, strictly rising, and sharpness of the sweep in the same direction.

    Returns
    -------
    Scatter or str
        Why it cannot be told, if it cannot.
    """
    at, logs = np.asarray(positions, dtype=float), np.log(np.asarray(sharpness, dtype=float))
    frames: dict[int, list[int]] = defaultdict(list)
    for index, number in enumerate(numbers):
        frames[number].append(index)
    arrivals = [kept for kept in frames.values() if len(kept) >= 2]
    z, log_curve = np.asarray(curve[0], dtype=float), np.log(np.asarray(curve[1], dtype=float))
    if len(arrivals) < FEWEST_REPEATS or z.size < 3:
        return (
            f"{len(arrivals)} repeated arrivals with two frames each; {FEWEST_REPEATS} are needed, "
            "from a run of the plan calibrate"
        )
    place = float(np.mean(at))
    known = PchipInterpolator(z, log_curve)
    slope = abs(float(known.derivative()(np.clip(place, z[0], z[-1]))))
    if not slope > 0:
        return "the sharpness does not change where the stage came back to"
    means = np.array([logs[kept].mean() for kept in arrivals])
    within = float(np.mean([logs[kept].var(ddof=1) / len(kept) for kept in arrivals]))
    between = float(means.var(ddof=1))
    count = len(arrivals)
    # Of a variance of n values the standard error is sqrt(2 / (n - 1)) of it.
    error = between * sqrt(2 / (count - 1))
    variance = max(between - within, 0.0)
    carriage = sqrt(variance) / slope
    least = sqrt(error) / slope
    offset = float(known(place)) - float(means.mean())
    return Scatter(
        carriage=carriage,
        carriage_std=min(error / (2 * sqrt(variance) * slope), least) if variance > 0 else least,
        readback=float(np.std([at[kept[0]] for kept in arrivals], ddof=1)),
        drift=offset / slope,
        drift_std=sqrt(between * (1 + 1 / count)) / slope,
    )
