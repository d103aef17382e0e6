"""A smooth surface through focus positions: which degree, how sure, what it refuses."""

import numpy as np
import pytest

from bluesky_autofocus.errors import SurfaceError
from bluesky_autofocus.focus_surface import fit_surface

GRID = [(float(x), float(y)) for y in range(0, 50, 10) for x in range(100, 150, 10)]


def heights(points, *, noise=0.0, bend=0.0, seed=0):
    rng = np.random.default_rng(seed)
    x, y = np.array(points).T
    return 3.0 + 0.2 * (x - 120) - 0.1 * y + bend * (y - 20) ** 2 + noise * rng.normal(size=x.size)


@pytest.mark.parametrize("bend, degree", [(0.0, 1), (0.02, 2)])
def test_the_degree_is_the_one_that_predicts_left_out_points(bend, degree):
    surface = fit_surface(GRID, heights(GRID, noise=0.05, bend=bend), error=0.05)
    assert surface.degree == degree
    places = [(104.0, 33.0), (141.0, 7.0)]
    for place, true in zip(places, heights(places, bend=bend), strict=True):
        assert surface(*place) == pytest.approx(true, abs=0.1)


def test_stated_errors_are_those_that_come_out():
    misses = []
    for seed in range(200):
        surface = fit_surface(GRID, heights(GRID, noise=0.3, seed=seed), error=0.1)
        true = heights([(135.0, 12.0)])[0]
        misses.append((surface(135.0, 12.0) - true) / surface.std(135.0, 12.0))
    assert 0.8 < np.std(misses) < 1.25


def test_few_points_make_a_constant_and_far_away_nothing_is_sure():
    surface = fit_surface(GRID[:3], [1.0, 1.2, 1.1], error=0.1)
    assert surface.degree == 0
    assert surface(500.0, 500.0) == pytest.approx(1.1)
    plane = fit_surface(GRID, heights(GRID), error=0.1)
    assert plane.std(1000.0, 20.0) > 10 * plane.std(120.0, 20.0)


def test_points_on_a_line_do_not_make_a_plane():
    line = [(float(k), 0.0) for k in range(12)]
    assert fit_surface(line, np.arange(12.0), error=0.1).degree == 0


def test_one_point_is_known_to_its_error():
    surface = fit_surface([(1.0, 2.0)], [5.0], error=0.2)
    assert surface(1.0, 2.0) == 5.0
    assert surface.std(1.0, 2.0) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "points, focus, error",
    [([], [], 0.1), ([(0, 0)], [1.0, 2.0], 0.1), ([(0, 0)], [np.nan], 0.1), ([(0, 0)], [1.0], 0)],
    ids=["none", "too many", "no number", "no error"],
)
def test_what_makes_no_surface_is_said(points, focus, error):
    with pytest.raises(SurfaceError):
        fit_surface(points, focus, error=error)
