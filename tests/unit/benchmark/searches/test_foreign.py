"""Searches of other tools on curves without noise."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from bluesky_autofocus.benchmark.searches.bounce import bounce
from bluesky_autofocus.benchmark.searches.fitted_golden_section import (
    MOST_FRAMES,
    fitted_golden_section,
)
from bluesky_autofocus.benchmark.searches.oughta_focus import MOST_EVALUATIONS, oughta_focus

PLACES = [(-31.3, 20.0), (12.7, 12.7), (44.0, -50.0)]


def curve(focus: float, seen: list[float]) -> Callable[[float], float]:
    def value(x: float) -> float:
        seen.append(x)
        return 1 / (1 + ((x - focus) / 6) ** 2)

    return value


@pytest.mark.parametrize(("focus", "start"), PLACES)
def test_oughta_focus_finds_a_clear_peak_from_the_middle(focus, start):
    seen: list[float] = []
    assert oughta_focus(curve(focus, seen), -50.0, 50.0, start) == pytest.approx(focus, abs=0.5)
    assert seen[0] == 0.0
    assert min(seen) >= -50.0
    assert max(seen) <= 50.0
    assert 5 < len(seen) < 15


@pytest.mark.parametrize("focus", [-20.0, 3.0, 35.0])
def test_oughta_focus_is_brents_method(focus):
    # SciPy's tolerance is a third of Apache's, and it starts at the golden section.
    seen: list[float] = []
    value = curve(focus, seen)
    ours = oughta_focus(value, -50.0, 50.0, 0.0)
    found: Any = minimize_scalar(
        lambda x: -value(x), bounds=(-50, 50), method="bounded", options={"xatol": 0.75}
    )
    assert ours == pytest.approx(found.x, abs=0.5)


def test_oughta_focus_meets_the_peak_of_a_parabola_at_once():
    seen: list[float] = []

    def value(x: float) -> float:
        seen.append(x)
        return -((x - 12.7) ** 2)

    oughta_focus(value, -50.0, 50.0, 0.0)
    # Three frames by the golden section, and the parabola through them.
    assert seen[3] == pytest.approx(12.7)


def test_oughta_focus_ends_on_noise():
    rng, seen = np.random.default_rng(0), []

    def value(x: float) -> float:
        seen.append(x)
        return float(rng.normal())

    assert -50 <= oughta_focus(value, -50.0, 50.0, 0.0) <= 50
    assert len(seen) <= MOST_EVALUATIONS


@pytest.mark.parametrize(("focus", "start"), PLACES)
def test_bounce_finds_a_clear_peak(focus, start):
    seen: list[float] = []
    end, confident = bounce(curve(focus, seen), -50.0, 50.0, start)
    assert end == pytest.approx(focus, abs=0.5)
    assert confident
    assert min(seen) >= -50.0
    assert max(seen) <= 50.0
    assert 5 < len(seen) < 60


def test_bounce_begins_with_64_depths_of_field_to_the_right():
    seen: list[float] = []
    bounce(curve(0.0, seen), -100.0, 100.0, 10.0)
    assert seen[:3] == [10.0, 74.0, -54.0]


def test_bounce_begins_with_half_a_smaller_window():
    seen: list[float] = []
    bounce(curve(0.0, seen), -50.0, 50.0, 0.0)
    assert seen[:3] == [0.0, 50.0, -50.0]


def test_bounce_is_not_confident_where_little_changes():
    assert not bounce(lambda x: 1 + 0.4 / (1 + x**2), -50.0, 50.0, 10.0)[1]


@pytest.mark.parametrize("focus", [-31.3, 12.7])
def test_distances_are_fitted(focus):
    rng, seen = np.random.default_rng(1), []

    def value(x: float) -> float:
        seen.append(x)
        return -abs(x - focus) * float(np.exp(rng.normal(0, 0.02)))

    assert fitted_golden_section(value, -50.0, 50.0, 3.0) == pytest.approx(focus, abs=0.4)
    assert len(seen) <= 6
    assert seen[0] == 3.0


def test_a_fit_that_never_stays_is_ended():
    rng, seen = np.random.default_rng(1), []

    def value(x: float) -> float:
        seen.append(x)
        return -float(rng.uniform(0, 50))

    fitted_golden_section(value, -50.0, 50.0, 3.0)
    assert len(seen) <= MOST_FRAMES
