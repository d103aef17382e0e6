"""What the belief must show, beside what was measured."""

from collections.abc import Iterator

from ..goal import Goal
from .contenders import BELIEF, CLASSICAL
from .run import SearchResult

__all__ = ["search_goals"]


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
    near, far = (result.rows[half][BELIEF] for half in ("±50", "±100"))
    yield Goal("±50 DoF: frames, median", 0, 4, near.frames_median)
    yield Goal("±50 DoF: frames, 95 %", 0, 5, near.frames_p95)
    for light, row in result.belief_by_light.items():
        yield Goal(f"±50 DoF: within ½ DoF, {light}", 0.995, 1, row.success)
    yield Goal("±100 DoF: frames, median", 0, 5, far.frames_median)
    yield Goal("±100 DoF: frames, 95 %", 0, 6, far.frames_p95)
    yield Goal("±100 DoF: within ½ DoF", 0.99, 1, far.success)
    yield Goal("final error, median (DoF)", 0, 0.08, near.error_median_dof)
    yield Goal("final error, 95 % (DoF)", 0, 0.3, near.error_p95_dof)
    yield Goal("wrong direction after two frames, ±50", 0, 0.005, near.wrong_direction)
    yield Goal(
        "in focus said beyond 1 DoF", 0, 0.0005, max(near.false_in_focus, far.false_in_focus)
    )
    yield Goal("positions outside the window", 0, 0, near.violations + far.violations)
    equal = [
        row.frames_median
        for name, row in result.rows["±50"].items()
        if name in CLASSICAL and row.success >= near.success
    ]
    if any(name in CLASSICAL for name in result.rows["±50"]):
        ratio = near.frames_median / min(equal) if equal else 0.0
        yield Goal("frames ÷ best classical search of equal success", 0, 1 / 3, ratio)
    for kind, (right, _) in result.guards.items():
        yield Goal(f"{kind}: right verdict", 0.999, 1, right)
