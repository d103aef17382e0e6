"""The sharpness ratio of focal stacks, its tables and its picture."""

import csv

import numpy as np
import pytest

from bluesky_autofocus.errors import StudyError
from bluesky_autofocus.studies import (
    consistency_figure,
    consistency_table,
    curve_table,
    peak_ratio,
    peak_ratios,
    save_print,
    write_table,
)


def test_ratio_is_each_peak_over_the_least_one():
    assert peak_ratio([2.0, 1.0, 4.0]).tolist() == [2.0, 1.0, 4.0]
    assert np.isnan(peak_ratio([1.0, 0.0])).all()
    assert peak_ratio([]).size == 0


def test_light_doubled_makes_a_squared_gradient_four_times_as_large(stacks):
    ratios = peak_ratios(stacks)
    assert ratios.squared_gradient.max() == pytest.approx(4.0)
    assert ratios.squared_gradient_by_sample == pytest.approx([4.0, 4.0])
    assert ratios.sharpness_by_sample == pytest.approx([1.005, 1.005])
    assert ratios.sharpness.max() == pytest.approx(1.005)
    assert ratios.sharpness.min() == 1.0


def test_tables_say_what_each_number_was_held_against(stacks, tmp_path):
    rows = consistency_table(stacks)
    assert [row["light"] for row in rows] == ["bright", "normal", "dark"] * 2
    assert rows[0]["squared_gradient_ratio"] == pytest.approx(4.0)
    assert all(row["simulated"] and row["truth"] == "focus of the simulation" for row in rows)
    planes = curve_table(stacks)
    assert len(planes) == sum(stack.u_dof.size for stack in stacks)
    path = write_table(planes, tmp_path / "new" / "planes.csv")
    with path.open() as file:
        read = list(csv.DictReader(file))
    assert float(read[5]["true_sharpness"]) == 1.0 and float(read[5]["u_dof"]) == 0.0
    with pytest.raises(StudyError, match="no rows"):
        write_table([], tmp_path / "none.csv")


def test_figure_has_four_panels_with_units(stacks, tmp_path):
    figure = consistency_figure(stacks)
    assert [axes.get_title("left") for axes in figure.axes] == ["(a)", "(b)", "(c)", "(d)"]
    assert all("(" in axes.get_xlabel() for axes in figure.axes)
    assert len(figure.axes[0].lines) == len(stacks)
    printed = save_print(figure, tmp_path / "figures", "figure-3")
    assert [path.suffix for path in printed] == [".pdf", ".png"]
    assert all(path.stat().st_size > 1000 for path in printed)
