"""What the belief must show, beside what was measured."""

from collections.abc import Iterator

from ...search import BELIEF
from ..goal import Goal
from .contenders import CLASSICAL
from .result import SearchResult

__all__ = ["search_goals"]

# Most frames, median and 95 %, and least success, by window.
WANTED = {"±50": (4, 5, 0.995), "±100": (5, 6, 0.99)}


def search_goals(result: SearchResult) -> tuple[Goal, ...]:
    """Compare a result with the goals.

    Parameters
    ----------
    result : SearchResult
        What was measured.

    Returns
    -------
    tuple of Goal
        None if the belief was not asked for.
    """
    return tuple(_goals(result)) if BELIEF in next(iter(result.rows.values())) else ()


def _goals(result: SearchResult) -> Iterator[Goal]:
    rows = {half: rows[BELIEF] for half, rows in result.rows.items()}
    for half, row in rows.items():
        median, most, success = WANTED[half]
        yield Goal(f"{half} DoF: frames, median", 0, median, row.frames_median)
        yield Goal(f"{half} DoF: frames, 95 %", 0, most, row.frames_p95)
        if half == "±50":
            for light, part in result.by_light[half][BELIEF].items():
                yield Goal(f"{half} DoF: within ½ DoF, {light}", success, 1, part.success)
        else:
            yield Goal(f"{half} DoF: within ½ DoF", success, 1, row.success)
        yield Goal(f"{half} DoF: error, median", 0, 0.08, row.error_median_dof)
        yield Goal(f"{half} DoF: error, 95 %", 0, 0.3, row.error_p95_dof)
    near = rows["±50"]
    yield Goal("wrong direction after two frames, ±50", 0, 0.005, near.wrong_direction)
    false = max(row.false_in_focus for row in rows.values())
    yield Goal("in focus said beyond 1 DoF", 0, 0.0005, false)
    violations = sum(row.violations for row in (*rows.values(), *result.guards.values()))
    yield Goal("moves outside the window", 0, 0, violations)
    yield from _against_classical(result)
    for kind, row in result.guards.items():
        yield Goal(f"{kind}: right verdict", 0.999, 1, row.right)


def _against_classical(result: SearchResult) -> Iterator[Goal]:
    """Compare frames on the scenes that all have searched, where any search succeeds as often."""
    for half, belief in result.shared.items():
        equal = [
            row.frames_median
            for name, row in result.rows[half].items()
            if name in CLASSICAL and row.success >= belief.success
        ]
        if equal:
            ratio = belief.frames_median / min(equal)
            yield Goal(f"{half} DoF: frames ÷ best classical as good", 0, 1 / 3, ratio)
