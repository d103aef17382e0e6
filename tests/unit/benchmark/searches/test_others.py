import numpy as np
import pytest

from bluesky_autofocus.benchmark.searches.others import (
    bounce,
    fitted_golden_section,
    oughta_focus,
)


def curve(focus: float, seen: list[float]):
    def value(x: float) -> float:
        seen.append(x)
        return 1 / (1 + ((x - focus) / 6) ** 2)

    return value


@pytest.mark.parametrize("method", [oughta_focus, bounce])
@pytest.mark.parametrize(("focus", "start"), [(-31.3, 20.0), (12.7, 12.7), (44.0, -50.0)])
def test_a_clear_peak_is_found_inside_the_window(method, focus, start):
    seen: list[float] = []
    assert method(curve(focus, seen), -50.0, 50.0, start) == pytest.approx(focus, abs=0.5)
    assert min(seen) >= -50.0
    assert max(seen) <= 50.0
    assert 5 < len(seen) < 60


def test_bounce_begins_with_64_depths_of_field():
    seen: list[float] = []
    bounce(curve(0.0, seen), -100.0, 100.0, 10.0)
    assert seen[:3] == [10.0, -54.0, 74.0]


@pytest.mark.parametrize("focus", [-31.3, 12.7])
def test_distances_are_fitted(focus):
    rng, seen = np.random.default_rng(1), []

    def value(x: float) -> float:
        seen.append(x)
        return -abs(x - focus) * float(np.exp(rng.normal(0, 0.02)))

    assert fitted_golden_section(value, -50.0, 50.0, 3.0) == pytest.approx(focus, abs=0.4)
    assert len(seen) <= 12
