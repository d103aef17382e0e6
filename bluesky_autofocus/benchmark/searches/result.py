"""What came out of the comparison."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...search import BELIEF
from .summary import SearchRow, summarised
from .tasks import GUARDS
from .trial import Trial

__all__ = ["HALVES_DOF", "GuardRow", "SearchResult", "result_of"]

HALVES_DOF = (50.0, 100.0)
"""Half the windows that are searched, depths of field."""

MOST_FAILURES = 12

Rows = dict[str, dict[str, SearchRow]]


@dataclass(frozen=True)
class GuardRow:
    """Searches by belief that cannot find focus.

    Parameters
    ----------
    runs : int
        How many.
    right : float
        Share with the right verdict, and the right side.
    frames_median, frames_p95 : float
        What they took.
    false_in_focus : float
        Share that said `in_focus` more than one depth of field away.
    violations : int
        Moves that ended outside the window.
    verdicts : dict
        Number by verdict.
    """

    runs: int
    right: float
    frames_median: float
    frames_p95: float
    false_in_focus: float
    violations: int
    verdicts: dict[str, int]


@dataclass(frozen=True)
class SearchResult:
    """What was measured; windows are named "±50" and "±100".

    Parameters
    ----------
    version, weights_sha256 : str
        Which estimator.
    seed : int
        Of scenes, places and noise.
    runs : int
        Searches by belief asked for in each window.
    seconds : float
        How long it took.
    rows : dict
        From a window and a search to its numbers.
    by_light, by_family : dict
        From a window, a search, and a light or a family to its numbers.
    shared : dict
        From a window to the numbers of the belief on the scenes of the other searches alone.
    guards : dict
        From a kind of search that cannot find focus to its numbers.
    failures : tuple of Trial
        Searches by belief that went worst: success said wrongly, then none said, then most frames.
    """

    version: str
    weights_sha256: str
    seed: int
    runs: int
    seconds: float
    rows: Rows
    by_light: dict[str, Rows]
    by_family: dict[str, Rows]
    shared: dict[str, SearchRow]
    guards: dict[str, GuardRow]
    failures: tuple[Trial, ...]


def result_of(
    trials: Sequence[Trial], guards: Mapping[str, Sequence[Trial]], **about: Any
) -> SearchResult:
    """Sum up.

    Parameters
    ----------
    trials : sequence of Trial
        Searches that can find focus.
    guards : mapping
        From a kind of search that cannot to these.
    **about
        Version, weights, seed, runs and seconds, as `SearchResult` has them.

    Returns
    -------
    SearchResult
        All numbers.
    """
    found = {f"±{half:g}": [t for t in trials if t.half_dof == half] for half in HALVES_DOF}
    others = {(t.half_dof, t.scene) for t in trials if t.name != BELIEF}
    shared = {
        half: [t for t in some if t.name == BELIEF and (t.half_dof, t.scene) in others]
        for half, some in found.items()
    }
    return SearchResult(
        rows={half: _rows(some, lambda t: t.name) for half, some in found.items()},
        by_light={half: _parts(some, lambda t: t.light) for half, some in found.items()},
        by_family={half: _parts(some, lambda t: t.family) for half, some in found.items()},
        shared={half: summarised(some) for half, some in shared.items() if some},
        guards={kind: _guard_row(kind, some) for kind, some in guards.items()},
        failures=_failures([t for t in trials if t.name == BELIEF]),
        **about,
    )


def _rows(trials: Sequence[Trial], key: Callable[[Trial], str]) -> dict[str, SearchRow]:
    return {
        value: summarised([t for t in trials if key(t) == value])
        for value in dict.fromkeys(key(t) for t in trials)
    }


def _parts(trials: Sequence[Trial], key: Callable[[Trial], str]) -> Rows:
    return {
        name: _rows([t for t in trials if t.name == name], key)
        for name in dict.fromkeys(t.name for t in trials)
    }


def _guard_row(kind: str, trials: Sequence[Trial]) -> GuardRow:
    row, right = summarised(trials), GUARDS[kind]
    sided = right == "out_of_range"
    return GuardRow(
        runs=row.runs,
        right=sum(t.verdict == right and (t.side_right or not sided) for t in trials) / row.runs,
        frames_median=row.frames_median,
        frames_p95=row.frames_p95,
        false_in_focus=row.false_in_focus,
        violations=row.violations,
        verdicts=row.verdicts,
    )


def _failures(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    def badness(t: Trial) -> tuple[float, int]:
        return (abs(t.end_dof) if t.said and not t.succeeded else 0.0, int(not t.said))

    bad = [t for t in trials if not t.succeeded]
    slow = sorted((t for t in trials if t.succeeded), key=lambda t: -t.frames)
    return (*sorted(bad, key=badness, reverse=True), *slow)[:MOST_FAILURES]
