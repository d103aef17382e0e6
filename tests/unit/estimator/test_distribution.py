import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bluesky_autofocus.estimator.distribution import (
    BINS,
    GRID_U_DOF,
    GRID_Y,
    quantile_dof,
    sharpness_of_grid,
    shortest_interval_dof,
    soft_histogram,
)
from bluesky_autofocus.estimator.estimate import mass_within
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.optics.axis import to_u, to_y

OPTICS = Optics(0.3, 0.55, magnification=10, pixel_um=3.45)


@given(st.floats(0, 1000))
def test_the_axis_is_its_own_inverse(u):
    assert to_u(to_y(u)) == pytest.approx(u, abs=1e-9, rel=1e-9)


@given(st.floats(-107, 107))
def test_a_distance_keeps_its_place_in_the_histogram(u):
    p = soft_histogram(torch.tensor([[u]], dtype=torch.float64).float())[0].numpy()
    assert p.sum() == pytest.approx(1, abs=1e-5)
    assert p @ GRID_Y == pytest.approx(to_y(u), abs=2e-3)


def test_a_histogram_of_two_altitudes_has_half_at_each():
    p = soft_histogram(torch.tensor([[1.0, 1.0, -30.0, -30.0]]))[0].numpy()
    assert p[GRID_U_DOF < 5].sum() == pytest.approx(0.5, abs=1e-5)


def test_the_median_of_one_place_is_that_place():
    p = np.zeros(BINS)
    p[30] = 1
    assert quantile_dof(p, 0.5) == pytest.approx(GRID_U_DOF[30])


def test_quantiles_rise_and_keep_the_shape():
    p = np.random.default_rng(0).dirichlet(np.ones(BINS), size=(3, 4))
    low, middle, high = (quantile_dof(p, share) for share in (0.05, 0.5, 0.95))
    assert low.shape == (3, 4)
    assert (low < middle).all() and (middle < high).all()


def test_mass_within_a_limit_is_the_share_of_the_bins_below_it():
    p = np.full(BINS, 1 / BINS)
    assert mass_within(p, 0.0) == 0
    assert mass_within(p, 200.0) == pytest.approx(1)
    # y(U) = 1 lies half way between two bins' middles: half a bin and nine whole ones are below.
    assert mass_within(p, float(to_u(0.95))) == pytest.approx(10 / BINS, rel=1e-6)


def test_unclipped_sharpness_rises_inside_the_depth_of_field():
    clipped, unclipped = sharpness_of_grid(OPTICS), sharpness_of_grid(OPTICS, clipped=False)
    inside = GRID_U_DOF < 0.5
    assert (clipped[inside] == 1).all()
    assert (np.diff(unclipped) < 0).all()
    assert 1.05 < unclipped[0] < 1.15
    outside = (GRID_U_DOF > 0.5) & (GRID_U_DOF < 100)
    assert np.array_equal(clipped[outside], unclipped[outside])


def test_the_shortest_interval_begins_in_focus_where_the_axis_ends():
    p = np.zeros((2, BINS))
    p[0, :4] = 0.25
    p[1, 20:30] = 0.1
    low, high = shortest_interval_dof(p, 0.9)
    assert low[0] == 0
    assert to_y(high[0]) == pytest.approx(0.31, abs=0.011)
    assert to_y(high[1]) - to_y(low[1]) == pytest.approx(0.9, abs=0.01)


def test_an_interval_is_no_longer_than_one_with_equal_shares_left_out():
    p = np.random.default_rng(1).dirichlet(np.full(BINS, 0.3), 50)
    low, high = shortest_interval_dof(p, 0.8)
    equal = to_y(quantile_dof(p, 0.9)) - to_y(quantile_dof(p, 0.1))
    assert np.all(to_y(high) - to_y(low) <= equal + 1e-9)
