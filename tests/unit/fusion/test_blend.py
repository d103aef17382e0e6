"""The fused image: sharp, seamless, in the type and range of the planes."""

import numpy as np
import pytest
from drawn_stack import SIDE_PX, draw_stack
from skimage.metrics import structural_similarity

from bluesky_autofocus.errors import FusionError
from bluesky_autofocus.fusion import all_in_focus, height_map
from bluesky_autofocus.fusion.pyramid import collapsed, laplacian_levels, level_count
from bluesky_autofocus.imaging import terraces
from bluesky_autofocus.measures import blurred_gradient

RELIEF = terraces((SIDE_PX, SIDE_PX), [0.0, 5.0, 9.0], seed=5)
Z_DOF = np.arange(-2, 12, 1.0)


def likeness_to(image: np.ndarray, sharp: np.ndarray) -> float:
    full = float(sharp.max()) - float(sharp.min())
    return float(np.asarray(structural_similarity(image, sharp, data_range=full)))


def test_the_fused_image_is_the_sharp_one() -> None:
    planes = draw_stack(RELIEF, Z_DOF)
    sharp = draw_stack(np.zeros_like(RELIEF), np.array([0.0]))[0]
    fused = all_in_focus(planes, Z_DOF, height_map(planes, Z_DOF).height)
    # Two frames of the same sharp sample differ by their noise.
    again = all_in_focus(planes, Z_DOF, RELIEF)
    likeness = [likeness_to(f, sharp) for f in (again, fused, *planes)]
    assert likeness[1] > likeness[0] - 0.04
    assert max(likeness[2:]) < likeness[1] - 0.1
    assert blurred_gradient(fused) > 0.95 * blurred_gradient(sharp)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_type_and_range_are_those_of_the_planes(dtype: type) -> None:
    planes = draw_stack(RELIEF, Z_DOF).astype(dtype)
    fused = all_in_focus(planes, Z_DOF, RELIEF)
    assert fused.dtype == dtype
    assert planes.min() <= fused.min() and fused.max() <= planes.max()


def test_one_height_gives_that_plane() -> None:
    planes = draw_stack(RELIEF, Z_DOF)
    assert np.array_equal(all_in_focus(planes, Z_DOF, np.full_like(RELIEF, Z_DOF[4])), planes[4])
    assert np.array_equal(all_in_focus(planes, Z_DOF, np.full_like(RELIEF, 99.0)), planes[-1])


def test_no_seam_shows_where_brightness_differs() -> None:
    planes = np.stack([np.full((128, 128), 90.0), np.full((128, 128), 110.0)])
    height = np.where(np.arange(128) < 64, 0.0, 1.0) * np.ones((128, 1))
    fused = all_in_focus(planes, [0.0, 1.0], height)
    steps = np.abs(np.diff(fused, axis=1))
    assert steps.max() < 2
    assert fused[0, 0] < 95 and fused[0, -1] > 105


def test_planes_that_are_not_needed_are_not_read() -> None:
    class Counted(list):
        read: list[int] = []

        def __getitem__(self, index):
            self.read.append(index)
            return super().__getitem__(index)

    planes = Counted(draw_stack(RELIEF, Z_DOF))
    all_in_focus(planes, Z_DOF, np.full_like(RELIEF, 3.3))
    assert set(planes.read) == {0, 5, 6}


@pytest.mark.parametrize("shape", [(64, 64), (65, 97), (33, 200)])
def test_a_pyramid_collapses_to_its_image(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    bands = laplacian_levels(image, level_count(shape))
    assert len(bands) == level_count(shape) > 1
    assert np.allclose(collapsed(bands), image, atol=1e-5)


@pytest.mark.parametrize(
    ("height", "said"),
    [(RELIEF[1:], "shape"), (np.where(RELIEF > 3, np.nan, 0), "not finite")],
)
def test_heights_that_do_not_fit_are_refused(height: np.ndarray, said: str) -> None:
    with pytest.raises(FusionError, match=said):
        all_in_focus(draw_stack(RELIEF, Z_DOF[:2]), Z_DOF[:2], height)
