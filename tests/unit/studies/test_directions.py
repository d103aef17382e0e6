"""Which side of focus an end-to-end network believes, and the picture of it."""

from dataclasses import replace

import numpy as np
import pytest

from bluesky_autofocus.studies import direction_table, directions_figure, wrong_share


@pytest.fixture
def half_wrong(made_stack):
    stack = made_stack()
    # Below focus it says the right side, above the wrong one, but at 30 depths of field.
    said = np.where((stack.u_dof > 0) & (stack.u_dof < 30), -stack.u_dof, stack.u_dof)
    return [replace(stack, end_to_end_dof=said)]


def test_directions_count_beyond_the_depth_of_field_only():
    true = np.array([-2.0, -2.0, 2.0, 0.3])
    assert wrong_share(true, np.array([-1.0, 5.0, 3.0, -0.3])) == pytest.approx(1 / 3)
    assert np.isnan(wrong_share(true[3:], true[3:]))


def test_table_tells_the_share_at_each_distance(half_wrong):
    rows = {row["high_dof"]: row for row in direction_table(half_wrong)}
    assert rows[10.0]["wrong_directions"] == 0.5 and rows[10.0]["frames"] == 2
    assert rows[40.0]["wrong_directions"] == 0.0
    assert all(row["median_error_dof"] == 0.0 for row in rows.values())


def test_right_directions_are_blue_wrong_ones_red_and_the_curve_green(half_wrong):
    figure = directions_figure(half_wrong)
    predicted, sharpness = figure.axes
    colours = {line.get_color(): np.asarray(line.get_xdata()) for line in predicted.lines}
    assert sorted(colours["tab:red"]) == [1.0, 3.0, 10.0]
    assert sorted(colours["tab:blue"]) == [-30.0, -10.0, -3.0, -1.0, 30.0]
    assert colours["0.6"].size == 3
    (curve,) = sharpness.lines
    assert curve.get_color() == "tab:green" and np.max(curve.get_ydata()) == 1.0
