"""The focus of a stack from predicted distances: sub-plane, robust, honest about its error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluesky_autofocus.evaluation import fit_focus

SIGMA_Y = 0.08


def predict(z, focus, scale, *, rng=None, floor=0.0, sample=0.12):
    """Distances and their intervals as an estimator makes them: errors alike in y."""
    u = np.hypot((np.asarray(z) - focus) / scale, floor)
    y = 0.5 * np.log1p((u / 0.4) ** 2)
    if rng is not None:
        # One offset that all planes of a sample share, and one of each plane.
        y = y + rng.normal(0, sample) * np.tanh(y) + rng.normal(0, SIGMA_Y, y.size)
    low, d, high = (
        np.minimum(0.4 * np.sqrt(np.expm1(2 * np.maximum(y + shift, 0))), 100.0)
        for shift in (-SIGMA_Y, 0, SIGMA_Y)
    )
    return d, np.stack([low, high], axis=1)


STACKS = {
    "both sides": (np.linspace(-30, 30, 41), 3.3, 4.0),
    "few irregular planes": (np.array([-38.0, -19, -10, -5.3, 0, 0.8, 6.5, 6.6, 17, 43]), 0, 3.4),
    "from focus upwards": (np.linspace(0, 10, 51), 0.0, 1.2),
    "up to focus": (np.linspace(-40, 0, 21), 0.0, 2.0),
    "three planes": (np.array([-10.0, 0, 10]), 2.0, 4.0),
    "inside two depths of field": (np.linspace(-1, 1, 21), 0.2, 1.0),
    "to 100 depths of field": (np.linspace(-100, 100, 21), 13.0, 1.0),
    "millimetres": (np.linspace(-3e-2, 3e-2, 41), 3.3e-3, 4e-3),
    "far from zero": (np.linspace(24_970, 25_030, 41), 25_003.3, 4.0),
}


@pytest.mark.parametrize("known", [True, False], ids=["optics known", "scale fitted"])
@pytest.mark.parametrize("name", STACKS)
def test_exact_distances_give_the_exact_focus(name, known):
    z, focus, scale = STACKS[name]
    fit = fit_focus(z, *predict(z, focus, scale), scale=scale if known else None)
    assert fit is not None
    assert fit.z == pytest.approx(focus, abs=0.03 * scale)
    assert fit.scale == pytest.approx(scale, rel=0.02)
    assert fit.floor_dof < 0.1


@pytest.mark.parametrize("known", [True, False], ids=["optics known", "scale fitted"])
@pytest.mark.parametrize("name", STACKS)
def test_standard_error_is_honest(name, known):
    z, focus, scale = STACKS[name]
    rng = np.random.default_rng(1)
    pulls = []
    for _ in range(8):
        fit = fit_focus(z, *predict(z, focus, scale, rng=rng), scale=scale if known else None)
        if fit is not None:
            pulls.append((fit.z - focus) / fit.std)
    assert len(pulls) >= 6
    assert np.median(np.abs(pulls)) < 1.0
    assert np.max(np.abs(pulls)) < 4.0


def test_focus_beyond_the_end_is_extrapolated():
    z = np.linspace(5, 40, 30)
    for scale in (2.0, None):
        fit = fit_focus(z, *predict(z, 0.0, 2.0), scale=scale)
        assert fit is not None
        assert fit.z == pytest.approx(0, abs=0.1)


def test_known_scale_tells_more_of_a_focus_far_beyond_the_end():
    z = np.linspace(10, 30, 12)
    d, ends = predict(z, 0.0, 2.0, rng=np.random.default_rng(6))
    known, fitted = fit_focus(z, d, ends, scale=2.0), fit_focus(z, d, ends)
    assert known is not None
    assert abs(known.z) < 2 * known.std < 8.0
    assert fitted is None


def test_scale_fits_one_that_nobody_knows():
    z = np.linspace(-30, 30, 41)
    rng = np.random.default_rng(2)
    fits = [fit_focus(z, *predict(z, 3.3, 4.0, rng=rng)) for _ in range(10)]
    pulls = [
        (fit.scale - 4.0) / np.hypot(fit.scale_std, 0.12 * fit.scale)
        for fit in fits
        if fit and fit.scale and fit.scale_std
    ]
    assert len(pulls) == 10
    assert np.sqrt(np.mean(np.square(pulls))) < 1.5


def test_a_sample_that_never_gets_sharp_keeps_its_scale():
    z = np.linspace(-30, 30, 41)
    fit = fit_focus(z, *predict(z, 3.3, 4.0, floor=1.5))
    assert fit is not None
    assert fit.floor_dof == pytest.approx(1.5, abs=0.1)
    assert fit.scale == pytest.approx(4.0, rel=0.03)
    assert fit.z == pytest.approx(3.3, abs=0.1)


def test_wrong_planes_do_not_move_it():
    z = np.linspace(-30, 30, 41)
    d, ends = predict(z, 3.3, 4.0, rng=np.random.default_rng(3))
    clean = fit_focus(z, d, ends, scale=4.0)
    d[[2, 9, 30, 38]] = (0.05, 80.0, 0.1, 90.0)
    ends[[2, 9, 30, 38]] = ((0.0, 0.1), (70.0, 90.0), (0.0, 0.2), (80.0, 100.0))
    spoilt = fit_focus(z, d, ends, scale=4.0)
    assert clean is not None
    assert spoilt is not None
    assert spoilt.z == pytest.approx(clean.z, abs=0.2)


def test_unlike_sides_leave_focus_where_the_nearest_planes_have_it():
    z = np.linspace(-40, 40, 81)
    u = np.where(z < 3.0, (3.0 - z) / 2.0, (z - 3.0) / 8.0)
    fit = fit_focus(z, u, np.stack([0.95 * u, 1.05 * u + 0.02], axis=1))
    assert fit is not None
    # A tenth of the stack's length nearer than one symmetric fit to all planes.
    assert fit.z == pytest.approx(3.0, abs=2.0)
    assert fit.std < 2.0


def test_error_grows_where_neighbours_err_alike():
    z = np.linspace(-30, 30, 61)
    d, ends = predict(z, 3.3, 4.0)
    rough = d * np.exp(0.1 * (-1.0) ** np.arange(z.size))
    smooth = d * np.exp(0.1 * np.sign(np.sin(np.arange(z.size) / 4)))
    alternating, waves = fit_focus(z, rough, ends, scale=4.0), fit_focus(z, smooth, ends, scale=4.0)
    assert alternating is not None
    assert waves is not None
    assert waves.std > 1.5 * alternating.std


@pytest.mark.parametrize(
    ("z", "d"),
    [
        ([0.0, 1.0], [0.0, 1.0]),
        ([0.0, 1.0, 2.0, 3.0], [1.0, np.nan, np.inf, 1.0]),
        ([0.0, 1.0, 2.0, 3.0, 4.0], [30.0] * 5),
        ([5.0, 5.0, 5.0], [1.0, 2.0, 3.0]),
        ([], []),
    ],
    ids=["two planes", "two finite ones", "no change", "one position", "none"],
)
def test_distances_that_do_not_tell_give_none(z, d):
    assert fit_focus(z, d, [(0.9 * at, 1.1 * at + 0.1) for at in d]) is None


def test_all_planes_in_focus_give_no_scale():
    z = np.linspace(-1, 1, 11)
    fit = fit_focus(z, np.full(11, 0.2), [(0.1, 0.3)] * 11)
    assert fit is None or fit.scale is None


@settings(max_examples=25, deadline=None)
@given(
    shift=st.floats(-1e3, 1e3),
    stretch=st.floats(0.01, 100),
    mirrored=st.booleans(),
    order=st.permutations(range(9)),
)
def test_units_origin_side_and_order_do_not_matter(shift, stretch, mirrored, order):
    z = np.array([-20.0, -11, -7, -2, 1, 4, 9, 16, 21])
    d, ends = predict(z, 2.0, 3.0, rng=np.random.default_rng(4))
    plain = fit_focus(z, d, ends)
    assert plain is not None
    stretch = -stretch if mirrored else stretch
    moved = fit_focus((z * stretch + shift)[order], d[order], ends[order])
    assert moved is not None
    assert moved.z == pytest.approx(plain.z * stretch + shift, abs=abs(stretch) * 0.02)
    assert moved.std == pytest.approx(plain.std * abs(stretch), rel=0.05)
