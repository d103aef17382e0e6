from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.search import Curve, fit_peak


def curve(positions: NDArray | list[float], values: NDArray | list[float]) -> Curve:
    return Curve(np.asarray(positions, dtype=float), np.asarray(values, dtype=float))


def lorentzian(x: NDArray, focus: float, width: float, floor: float = 0.0) -> NDArray:
    return floor + 1.0 / (1.0 + ((x - focus) / width) ** 2)


EVEN = np.linspace(-10.0, 10.0, 21)
UNEVEN = np.array([-40, -11.8, -3.1, -0.9, 0.3, 0.7, 1.1, 2.2, 5.6, 11.8, 38.0])


@dataclass(frozen=True)
class Case:
    name: str
    positions: NDArray
    width: float
    floor: float = 0.0
    scale: float = 1.0

    def __str__(self) -> str:
        return self.name


@pytest.mark.parametrize(
    "case",
    [
        Case("usual", EVEN, 2.0),
        Case("narrower than the step", EVEN, 0.6),
        Case("wide", EVEN, 6.0),
        Case("on a floor", EVEN, 2.0, floor=5.0),
        Case("uneven", UNEVEN, 1.5),
        Case("tiny values", EVEN, 2.0, scale=1e-12),
        Case("huge values", EVEN, 2.0, scale=1e12),
        Case("far from zero", EVEN + 1e5, 2.0),
    ],
    ids=str,
)
def test_a_clean_curve_gives_its_focus(case: Case):
    middle = 1e5 if case.positions.min() > 1e4 else 0.0
    for focus in (middle, middle + 0.31, middle + 0.49):
        values = case.scale * lorentzian(case.positions, focus, case.width, case.floor)
        peak = fit_peak(curve(case.positions, values))
        assert peak.position_dof == pytest.approx(focus, abs=1e-4)
        assert peak.method == "lorentzian"
        assert peak.error_dof < 1e-3


def test_a_peak_beyond_the_samples_is_not_extrapolated():
    peak = fit_peak(curve(EVEN, lorentzian(EVEN, 12.0, 4.0)))
    assert 9.0 <= peak.position_dof <= 10.0


def test_the_error_is_that_of_repeated_fits():
    rng = np.random.default_rng(4)
    x = np.linspace(-6, 6, 41)
    errors, claimed = [], []
    for _ in range(300):
        values = lorentzian(x, 0.2, 1.5) + 0.03 * rng.normal(size=x.size)
        peak = fit_peak(curve(x, values))
        errors.append(peak.position_dof - 0.2)
        claimed.append(peak.error_dof)
    assert np.std(errors) == pytest.approx(np.median(claimed), rel=0.3)
    assert abs(np.mean(errors)) < 0.02


def test_the_middle_of_a_plateau_is_taken():
    x = np.arange(-10.0, 11.0)
    values = np.where((x >= 1) & (x <= 5), 1.0, 0.1)
    peak = fit_peak(curve(x, values))
    assert peak.position_dof == pytest.approx(3.0, abs=0.3)
    assert peak.error_dof < 2.0


SKEWED: dict[str, Callable[[NDArray], NDArray]] = {
    "steep below": lambda u: 1 / (1 + np.where(u < 0, u, u / 3) ** 2),
    "much steeper above": lambda u: 1 / (1 + np.where(u < 0, u / 8, u) ** 2),
    "two depths": lambda u: lorentzian(u, 0.2, 1.0) + 0.7 * lorentzian(u, 1.7, 1.5),
    "cliff": lambda u: (1 + 0.05 * u) / (1 + np.exp(4 * (u - 1))) / (1 + np.exp(-0.8 * (u + 4))),
}


@pytest.mark.parametrize("shape", SKEWED)
def test_the_top_of_a_skewed_curve_counts_and_not_its_flanks(shape: str):
    fine = np.linspace(-4, 2, 6001)
    top = fine[np.argmax(SKEWED[shape](fine))]
    x = np.concatenate([np.linspace(-12, 12, 25), np.linspace(top - 2, top + 2, 15)])
    x.sort()
    peak = fit_peak(curve(x, SKEWED[shape](x)))
    assert abs(peak.position_dof - top) < min(0.7, 2 * peak.error_dof + 0.05)


def test_a_symmetric_curve_is_fitted_with_its_flanks_however_noisy():
    """Its top alone would give the position five times less well."""
    rng = np.random.default_rng(5)
    x = np.linspace(-12, 12, 41)
    off = [
        fit_peak(curve(x, lorentzian(x, 0.3, 5.0) + 0.02 * rng.normal(size=x.size))).position_dof
        for _ in range(200)
    ]
    assert np.std(np.array(off) - 0.3) < 0.12


def test_a_staircase_is_fitted_over_more_planes_than_make_its_top():
    x = np.linspace(-12, 12, 97)
    peak = fit_peak(curve(x, lorentzian(3.0 * np.round(x / 3.0), 0.9, 4.0)))
    assert peak.position_dof == pytest.approx(0.9, abs=0.4)


def test_three_samples_give_the_vertex_of_a_gaussian():
    x = np.array([-1.0, 0.5, 1.5])
    peak = fit_peak(curve(x, np.exp(-((x - 0.2) ** 2))))
    assert peak.method == "parabola"
    assert peak.position_dof == pytest.approx(0.2, abs=1e-9)


@pytest.mark.parametrize(
    ("positions", "values"),
    [
        ([0.0], [1.0]),
        ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]),
        ([0.0, 1.0], [0.0, 1.0]),
        (list(range(9)), [0.0] * 9),
        (list(range(9)), [0.0] * 8 + [5e-324]),
        (list(range(9)), [-1e100] * 8 + [1e100]),
        (list(range(9)), [0, 0, 0, 0, 1, 0, 0, 0, 0]),
        ([1.0] * 9, list(range(9))),
    ],
)
def test_poor_curves_still_give_a_position_among_the_samples(
    positions: list[float], values: list[float]
):
    peak = fit_peak(curve(positions, values))
    assert min(positions) <= peak.position_dof <= max(positions)
    assert np.isfinite(peak.error_dof)


def test_random_curves_never_fail():
    rng = np.random.default_rng(8)
    for _ in range(500):
        n = int(rng.integers(1, 30))
        x = np.sort(rng.normal(size=n) * 10 ** rng.uniform(-3, 3))
        y = rng.standard_cauchy(size=n) * 10.0 ** rng.uniform(-30, 30)
        peak = fit_peak(curve(x, y))
        assert x[0] <= peak.position_dof <= x[-1]
        assert peak.error_dof >= 0.0
