"""Time each focus measure against numpy's squared gradient, side by side in one run.

Run ``python tests/benchmarks/bench_measures.py``; it takes some seconds and asserts nothing.
"""

import argparse
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.measures import MEASURES


def numpy_squared_gradient(frame: NDArray) -> float:
    """Measure the squared gradient as one writes it first."""
    grey = frame.astype(np.float32)
    return float(np.mean(np.diff(grey, axis=0) ** 2) + np.mean(np.diff(grey, axis=1) ** 2))


def milliseconds(function: Callable[[NDArray], object], frame: NDArray, repeats: int) -> float:
    """Return the median time of a call after one to warm up."""
    function(frame)
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function(frame)
        times.append(perf_counter() - start)
    return 1e3 * median(times)


def peak_mebibytes(function: Callable[[NDArray], object], frame: NDArray) -> float:
    """Return the most extra memory that a call held."""
    tracemalloc.start()
    function(frame)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def main() -> None:
    """Print a table of times and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1024, help="rows and columns of the frame")
    parser.add_argument("--dtype", default="uint8", choices=["uint8", "uint16", "float32"])
    parser.add_argument("--repeats", type=int, default=21)
    options = parser.parse_args()
    noise = np.random.default_rng(0).random((options.size, options.size))
    frame = (noise * 250).astype(options.dtype)

    print(f"{options.size} x {options.size} {options.dtype}")
    print(f"{'measure':24} {'ms':>7} {'ratio to numpy':>15} {'extra MiB':>10}")
    for name, function in [("numpy squared gradient", numpy_squared_gradient), *MEASURES.items()]:
        reference = milliseconds(numpy_squared_gradient, frame, options.repeats)
        own = milliseconds(function, frame, options.repeats)
        memory = peak_mebibytes(function, frame)
        print(f"{name:24} {own:7.2f} {own / reference:15.2f} {memory:10.2f}")


if __name__ == "__main__":
    main()
