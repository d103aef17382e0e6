"""All searches on the same scenes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from time import perf_counter

from ...errors import BenchmarkError
from ..conditions import Conditions
from ..estimators import estimator_of
from ..scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from .contenders import BELIEF, CLASSICAL, CONTENDERS
from .summary import SearchRow, summarised
from .trial import Trial, draw_tasks, guard_tasks, tried

__all__ = ["FULL_RUNS", "HALVES_DOF", "QUICK_RUNS", "SearchResult", "run_search_benchmark"]

SIDE_PX = 512
HALVES_DOF = (50.0, 100.0)
STARTS = 2
FULL_RUNS, QUICK_RUNS = 2000, 36
"""Searches of each kind in each window; classical ones are an eighth as many, for their length."""

CLASSICAL_SHARE = 8
GUARDS = {
    "blank": "no_texture",
    "dark": "too_dark",
    "saturated": "saturated",
    "out of range": "out_of_range",
}
GUARD_SHARE = 10
MOST_RUNS = 1_000_000


@dataclass(frozen=True)
class SearchResult:
    """What was measured.

    Parameters
    ----------
    version, weights_sha256 : str
        Which estimator.
    seed : int
        Of scenes, places and noise.
    runs : int
        Searches asked for, of each kind in each window.
    seconds : float
        How long it took.
    rows : dict
        From "±50" or "±100" to a mapping from each search to its numbers.
    belief_by_light, belief_by_family : dict
        The same for the belief alone, ±50 depths of field.
    guards : dict
        From a kind of search that cannot find focus to the share with the right verdict, and the
        verdicts.
    """

    version: str
    weights_sha256: str
    seed: int
    runs: int
    seconds: float
    rows: dict[str, dict[str, SearchRow]]
    belief_by_light: dict[str, SearchRow]
    belief_by_family: dict[str, SearchRow]
    guards: dict[str, tuple[float, dict[str, int]]]


def run_search_benchmark(
    conditions: Conditions,
    runs: int = FULL_RUNS,
    searches: Sequence[str] = tuple(CONTENDERS),
) -> SearchResult:
    """Measure searches on held-out scenes.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    runs : int, default 2000
        Searches of each kind in each window; an eighth of the classical ones.
    searches : sequence of str, optional
        Which; default: all.

    Returns
    -------
    SearchResult
        What was measured.

    Raises
    ------
    BenchmarkError
        For a search that does not exist, or a number that cannot be.
    """
    unknown = [name for name in searches if name not in CONTENDERS]
    if unknown or not searches:
        raise BenchmarkError(
            f"The searches are {', '.join(searches) or 'none'}; give some of: "
            f"{', '.join(CONTENDERS)}."
        )
    if not 1 <= runs <= MOST_RUNS:
        raise BenchmarkError(f"The number of runs is {runs}; it must lie from 1 to {MOST_RUNS}.")
    start = perf_counter()
    of_scene = STARTS * len(LIGHTS)
    specs = draw_scenes(conditions.seed, "search", ceil(runs / of_scene), side_px=SIDE_PX)
    estimator = estimator_of(Scene(specs[0]), conditions.weights)
    few = max(1, ceil(len(specs) / CLASSICAL_SHARE))
    trials: list[Trial] = []
    for half in HALVES_DOF:
        work = partial(
            _scene, half_dof=half, names=tuple(searches), few=few, weights=conditions.weights
        )
        trials += conditions.each(work, specs, f"±{half:g} DoF")
    guards = {}
    if BELIEF in searches:
        for kind, right in GUARDS.items():
            found = _guarded(conditions, kind, max(1, runs // GUARD_SHARE))
            verdicts = summarised(found).verdicts
            guards[kind] = verdicts.get(right, 0) / len(found), verdicts
    near = [t for t in trials if t.name == BELIEF and t.half_dof == HALVES_DOF[0]]
    return SearchResult(
        version=estimator.version,
        weights_sha256=estimator.weights_sha256,
        seed=conditions.seed,
        runs=runs,
        seconds=perf_counter() - start,
        rows={
            f"±{half:g}": {
                name: summarised([t for t in trials if (t.name, t.half_dof) == (name, half)])
                for name in searches
            }
            for half in HALVES_DOF
        },
        belief_by_light=_by(near, lambda t: t.light),
        belief_by_family=_by(near, lambda t: t.family),
        guards=guards,
    )


def _by(trials: Sequence[Trial], key: Callable[[Trial], str]) -> dict[str, SearchRow]:
    return {
        value: summarised([t for t in trials if key(t) == value])
        for value in dict.fromkeys(key(t) for t in trials)
    }


def _scene(
    spec: SceneSpec, half_dof: float, names: tuple[str, ...], few: int, weights: Path | None
) -> list[Trial]:
    scene = Scene(spec)
    tasks = draw_tasks(spec, half_dof, STARTS, stream=round(half_dof))
    return [
        tried(name, scene, task, weights)
        for name in names
        if name not in CLASSICAL or spec.index < few
        for task in tasks
    ]


def _guarded(conditions: Conditions, kind: str, count: int) -> list[Trial]:
    contrast = (0.0, 0.0) if kind == "blank" else (0.3, 1.0)
    specs = draw_scenes(conditions.seed, "search guards", count, side_px=SIDE_PX, contrast=contrast)
    return conditions.each(
        partial(_guard, kind=kind, weights=conditions.weights), specs, f"{kind} samples"
    )


def _guard(spec: SceneSpec, kind: str, weights: Path | None) -> list[Trial]:
    scene = Scene(spec)
    return [tried(BELIEF, scene, task, weights) for task in guard_tasks(spec, kind, HALVES_DOF[0])]
