"""All searches on the same scenes."""

from collections.abc import Sequence
from functools import partial
from math import ceil
from pathlib import Path
from time import perf_counter

from ...errors import BenchmarkError
from ...search import BELIEF
from ..conditions import Conditions
from ..estimators import estimator_of
from ..scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from .contenders import CONTENDERS
from .kept import Kept, kept_in
from .look import SeenScene
from .result import HALVES_DOF, SearchResult, result_of
from .tasks import GUARDS, draw_tasks, guard_tasks
from .trial import Trial, tried

__all__ = ["FULL_RUNS", "QUICK_RUNS", "run_search_benchmark"]

SIDE_PX = 512
STARTS = 1
FULL_RUNS, QUICK_RUNS = 2000, 36
"""Searches by belief in each window."""

# The others are compared on the first scenes: on one in so many, and on no fewer than so many.
OTHERS_SHARE, LEAST_OTHERS = 6, 3
GUARD_SHARE = 2
MOST_RUNS, MOST_WORKERS = 1_000_000, 64


def run_search_benchmark(
    conditions: Conditions,
    runs: int = FULL_RUNS,
    searches: Sequence[str] = tuple(CONTENDERS),
    out: Path | None = None,
) -> SearchResult:
    """Measure searches on held-out scenes.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    runs : int, default 2000
        Searches by belief in each window; a sixth of every other search.
    searches : sequence of str, optional
        Which; default: all.
    out : Path, optional
        File in which what was done is kept; the same benchmark goes on there.

    Returns
    -------
    SearchResult
        What was measured.

    Raises
    ------
    BenchmarkError
        For a search that does not exist, a number that cannot be, or a file of something else.
    WeightsError
        If the weights are missing, damaged or foreign.
    """
    _check(conditions, runs, searches)
    start = perf_counter()
    count = ceil(runs / (STARTS * len(LIGHTS)))
    specs = draw_scenes(conditions.seed, "search", count, side_px=SIDE_PX)
    estimator = estimator_of(Scene(specs[0]), conditions.weights)
    few = min(count, max(LEAST_OTHERS, ceil(count / OTHERS_SHARE)))
    settings = {
        "weights_sha256": estimator.weights_sha256,
        "seed": conditions.seed,
        "runs": runs,
        "searches": list(searches),
        "side_px": SIDE_PX,
    }
    trials, guards = [], {}
    with kept_in(out, settings) as kept:
        for half in HALVES_DOF:
            work = partial(_scene, half_dof=half, names=tuple(searches), few=few)
            work = partial(work, weights=conditions.weights)
            trials += kept.each(conditions, f"±{half:g} DoF", work, specs)
        if BELIEF in searches:
            most = max(1, runs // GUARD_SHARE)
            guards = {kind: _guarded(conditions, kept, kind, most) for kind in GUARDS}
    return result_of(
        trials,
        guards,
        version=estimator.version,
        weights_sha256=estimator.weights_sha256,
        seed=conditions.seed,
        runs=runs,
        seconds=perf_counter() - start,
    )


def _check(conditions: Conditions, runs: int, searches: Sequence[str]) -> None:
    unknown = [name for name in searches if name not in CONTENDERS]
    if unknown or not searches:
        raise BenchmarkError(
            f"The searches are {'; '.join(searches) or 'none'}; give some of: "
            f"{'; '.join(CONTENDERS)}."
        )
    for name, value, low, high in (
        ("The seed", conditions.seed, 0, 2**63 - 1),
        ("The number of runs", runs, 1, MOST_RUNS),
        ("The number of workers", conditions.workers, 1, MOST_WORKERS),
    ):
        if not low <= value <= high:
            raise BenchmarkError(
                f"{name} is {value}; it must lie from {low} to {high}. Give such a number."
            )


def _scene(
    spec: SceneSpec, half_dof: float, names: tuple[str, ...], few: int, weights: Path | None
) -> list[Trial]:
    scene = SeenScene(spec)
    tasks = draw_tasks(spec, half_dof, STARTS, stream=round(half_dof))
    return [
        tried(name, scene, task, weights)
        for name in names
        if name == BELIEF or spec.index < few
        for task in tasks
    ]


def _guarded(conditions: Conditions, kept: Kept, kind: str, count: int) -> list[Trial]:
    contrast = (0.0, 0.0) if kind == "blank" else (0.3, 1.0)
    specs = draw_scenes(conditions.seed, "search guards", count, side_px=SIDE_PX, contrast=contrast)
    work = partial(_guard, kind=kind, weights=conditions.weights)
    return kept.each(conditions, f"{kind} samples", work, specs)


def _guard(spec: SceneSpec, kind: str, weights: Path | None) -> list[Trial]:
    scene = SeenScene(spec)
    return [tried(BELIEF, scene, task, weights) for task in guard_tasks(spec, kind, HALVES_DOF[0])]
