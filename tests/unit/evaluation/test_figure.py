"""The picture of an evaluated stack."""

import numpy as np
import pytest

from bluesky_autofocus.evaluation import Sampling, evaluate_planes, evaluation_figure

Z = [-8.0, -4.0, -1.0, 2.0, 6.0, 9.0, 14.0]


@pytest.fixture
def draw(make_stack, readings, hand_made):
    def make(distances, invalid=(), **options):
        estimates = [
            hand_made(d, 0.1, "saturated" if index in invalid else "good")
            for index, d in enumerate(distances)
        ]
        stack = make_stack(Z, focus=1.0)
        evaluation = evaluate_planes(stack, readings(Z, estimates, focus=1.0), **options)
        figure = evaluation_figure(evaluation, stack, title="sample")
        figure.canvas.draw()
        return {axes.get_label(): axes for axes in figure.axes}

    return make


def labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line(axes, label):
    (found,) = [line for line in axes.lines if line.get_label() == label]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


DISTANCES = [4.5, 2.5, 1.0, 0.5, 2.5, 4.0, 6.5]


def test_v_stands_on_the_focus_with_the_slope_of_the_scale(draw):
    axes = draw(DISTANCES, depth_of_field=2.0, reference=1.0)["distance"]
    z, v = line(axes, "V of 2 um per DoF, from the optics")
    tip = z[np.argmin(v)]
    assert v.min() == 0
    assert tip == pytest.approx(1.0, abs=0.2)
    assert np.allclose(v, np.abs(z - tip) / 2.0)
    assert "reference: given" in labels(axes)


def test_fitted_v_says_so(draw):
    axes = draw(DISTANCES, sampling=Sampling(1.0, 1))["distance"]
    assert any(said.startswith("V of ") and said.endswith("fitted") for said in labels(axes))


def test_floor_is_drawn_where_there_is_one(draw):
    floor = np.hypot(DISTANCES, 2.0)
    axes = draw(floor, depth_of_field=2.0)["distance"]
    (said,) = [label for label in labels(axes) if label.startswith("never nearer than")]
    _, curve = line(axes, said)
    assert curve.min() == pytest.approx(2.0, abs=0.4)


def test_planes_that_are_not_valid_are_crossed(draw):
    panels = draw(DISTANCES, invalid=(0, 6), depth_of_field=2.0)
    z, d = line(panels["distance"], "not valid")
    assert z.tolist() == [-8.0, 14.0]
    assert d.tolist() == [4.5, 6.5]
    (points,) = [c for c in panels["distance"].containers if c.get_label().startswith("predicted")]
    assert list(points[0].get_xdata()) == Z[1:6]


def test_curves_of_the_measures_span_zero_to_one(draw):
    axes = draw(DISTANCES, depth_of_field=2.0)["sharpness"]
    _, curve = line(axes, "blurred_gradient, 0 to 1")
    assert (curve.min(), curve.max()) == (0, 1)
    assert labels(axes).count("other classical measures, 0 to 1") == 1


def test_thumbnails_are_nearest_reference_and_farthest_in_one_grey_scale(draw):
    panels = draw(DISTANCES, depth_of_field=2.0, reference=-1.0)
    titles = [panels[name].get_title() for name in ("nearest", "middle", "farthest")]
    assert [title.split("\n")[0] for title in titles] == [
        "predicted nearest: 2 um",
        "at the reference: -1 um",
        "predicted farthest: 14 um",
    ]
    limits = {panels[name].images[0].get_clim() for name in ("nearest", "middle", "farthest")}
    assert len(limits) == 1


@pytest.mark.parametrize("distances", [[float("nan")] * 7, [20.0] * 7, [0.0] * 7])
def test_estimates_without_a_shape_are_drawn(draw, distances):
    panels = draw(distances, invalid=range(7))
    assert not any("focus by the estimator" in label for label in labels(panels["distance"]))


def test_large_planes_become_small_thumbnails():
    from bluesky_autofocus.evaluation.figure import LONGEST_THUMBNAIL_PX, _thumbnail

    plane = np.arange(64 * 2500, dtype=np.uint16).reshape(64, 2500) % 251
    small = _thumbnail(plane)
    assert small.shape == (12, 500)
    assert max(small.shape) <= LONGEST_THUMBNAIL_PX
    assert small[0, 0] == plane[:5, :5].mean()
