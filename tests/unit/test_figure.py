"""The picture of a run."""

import numpy as np
import pytest
from PIL import Image

from bluesky_autofocus.figure import focus_figure, save_figure

NOISE = np.random.default_rng(1).integers(0, 255, (32, 48), dtype=np.uint8)
FLAT = np.full((32, 48), 7, dtype=np.uint8)


def draw(positions, sharpness, first=NOISE, last=FLAT, **options):
    figure = focus_figure(
        first, last, positions, sharpness, unit="um", title="a run", measure="brenner", **options
    )
    figure.canvas.draw()
    return figure


def test_axes_and_frames_are_labelled():
    figure = draw([3.0, 1.0, 2.0], [1.0, 2.0, 900.0], reference=(1.9, "true focus"))
    left, middle, right, bar = figure.axes
    assert left.get_title() == "first frame: 3.00 um"
    assert middle.get_title() == "last frame: 2.00 um"
    assert right.get_xlabel() == "stage position (um)"
    assert right.get_ylabel() == "sharpness (brenner)"
    assert bar.get_ylabel() == "step"
    legend = right.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["first", "last", "true focus"]
    assert right.get_yscale() == "log"


def test_legend_covers_no_step():
    figure = draw([3.0, 1.0, 2.0], [1.0, 2.0, 900.0])
    right = figure.axes[2]
    legend = right.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 >= right.get_window_extent().y1


def test_both_frames_have_one_grey_scale():
    left, middle, *_ = draw([0.0, 1.0], [1.0, 2.0]).axes
    assert left.images[0].get_clim() == middle.images[0].get_clim()


@pytest.mark.parametrize(
    ("sharpness", "scale"),
    [
        ([1.0, 9.0], "linear"),
        ([1.0, 11.0], "log"),
        ([0.0, 11.0], "linear"),
        ([-1.0, 11.0], "linear"),
    ],
)
def test_scale_follows_the_span_of_the_curve(sharpness, scale):
    assert draw([0.0, 1.0], sharpness).axes[2].get_yscale() == scale


@pytest.mark.parametrize(
    "sharpness", [[float("nan")] * 3, [float("nan"), 1.0, 50.0], [5.0, 5.0, 5.0]]
)
def test_curve_without_a_shape_is_drawn(sharpness):
    steps = draw([0.0, 1.0, 2.0], sharpness).axes[2].collections[0]
    assert len(np.asarray(steps.get_offsets())) == np.isfinite(sharpness).sum()


def test_one_constant_frame_is_drawn():
    figure = draw([5.0], [0.3], first=FLAT, last=FLAT)
    assert figure.axes[2].collections[0].get_clim() == (1, 2)


def test_saved_as_png_whatever_the_name(tmp_path):
    path = save_figure(draw([0.0, 1.0], [1.0, 2.0]), tmp_path / "new" / "run.picture")
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.size == (1430, 484)
