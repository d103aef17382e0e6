"""All parts of the benchmark, or some of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter

from ..errors import BenchmarkError
from .conditions import Conditions
from .decisions import Decisions, decisions
from .estimators import estimator_of, has_end_to_end
from .frames import FrameErrors, frame_errors
from .guards import Guards, guards
from .latency import Latency, latencies
from .maps import MapErrors, map_errors
from .memory import PeakMemory, peak_memory
from .scenes import Scene, draw_scenes
from .sizes import FULL, Sizes
from .stacks import StackRatios, stack_ratios

__all__ = ["PARTS", "BenchmarkResult", "run_benchmark"]

PARTS = ("frames", "stacks", "decision", "maps", "guards", "latency", "memory")
"""Names of the parts, in the order in which they are run."""

# Objects too large to be drawn in memory help nobody.
MOST_SCENES, MOST_WORKERS = 10_000, 64


@dataclass(frozen=True)
class BenchmarkResult:
    """What was measured; None for a part that was not asked for.

    Parameters
    ----------
    version, weights_sha256 : str
        Which estimator.
    seed : int
        Of all scenes and noise.
    sizes : Sizes
        How much was measured.
    seconds : float
        How long it took.
    notes : tuple of str
        What could not be compared, and why.
    frames : FrameErrors or None
        Errors of single frames, and calibration.
    stacks : StackRatios or None
        Sharpness ratios.
    decision : Decisions or None
        False accepts and rejects.
    maps : MapErrors or None
        Errors of maps, from one frame and from two.
    guards : Guards or None
        Flagged frames.
    latency : tuple of Latency or None
        By size of frame.
    memory : tuple of PeakMemory or None
        By size of frame.
    """

    version: str
    weights_sha256: str
    seed: int
    sizes: Sizes
    seconds: float
    notes: tuple[str, ...] = ()
    frames: FrameErrors | None = None
    stacks: StackRatios | None = None
    decision: Decisions | None = None
    maps: MapErrors | None = None
    guards: Guards | None = None
    latency: tuple[Latency, ...] | None = None
    memory: tuple[PeakMemory, ...] | None = None


def run_benchmark(
    conditions: Conditions, sizes: Sizes = FULL, parts: Sequence[str] = PARTS
) -> BenchmarkResult:
    """Measure the estimator on held-out scenes.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    sizes : Sizes, optional
        How much to measure; default: what the goals are judged by.
    parts : sequence of str, optional
        Which parts; default: all.

    Returns
    -------
    BenchmarkResult
        What was measured.

    Raises
    ------
    BenchmarkError
        For a part that does not exist, a number that cannot be, or a measurement that fails.
    WeightsError
        If the weights are missing, damaged or foreign.
    """
    _check(conditions, sizes, parts)
    start = perf_counter()
    # Made first: wrong weights then fail before anything takes long.
    spec = draw_scenes(conditions.seed, "latency", 1, side_px=64)[0]
    estimator = estimator_of(Scene(spec), conditions.weights)
    frames = stacks = decision = maps = guarded = latency = memory = None
    if "frames" in parts:
        frames = frame_errors(
            conditions,
            scenes=sizes.frame_scenes,
            draws=sizes.frame_draws,
            fit_scenes=sizes.fit_scenes,
        )
    if "stacks" in parts:
        stacks = stack_ratios(conditions, stacks=sizes.stacks)
    if "decision" in parts:
        decision = decisions(
            conditions, scenes=sizes.decision_scenes, fit_scenes=2 * sizes.fit_scenes
        )
    if "maps" in parts:
        maps = map_errors(conditions, scenes=sizes.map_scenes)
    if "guards" in parts:
        guarded = guards(conditions, frames=sizes.guard_frames)
    if "latency" in parts:
        latency = latencies(conditions, repeats=sizes.repeats)
    if "memory" in parts:
        memory = peak_memory(conditions)
    return BenchmarkResult(
        version=estimator.version,
        weights_sha256=estimator.weights_sha256,
        seed=conditions.seed,
        sizes=sizes,
        seconds=perf_counter() - start,
        notes=_notes(parts),
        frames=frames,
        stacks=stacks,
        decision=decision,
        maps=maps,
        guards=guarded,
        latency=latency,
        memory=memory,
    )


def _check(conditions: Conditions, sizes: Sizes, parts: Sequence[str]) -> None:
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        raise BenchmarkError(
            f"The parts are {', '.join(parts) or 'none'}; give some of: {', '.join(PARTS)}."
        )
    for name, value, low, high in (
        ("The seed", conditions.seed, 0, 2**63 - 1),
        ("The number of scenes", sizes.frame_scenes, 1, MOST_SCENES),
        ("The number of workers", conditions.workers, 1, MOST_WORKERS),
    ):
        if not low <= value <= high:
            raise BenchmarkError(
                f"{name} is {value}; it must lie from {low} to {high}. Give such a number."
            )


def _notes(parts: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if {"frames", "stacks", "decision"} & set(parts) and not has_end_to_end():
        notes.append(
            "The end-to-end distance network is not compared: its weights are not installed."
        )
    if "latency" in parts and find_spec("cv2") is None:
        notes.append("OpenCV is not timed: it is not installed (opencv-python-headless).")
    return tuple(notes)
