"""What each search does of its own."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from bluesky_autofocus.measurement import Condition, Measurement
from bluesky_autofocus.search import (
    Brent,
    CurveSearch,
    GoldenSection,
    HillClimb,
    Move,
    Sweep,
    Window,
)
from bluesky_autofocus.search.sweep import usual_coarse_points
from bluesky_autofocus.verdict import Outcome, Side, Verdict

S = TypeVar("S", bound=CurveSearch)
WINDOW = Window(-50.0, 50.0)


def moves_of(search: CurveSearch, function: Callable[[float], float]) -> list[Move]:
    moves = []
    while not isinstance(step := search.suggest(), Outcome):
        moves.append(step)
        search = search.ingest(step.position_dof, Measurement(function(step.position_dof)))
    return moves


def positions(moves: list[Move], reason: str) -> list[float]:
    return [move.position_dof for move in moves if move.reason.startswith(reason)]


def bell(focus: float, width: float = 3.0) -> Callable[[float], float]:
    return lambda x: 1 / (1 + ((x - focus) / width) ** 2)


@pytest.mark.parametrize(
    ("width", "points"),
    [(100, 21), (60, 21), (120, 25), (200, 41), (10, 21), (5, 11), (2, 5), (0.1, 5), (1e9, 201)],
)
def test_the_coarse_sweep_follows_the_width_of_the_window(width: float, points: int):
    assert usual_coarse_points(width) == points


def test_the_sweep_of_the_method_takes_21_and_11_frames():
    moves = moves_of(Sweep(window=WINDOW, start_dof=0.0), bell(12.0))
    assert len(positions(moves, "coarse sweep")) == 21
    assert len(positions(moves, "fine sweep")) == 11
    assert moves[1].position_dof == -50.0
    assert moves[21].position_dof == 50.0
    assert positions(moves, "fine sweep") == pytest.approx(np.linspace(5, 15, 11))


@pytest.mark.parametrize("approach", list(Side))
def test_both_sweeps_run_one_way(approach: Side):
    moves = moves_of(Sweep(window=WINDOW, start_dof=0.0, approach=approach), bell(12.0))
    for part in ("coarse sweep", "fine sweep"):
        steps = np.diff(positions(moves, part))
        assert np.all(steps > 0) if approach is Side.LOW else np.all(steps < 0)


def test_the_fine_sweep_is_clipped_at_the_end_of_the_window():
    fine = positions(moves_of(Sweep(window=WINDOW, start_dof=0.0), bell(50.0)), "fine sweep")
    assert fine == pytest.approx(np.linspace(45, 50, 11))


def test_the_points_of_a_sweep_can_be_chosen():
    search = Sweep(window=WINDOW, start_dof=0.0, coarse_points=41, fine_points=5)
    moves = moves_of(search, bell(12.0))
    assert len(positions(moves, "coarse sweep")) == 41
    assert len(positions(moves, "fine sweep")) == 5
    assert len(moves) <= search.max_frames == search.max_exploring_frames + 5 + 16


def test_a_sweep_fits_readbacks_and_not_setpoints():
    search: CurveSearch = Sweep(window=WINDOW, start_dof=0.0)
    while not isinstance(step := search.suggest(), Outcome):
        readback = step.position_dof + 0.4
        search = search.ingest(readback, Measurement(bell(12.0)(readback)))
    assert step.verdict is Verdict.IN_FOCUS
    target = search.history[-1].position_dof - 0.4
    assert target == pytest.approx(12.0, abs=0.05)


def test_a_sweep_without_a_usable_frame_ends_after_the_coarse_one():
    search: CurveSearch = Sweep(window=WINDOW, start_dof=0.0)
    while not isinstance(step := search.suggest(), Outcome):
        light = Condition.SATURATED if len(search.history) == 4 else Condition.TOO_DARK
        search = search.ingest(step.position_dof, Measurement(1.0, condition=light))
    assert len(search.history) == 5 + 21
    assert step.verdict is Verdict.TOO_DARK
    assert "25 of 26 frames were too dark." in step.detail


def test_golden_section_places_each_frame_by_the_golden_ratio():
    search = GoldenSection(window=Window(0.0, 1.0), start_dof=0.5, tolerance_dof=0.02)
    found = positions(moves_of(search, bell(0.3, 0.1)), "golden section")
    ratio = (5**0.5 - 1) / 2
    assert found[:3] == pytest.approx([1 - ratio, ratio, ratio**3])
    assert len(found) == search.max_exploring_frames
    assert ratio ** (len(found) - 1) <= 2 * 0.02 < ratio ** (len(found) - 2)


def test_golden_section_takes_some_fourteen_frames_over_a_hundred_depths_of_field():
    assert GoldenSection(window=WINDOW, start_dof=0.0).max_exploring_frames == 13


def test_golden_section_stays_near_the_start_while_all_is_dark():
    search: CurveSearch = GoldenSection(window=WINDOW, start_dof=-40.0)
    while not isinstance(step := search.suggest(), Outcome):
        dark = Condition.TOO_DARK if step.position_dof > -15.0 else Condition.GOOD
        value = bell(-35.0)(step.position_dof)
        search = search.ingest(step.position_dof, Measurement(value, condition=dark))
    assert step.verdict is Verdict.IN_FOCUS


def test_golden_section_needs_no_further_frame_to_see_the_end_of_the_window():
    search = GoldenSection(window=WINDOW, start_dof=0.0)
    assert len(moves_of(search, bell(60.0, 8.0))) == 1 + search.max_exploring_frames


def test_brent_asks_what_the_minimiser_of_scipy_asks():
    asked: list[float] = []

    def objective(x: float) -> float:
        asked.append(float(x))
        return -bell(12.0)(x)

    minimize_scalar(
        objective, bounds=(-50.0, 50.0), method="bounded", options={"xatol": 0.25, "maxiter": 40}
    )
    moves = moves_of(Brent(window=WINDOW, start_dof=0.0), bell(12.0))
    assert positions(moves, "Brent") == asked


def test_brent_stays_within_its_evaluations():
    search = Brent(window=WINDOW, start_dof=0.0, tolerance_dof=1e-9, max_evaluations=7)
    assert len(positions(moves_of(search, bell(12.0)), "Brent")) <= 7


def test_brent_stands_values_at_the_end_of_the_number_range():
    for huge in (1e99, -1e99, 1e308):
        search = Brent(window=WINDOW, start_dof=0.0)
        moves = moves_of(search, lambda x, huge=huge: huge * bell(12.0)(x))
        assert all(move.position_dof in WINDOW for move in moves)


def test_a_hill_climb_begins_at_the_start_and_halves_its_step_when_it_turns():
    search = HillClimb(window=WINDOW, start_dof=2.0, first_step_dof=4.0, tolerance_dof=0.9)
    moves = moves_of(search, bell(8.9))
    # Up by 4 while it rises, back by 2, on by 1; then the step is below the tolerance.
    assert positions(moves, "start") == [2]
    assert positions(moves, "hill climb") == [6, 10, 14, 8, 6, 9, 10]


def test_a_hill_climb_turns_at_the_end_of_the_window_without_a_frame():
    search = HillClimb(window=WINDOW, start_dof=50.0, first_step_dof=4.0)
    climbed = positions(moves_of(search, bell(40.0)), "hill climb")
    assert climbed[0] == 48.0


def test_a_hill_climb_counts_the_frame_at_the_start():
    search = HillClimb(window=WINDOW, start_dof=-50.0, max_steps=5)
    moves = moves_of(search, lambda x: x)
    assert len(positions(moves, "start") + positions(moves, "hill climb")) == 5


@pytest.mark.parametrize("kind", [GoldenSection, HillClimb])
def test_a_search_begins_where_the_first_usable_light_is(kind: type[CurveSearch]):
    search = kind(window=WINDOW, start_dof=49.0)
    while not isinstance(step := search.suggest(), Outcome):
        dark = Condition.TOO_DARK if step.position_dof > -10.0 else Condition.GOOD
        value = bell(-35.0)(step.position_dof)
        search = search.ingest(step.position_dof, Measurement(value, condition=dark))
    assert step.verdict is Verdict.IN_FOCUS
    assert step.position_dof == pytest.approx(-35.0, abs=0.5)


def test_a_peak_that_the_search_stepped_over_is_bracketed():
    def two_plains(x: float) -> float:
        return 0.1 + 0.4 * (abs(x - 10.0) < 12.0) + 0.5 * (abs(x - 16.0) < 1.5)

    search = HillClimb(window=WINDOW, start_dof=0.0, first_step_dof=2.0)
    moves = moves_of(search, two_plains)
    assert positions(moves, "look for a fall")
