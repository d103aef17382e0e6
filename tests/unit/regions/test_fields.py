"""Labels of a field: parts of the frame, picks, altitudes left out."""

import numpy as np
import pytest

from bluesky_autofocus.belief import Posterior
from bluesky_autofocus.errors import FrameError, RegionError
from bluesky_autofocus.regions import UNKNOWN, Altitude, CellGrid, FieldRegions, picker
from bluesky_autofocus.regions.altitudes import find_altitudes

GRID = CellGrid(512, 512)


def altitude(label: int, focus_dof: float) -> Altitude:
    x = focus_dof + np.linspace(-3, 3, 61)
    mass = np.exp(-0.5 * ((x - focus_dof) / 0.2) ** 2)
    cells = np.zeros(GRID.shape, dtype=bool)
    return Altitude(label, Posterior(x, mass / mass.sum(), np.full(61, 0.1)), cells)


@pytest.fixture
def field() -> FieldRegions:
    """Altitude 0 on the left, 1 on the right and in a corner, nothing in the middle."""
    labels = np.full(GRID.shape, UNKNOWN)
    labels[:, :3] = 0
    labels[:, 5:] = 1
    labels[6:, 0:2] = 1
    return FieldRegions(GRID, labels, (altitude(0, -5.0), altitude(1, 4.0)))


def test_regions_are_neighbouring_cells_the_largest_first(field):
    assert [(r.number, r.altitude, int(r.cells.sum())) for r in field.regions] == [
        (1, 1, 24),
        (2, 0, 20),
        (3, 1, 4),
    ]
    assert field.regions[0].box_px == (0, 320, 512, 192)
    assert field.regions[0].centre_px == (256.0, 416.0)
    assert field.unknown_fraction == pytest.approx(16 / 64)


@pytest.mark.parametrize(
    "picked, label",
    [
        ("largest", 1),
        ("nearest", 0),
        (0, 0),
        (1, 1),
        (2, UNKNOWN),
        ((10, 500), 1),
        ((10, 10), 0),
        ((10, 240), UNKNOWN),
        ((0, 0, 200, 300), 0),
        ([384, 0, 128, 128], 1),
        (np.eye(8, dtype=bool), 0),
    ],
    ids=str,
)
def test_an_altitude_is_picked(field, picked, label):
    assert picker(picked)(field, -3.0) == label


@pytest.mark.parametrize(
    "picked", ["sharpest", -1, True, (1, 2, 3), (-5, 3), None, 2.5, (np.nan, 1)], ids=str
)
def test_what_cannot_be_picked_is_said(picked):
    with pytest.raises(RegionError, match="picked by"):
        picker(picked)


def test_a_mask_of_another_shape_is_refused(field):
    with pytest.raises(RegionError, match=r"\(4, 4\).*\(8, 8\)"):
        picker(np.ones((4, 4), dtype=bool))(field, 0.0)


def test_altitudes_left_out_leave_unknown_cells(field):
    right = field.only([1])
    assert [a.focus_dof for a in right.altitudes] == [pytest.approx(4.0)]
    assert right.altitudes[0].label == 0
    assert right.at(10, 500) == 0
    assert right.at(10, 10) == UNKNOWN
    assert field.only([]).unknown_fraction == 1.0


def test_a_frame_smaller_than_a_cell_is_refused():
    with pytest.raises(FrameError, match="at least 64"):
        CellGrid(63, 512)


def evidence_of(labels: np.ndarray, focus: list[float], height: float) -> tuple:
    """Evidence that peaks where each cell is in focus, and noise."""
    x = np.arange(-20, 20, 0.2)
    rng = np.random.default_rng(4)
    peak = np.array(focus)[labels][..., None]
    out = height * np.exp(-0.5 * ((x - peak) / 0.5) ** 2) - 0.3
    return out + 0.1 * rng.normal(size=out.shape), x


def test_two_altitudes_are_told_apart_and_cells_with_noise_follow_their_neighbours():
    labels = np.zeros((8, 8), dtype=int)
    labels[:, 4:] = 1
    evidence, x = evidence_of(labels, [-6.0, 3.0], 1.2)
    evidence[2, 1] = 0.05 * np.random.default_rng(5).normal(size=x.size)
    found = find_altitudes(evidence, x)
    assert found.focus_dof == pytest.approx([-6.0, 3.0], abs=0.3)
    assert np.array_equal(found.labels, labels)


def test_one_altitude_is_not_divided():
    evidence, x = evidence_of(np.zeros((8, 8), dtype=int), [2.0], 1.2)
    found = find_altitudes(evidence, x)
    assert found.focus_dof == pytest.approx([2.0], abs=0.3)


def test_a_few_odd_cells_make_no_altitude():
    labels = np.zeros((8, 8), dtype=int)
    labels[3, 3] = labels[6, 1] = 1
    evidence, x = evidence_of(labels, [2.0, -9.0], 1.2)
    assert find_altitudes(evidence, x).focus_dof.size == 1
