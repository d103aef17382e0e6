"""How long the estimator takes, against the squared gradient, side by side in one run."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..measures import squared_gradient
from .conditions import Conditions
from .estimators import estimator_of
from .fresh_process import THREADS, in_fresh_process
from .memory import tiled_frame

__all__ = ["Latency", "Timing", "latencies"]

SIDES_PX = (512, 1024, 2048)
WARM_UP = 3
REFERENCE = "numpy squared gradient"

Work = Callable[[NDArray[np.uint16]], object]


@dataclass(frozen=True)
class Timing:
    """Time of one thing for one frame.

    Parameters
    ----------
    name : str
        What was timed.
    median_ms, p95_ms : float
        Median and 95th percentile, milliseconds.
    ratio : float
        Its median over that of numpy's squared gradient.
    """

    name: str
    median_ms: float
    p95_ms: float
    ratio: float


@dataclass(frozen=True)
class Latency:
    """Times for frames of one size, uint16, from the frame to the numbers.

    Parameters
    ----------
    side_px : int
        Rows and columns.
    repeats : int
        Calls of each, in turn with the others.
    threads : int
        That every library was given.
    timings : tuple of Timing
        One for each.
    """

    side_px: int
    repeats: int
    threads: int
    timings: tuple[Timing, ...]

    def ratio(self, name: str) -> float:
        """Ratio of one of the timings to numpy's squared gradient.

        Parameters
        ----------
        name : str
            Of the timing.

        Returns
        -------
        float
            Its ratio.
        """
        return next(timing.ratio for timing in self.timings if timing.name == name)


def latencies(conditions: Conditions, *, repeats: int) -> tuple[Latency, ...]:
    """Time summary and map against the squared gradient in numpy, of our own, and in OpenCV.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, progress.
    repeats : int
        Calls of each.

    Returns
    -------
    tuple of Latency
        For 512, 1024 and 2048 pixels a side. OpenCV is left out where it is not installed.
    """
    weights = None if conditions.weights is None else str(conditions.weights)
    common = {"seed": conditions.seed, "weights": weights, "repeats": repeats}
    out = []
    for side in conditions.track(SIDES_PX, len(SIDES_PX), "latency"):
        said = in_fresh_process(latency_here, {**common, "side_px": side})
        timings = tuple(Timing(**timing) for timing in said.pop("timings"))
        out.append(Latency(**said, timings=timings))
    return tuple(out)


def numpy_squared_gradient(frame: NDArray[np.number]) -> float:
    """Measure the squared gradient as one writes it first.

    Parameters
    ----------
    frame : numpy.ndarray
        Shape (rows, cols).

    Returns
    -------
    float
        Mean squared difference down plus that across.
    """
    grey = frame.astype(np.float32)
    return float(np.mean(np.diff(grey, axis=0) ** 2) + np.mean(np.diff(grey, axis=1) ** 2))


def _opencv_squared_gradient() -> Work | None:
    try:
        import cv2
    except ImportError:
        return None
    cv2.setNumThreads(THREADS)
    difference = np.array([[-1.0, 1.0]], dtype=np.float32)

    def work(frame: NDArray[np.uint16]) -> float:
        across = cv2.filter2D(frame, cv2.CV_32F, difference)
        down = cv2.filter2D(frame, cv2.CV_32F, difference.T)
        squares = cv2.norm(across, cv2.NORM_L2SQR) + cv2.norm(down, cv2.NORM_L2SQR)
        return squares / frame.size

    return work


def _timed(works: dict[str, Work], frame: NDArray[np.uint16], repeats: int) -> tuple[Timing, ...]:
    """Time all of them in turn, so that whatever slows the machine slows them all."""
    for work in works.values():
        for _ in range(WARM_UP):
            work(frame)
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            start = perf_counter()
            work(frame)
            times[name].append(1e3 * (perf_counter() - start))
    reference = median(times[REFERENCE])
    return tuple(
        Timing(name, median(t), float(np.quantile(t, 0.95)), median(t) / reference)
        for name, t in times.items()
    )


def latency_here(seed: int, weights: str | None, repeats: int, side_px: int) -> dict[str, Any]:
    """Measure in this process, which should be a fresh one.

    Parameters
    ----------
    seed : int
        Of the frame.
    weights : str or None
        Of the estimator; None for those of the package.
    repeats : int
        Calls of each.
    side_px : int
        Rows and columns of the frame.

    Returns
    -------
    dict
        Fields of `Latency`.
    """
    torch.set_num_threads(THREADS)
    scene, frame = tiled_frame(seed, side_px)
    estimator = estimator_of(scene, None if weights is None else Path(weights))
    works: dict[str, Work] = {
        "estimator summary": estimator.summary,
        "estimator map": estimator,
        REFERENCE: numpy_squared_gradient,
        "our squared gradient": squared_gradient,
    }
    opencv = _opencv_squared_gradient()
    if opencv is not None:
        works["OpenCV squared gradient"] = opencv
    return asdict(Latency(side_px, repeats, THREADS, _timed(works, frame, repeats)))
