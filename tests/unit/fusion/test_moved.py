"""Shifted and magnified axis by axis, as by scipy's transform of both at once."""

import numpy as np
import pytest
from scipy.ndimage import affine_transform, spline_filter

from bluesky_autofocus.fusion.moved import moved


@pytest.mark.parametrize("degree", [1, 3])
@pytest.mark.parametrize(
    ("magnification", "start"),
    [(1.0, (0.0, 0.0)), (1.0, (0.25, -0.5)), (1.02, (-3.3, 2.2)), (0.97, (12.0, -70.5))],
)
def test_an_image_is_moved_as_by_a_transform_of_both_axes(degree, magnification, start):
    image = np.random.default_rng(4).normal(size=(49, 96)).astype(np.float32)
    splines = image if degree == 1 else spline_filter(image).astype(np.float32)
    matrix = [[magnification, 0, start[0]], [0, magnification, start[1]], [0, 0, 1]]
    wanted = affine_transform(splines, np.array(matrix), order=degree, prefilter=False)
    out = moved(splines, magnification, np.array(start), degree)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, wanted, atol=2e-6)
