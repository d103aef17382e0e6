"""The sensor: light becomes electrons, electrons become numbers."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError

__all__ = ["Sensor", "expose"]

# Below this the Poisson distribution is drawn as such; above, its normal limit is closer than one
# part in a hundred of the standard deviation and ten times as quick.
POISSON_LIMIT_E = 25.0

# Two streams of noise whatever the machine, so that a seed gives the same frame everywhere.
STREAMS = 2
ROWS = 64


@lru_cache(maxsize=1)
def _pool(pid: int) -> ThreadPoolExecutor:
    """Threads do not survive a fork, so every process has its own."""
    return ThreadPoolExecutor(max_workers=STREAMS, thread_name_prefix=f"sensor-noise-{pid}")


@dataclass(frozen=True)
class Sensor:
    """A camera sensor with shot noise, read noise and a finite full well.

    Parameters
    ----------
    bits : int, default 8
        Depth of the analogue-to-digital converter, 8 to 16.
    gain : float, default 1
        Factor on the signal; at 1 the full well is full scale.
    full_well_e : float, default 10000
        Electrons that a pixel holds.
    read_noise_e : float, default 5
        Standard deviation of the read noise, electrons.
    black_level : float, default 0.01
        Offset that keeps the noise of a dark frame above zero, as a fraction of full scale.

    Raises
    ------
    SceneError
        If a value is out of its range.
    """

    bits: int = 8
    gain: float = 1.0
    full_well_e: float = 10_000.0
    read_noise_e: float = 5.0
    black_level: float = 0.01

    def __post_init__(self) -> None:
        """Check every value."""
        if self.bits not in range(8, 17):
            raise SceneError(f"bits is {self.bits}; a sensor has 8 to 16. Give one of those.")
        for name, low, high in (
            ("gain", 0.0, 1e4),
            ("full_well_e", 1.0, 1e7),
            ("read_noise_e", 0.0, 1e4),
            ("black_level", 0.0, 0.5),
        ):
            value = getattr(self, name)
            if not (isfinite(value) and low <= value <= high):
                raise SceneError(
                    f"{name} is {value}; it must lie from {low:g} to {high:g}. "
                    "Give a value from that range."
                )

    @property
    def full_scale(self) -> int:
        """Largest value of a pixel."""
        return 2**self.bits - 1


def expose(
    light: NDArray[np.floating], sensor: Sensor, *, seed: int | Sequence[int]
) -> NDArray[np.unsignedinteger]:
    """Turn light into a frame, with shot noise, read noise, offset, clipping and rounding.

    Parameters
    ----------
    light : numpy.ndarray
        Light collected by each pixel as a fraction of full well, shape (rows, cols).
    sensor : Sensor
        What collects it.
    seed : int or sequence of int
        Seed of the noise; the same seed gives the same frame, bit for bit.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols); uint8 for 8 bits, else uint16 with values below ``2**bits``.
    """
    light = np.asarray(light, dtype=np.float32)
    frame = np.empty(light.shape, dtype=np.uint8 if sensor.bits == 8 else np.uint16)
    seeds = np.random.SeedSequence(seed).spawn(STREAMS)
    edges = np.linspace(0, light.shape[0], STREAMS + 1).astype(int)
    pool = _pool(os.getpid())
    tasks = [
        pool.submit(_expose_rows, light[a:b], frame[a:b], sensor, child)
        for a, b, child in zip(edges[:-1], edges[1:], seeds, strict=True)
    ]
    for task in tasks:
        task.result()
    return frame


def _expose_rows(
    light: NDArray[np.float32],
    frame: NDArray[np.unsignedinteger],
    sensor: Sensor,
    seed: np.random.SeedSequence,
) -> None:
    """Fill some rows of the frame, a few at a time so that they stay in the cache."""
    rng = np.random.Generator(np.random.SFC64(seed))
    read_noise = np.float32(sensor.read_noise_e)
    scale = np.float32(sensor.gain * sensor.full_scale / sensor.full_well_e)
    offset = np.float32(sensor.black_level * sensor.full_scale)
    for first in range(0, light.shape[0], ROWS):
        rows = slice(first, first + ROWS)
        mean = np.maximum(light[rows], 0) * np.float32(sensor.full_well_e)
        normal = rng.standard_normal(mean.shape, dtype=np.float32)
        electrons = mean + normal * np.sqrt(mean + read_noise**2)
        few = mean < POISSON_LIMIT_E
        if few.any():
            electrons[few] = rng.poisson(mean[few]) + normal[few] * read_noise
        np.minimum(electrons, np.float32(sensor.full_well_e), out=electrons)
        electrons *= scale
        electrons += offset
        np.rint(electrons, out=electrons)
        np.clip(electrons, 0, sensor.full_scale, out=electrons)
        frame[rows] = electrons
