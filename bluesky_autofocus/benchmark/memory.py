"""Peak memory of the estimator, in a process that does nothing else."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .conditions import Conditions
from .estimators import estimator_of
from .fresh_process import in_fresh_process
from .scenes import Scene, draw_scenes

__all__ = ["PeakMemory", "peak_memory", "tiled_frame"]

SIDES_PX = (2048, 8192)
PATCH_PX = 512
STATUS, CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


@dataclass(frozen=True)
class PeakMemory:
    """Memory for one frame beyond the imported packages, the weights and the frame itself.

    Parameters
    ----------
    side_px : int
        Rows and columns of the frame, uint16.
    summary_mb, map_mb : float
        Resident memory at its peak less before, 10⁶ bytes: after the summary, and after the map
        that follows it.
    """

    side_px: int
    summary_mb: float
    map_mb: float


def peak_memory(conditions: Conditions) -> tuple[PeakMemory, ...]:
    """Measure the peak memory of a summary and a map, first calls included.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, progress.

    Returns
    -------
    tuple of PeakMemory
        For 2048 and 8192 pixels a side.
    """
    weights = None if conditions.weights is None else str(conditions.weights)
    common = {"seed": conditions.seed, "weights": weights}
    return tuple(
        PeakMemory(**in_fresh_process(peak_memory_here, {**common, "side_px": side}))
        for side in conditions.track(SIDES_PX, len(SIDES_PX), "memory")
    )


def tiled_frame(seed: int, side_px: int) -> tuple[Scene, NDArray[np.uint16]]:
    """Take a small frame and repeat it, as what it shows does not matter.

    Parameters
    ----------
    seed : int
        Of the scene.
    side_px : int
        Rows and columns, a multiple of 512.

    Returns
    -------
    scene : Scene
        With a sensor of 12 bits.
    frame : numpy.ndarray
        Shape (side_px, side_px), uint16.
    """
    _, twelve_bits = draw_scenes(seed, "latency", 2, side_px=PATCH_PX)
    scene = Scene(twelve_bits)
    patch = scene.expose(scene.image(3.0), scene.level("normal"), 0)
    frame = np.empty((side_px, side_px), dtype=np.uint16)
    for top in range(0, side_px, PATCH_PX):
        for left in range(0, side_px, PATCH_PX):
            frame[top : top + PATCH_PX, left : left + PATCH_PX] = patch
    return scene, frame


def _resident_mb(name: str) -> float:
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return float(line.split()[1]) * 1024 / 1e6
    raise LookupError(name)


def peak_memory_here(seed: int, weights: str | None, side_px: int) -> dict[str, Any]:
    """Measure in this process, which must be a fresh one.

    Parameters
    ----------
    seed : int
        Of the frame.
    weights : str or None
        Of the estimator; None for those of the package.
    side_px : int
        Rows and columns of the frame.

    Returns
    -------
    dict
        Fields of `PeakMemory`.
    """
    scene, frame = tiled_frame(seed, side_px)
    estimator = estimator_of(scene, None if weights is None else Path(weights))
    CLEAR_REFS.write_text(RESET_PEAK)
    before = _resident_mb("VmRSS")
    estimator.summary(frame)
    after_summary = _resident_mb("VmHWM")
    estimator(frame)
    after_map = _resident_mb("VmHWM")
    return asdict(PeakMemory(side_px, after_summary - before, after_map - before))
