"""Heights of simulated samples: how exact, how sure, and where nothing can be told."""

import numpy as np
import pytest
from drawn_stack import SIDE_PX, draw_stack
from numpy.typing import NDArray

from bluesky_autofocus.errors import FusionError
from bluesky_autofocus.fusion import height_map
from bluesky_autofocus.imaging import cap, terraces, tilted
from bluesky_autofocus.optics import optics_of_sampling

TERRACES = terraces((SIDE_PX, SIDE_PX), [2.0, 6.3, 11.1], seed=3)
TILT = tilted((SIDE_PX, SIDE_PX), optics_of_sampling(1.0), 80 / 4, 40.0)
RELIEFS = {
    "terraces": TERRACES,
    "tilt": (TILT - TILT.min()) * (9 / np.ptp(TILT)) + 2,
    "sphere": cap((SIDE_PX, SIDE_PX), 6.0) + 11,
}


def rms(values: NDArray) -> float:
    return float(np.sqrt(np.mean(values**2)))


@pytest.mark.parametrize("spacing_dof", [1.0, 2.0])
@pytest.mark.parametrize("kind", RELIEFS)
def test_heights_are_right_to_a_third_of_a_depth_of_field(kind: str, spacing_dof: float) -> None:
    z_dof = np.arange(-2, 15, spacing_dof)
    told = height_map(draw_stack(RELIEFS[kind], z_dof), z_dof)
    # About a step nothing is told.
    assert told.valid.mean() > (0.95 if kind != "terraces" else 0.6)
    assert rms((told.height - RELIEFS[kind])[told.valid]) < 0.3


def test_heights_follow_uneven_positions_in_their_own_unit() -> None:
    z_dof = np.array([-2, 0, 1.2, 2.1, 4, 5.5, 6.4, 8, 9.1, 11, 12.5, 14])
    dof_um = 7.3
    told = height_map(draw_stack(RELIEFS["tilt"], z_dof), z_dof * dof_um)
    assert rms((told.height / dof_um - RELIEFS["tilt"])[told.valid]) < 0.3


def test_sigma_says_how_large_errors_are() -> None:
    z_dof = np.arange(-2, 15, 1.5)
    told = height_map(draw_stack(RELIEFS["sphere"], z_dof, level=0.05), z_dof)
    off = np.abs(told.height - RELIEFS["sphere"])[told.valid] / told.sigma[told.valid]
    assert 0.5 < np.quantile(off, 0.68) < 2


def test_what_shows_nothing_is_not_valid_and_filled_from_around() -> None:
    z_dof = np.arange(-4, 5, 1.0)
    planes = draw_stack(np.zeros((SIDE_PX, SIDE_PX), np.float32), z_dof, blank=slice(70, 190))
    told = height_map(planes, z_dof)
    assert not told.valid[110:150].any()
    assert np.isinf(told.sigma[110:150]).all()
    assert told.valid[np.r_[:60, 200:SIDE_PX]].mean() > 0.95
    assert np.abs(told.height).max() < 0.5


@pytest.mark.parametrize("sharp", [0, 6])
def test_focus_at_the_end_of_the_stack_is_the_edge_and_not_valid(sharp: int) -> None:
    z_dof = np.arange(7.0)
    beyond = -0.4 if sharp == 0 else 6.4
    told = height_map(draw_stack(np.full((SIDE_PX, SIDE_PX), beyond, np.float32), z_dof), z_dof)
    assert told.edge.mean() > 0.99
    assert not told.valid.any()
    assert (told.height == z_dof[sharp]).mean() > 0.99


def test_flat_frames_tell_nothing_and_do_not_warn() -> None:
    told = height_map(np.full((4, 64, 70), 0.1), np.arange(4.0))
    assert not (told.valid | told.edge).any()
    assert (told.height == 1.5).all()
    assert told.height.shape == (64, 70)


def test_dark_frames_tell_nothing() -> None:
    assert not height_map(np.zeros((3, 40, 40), np.uint8), [0, 1, 2]).valid.any()


def test_two_planes_are_all_edge() -> None:
    told = height_map(draw_stack(TERRACES, np.array([2.0, 6.3])), [2.0, 6.3])
    assert not told.valid.any()
    assert set(np.unique(told.height[told.edge & (TERRACES < 3)])) >= {2.0}


def test_brightness_that_flickers_changes_nothing() -> None:
    z_dof = np.arange(-2, 15, 1.5)
    planes = draw_stack(RELIEFS["tilt"], z_dof).astype(float)
    gains = np.linspace(0.5, 2, len(z_dof))[:, None, None]
    steady, flickering = height_map(planes, z_dof), height_map(planes * gains, z_dof)
    assert np.allclose(steady.height, flickering.height, atol=0.01)


PLANES = np.random.default_rng(0).integers(0, 255, (3, 40, 40)).astype(np.uint8)
BROKEN = PLANES.astype(float)
BROKEN[1, 3, 4] = np.nan


@pytest.mark.parametrize(
    ("planes", "positions", "said"),
    [
        (PLANES[:1], [0], "has 1 planes"),
        (PLANES, [0, 1], "for 3 planes"),
        (PLANES, [0, 2, 1], "does not lie above"),
        (PLANES, [0, 1, 1], "does not lie above"),
        (PLANES, [0, np.nan, 1], "position of plane 1"),
        (BROKEN, [0, 1, 2], "Plane 1 has pixels"),
        ([PLANES[0], PLANES[1], PLANES[2, :39]], [0, 1, 2], "Plane 2 is"),
        ([PLANES[0], PLANES[1].astype(float)], [0, 1], "Plane 1 is float64"),
        (PLANES[:, :20, :20], [0, 1, 2], "at least 32"),
        (PLANES > 100, [0, 1, 2], "type bool"),
        (PLANES[..., None], [0, 1, 2], "shape"),
    ],
)
def test_bad_input_is_refused_with_a_reason(planes, positions, said: str) -> None:
    with pytest.raises(FusionError, match=said):
        height_map(planes, positions)


@pytest.mark.parametrize("window_px", [0, 1, np.nan, 1000])
def test_a_window_of_no_use_is_refused(window_px: float) -> None:
    with pytest.raises(FusionError, match="window_px"):
        height_map(PLANES, [0, 1, 2], window_px=window_px)
