"""How every search begins."""

from collections.abc import Callable

import numpy as np
import pytest

from bluesky_autofocus.measurement import Condition, Measurement
from bluesky_autofocus.search import CURVE_SEARCHES, CurveSearch, Move, Window, make_curve_search
from bluesky_autofocus.verdict import Outcome, Side, Verdict

WINDOW = Window(-50.0, 50.0)
NAMES = sorted(CURVE_SEARCHES)


def run(
    search: CurveSearch, scene: Callable[[float], Measurement]
) -> tuple[Outcome, list[Move], CurveSearch]:
    moves = []
    while not isinstance(step := search.suggest(), Outcome):
        moves.append(step)
        search = search.ingest(step.position_dof, scene(step.position_dof))
    return step, moves, search


def bell(x: float, focus: float, width: float = 4.0) -> float:
    return 1.0 / (1.0 + ((x - focus) / width) ** 2)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_frame_is_taken_at_the_start_and_once(name: str):
    search = make_curve_search(name, window=WINDOW, start_dof=13.7)
    _, moves, _ = run(search, lambda x: Measurement(bell(x, -9.3)))
    assert moves[0] == Move(13.7, "start")
    assert [move.position_dof for move in moves].count(13.7) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_search_never_ends_less_sharp_than_it_began(name: str):
    """The peak at the start is too narrow to be met by chance; a lower and broader one is not."""
    search = make_curve_search(name, window=WINDOW, start_dof=31.3)
    outcome, _, ended = run(search, lambda x: Measurement(bell(x, 31.3, 0.6) + bell(x, -20) / 2))
    assert outcome.verdict is Verdict.IN_FOCUS or name != "sweep"
    if outcome.verdict is Verdict.IN_FOCUS:
        assert outcome.position_dof == pytest.approx(31.3, abs=0.1)
        assert ended.history[-1].sharpness > 0.98 * ended.history[0].sharpness


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("light", [Condition.SATURATED, Condition.TOO_DARK])
@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_light_that_is_bad_everywhere_ends_a_search_after_five_frames(
    name: str, light: Condition, value: float
):
    search = make_curve_search(name, window=WINDOW, start_dof=13.7)
    outcome, moves, _ = run(search, lambda x: Measurement(value, condition=light))
    assert outcome.verdict == light.value
    assert outcome.detail == f"5 of 5 frames were {light.value.replace('_', ' ')}."
    assert len(moves) == 5
    # Whatever lies between two of them is less than a quarter of the window.
    assert np.diff(sorted(move.position_dof for move in moves)).max() <= 25.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("start", "focus"), [(-45.0, -9.3), (45.0, 9.3)])
def test_a_dark_end_with_the_start_in_it_does_not_spoil_a_peak(
    name: str, start: float, focus: float
):
    """A sweep takes its first seven frames, and the start, in the dark."""

    def scene(x: float) -> Measurement:
        dark = Condition.TOO_DARK if abs(x - start) < 26.0 else Condition.GOOD
        return Measurement(bell(x, focus), condition=dark)

    outcome, moves, _ = run(make_curve_search(name, window=WINDOW, start_dof=start), scene)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert outcome.position_dof == pytest.approx(focus, abs=0.5)
    assert any(move.reason.startswith("look for usable light") for move in moves)


@pytest.mark.parametrize("name", NAMES)
def test_a_usable_start_keeps_a_search_going_in_the_dark(name: str):
    def scene(x: float) -> Measurement:
        good = abs(x - 20.0) < 11.0
        return Measurement(bell(x, 17.0), condition=Condition.GOOD if good else Condition.TOO_DARK)

    search = make_curve_search(name, window=WINDOW, start_dof=20.0)
    outcome, moves, _ = run(search, scene)
    assert len(moves) > 5
    assert not any(move.reason.startswith("look for usable light") for move in moves)
    if name != "sweep":
        assert outcome.verdict is Verdict.IN_FOCUS


@pytest.mark.parametrize("approach", list(Side))
def test_the_look_for_light_runs_one_way(approach: Side):
    search = make_curve_search("sweep", window=WINDOW, start_dof=13.7, approach=approach)
    _, moves, _ = run(search, lambda x: Measurement(1.0, condition=Condition.TOO_DARK))
    steps = np.diff([move.position_dof for move in moves[1:]])
    assert np.all(steps > 0) if approach is Side.LOW else np.all(steps < 0)


def test_light_bad_in_two_ways_is_searched_on():
    def scene(x: float) -> Measurement:
        return Measurement(1.0, condition=Condition.SATURATED if x > 0 else Condition.TOO_DARK)

    _, moves, _ = run(make_curve_search("sweep", window=WINDOW, start_dof=13.7), scene)
    assert len(moves) > 5
