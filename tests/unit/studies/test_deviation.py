"""How predictions scatter by distance, the summary beside the supplement, and the pictures."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from scipy.stats import norm

from bluesky_autofocus.studies import (
    deviation_figure,
    deviation_table,
    distance_deviations,
    sharpness_deviations,
    sharpness_table,
    summary_table,
    write_study,
)


@pytest.fixture
def scattered(made_stack):
    """Twenty stacks whose distance scatters by a tenth of itself, and by 0.2 in focus."""
    made = []
    for k, noise in enumerate(norm.ppf((np.arange(20) + 0.5) / 20)):
        stack = made_stack(f"sample {k}")
        u = np.abs(stack.u_dof)
        sigma = np.where(u <= 0.5, 0.2, 0.1 * u)
        sharpness = stack.sharpness + 0.01 * np.minimum(u, 10) * noise
        made.append(replace(stack, distance_dof=u + sigma * noise, sharpness=sharpness))
    return made


def test_std_is_that_of_each_range_both_sides_together(scattered):
    found = {round(one.distance_dof, 3): one for one in distance_deviations(scattered)}
    assert list(found) == [0.2, 1.0, 3.0, 10.0, 30.0]
    assert found[0.2].deviations_dof.size == 3 * 20
    assert found[10.0].deviations_dof.size == 2 * 20
    assert found[10.0].std_dof == pytest.approx(1.0, rel=0.1)
    assert found[30.0].mean_dof == pytest.approx(0.0, abs=1e-9)
    assert found[0.2].std_dof > found[1.0].std_dof
    assert found[0.2].sharpness == 1.0 > found[1.0].sharpness


def test_rmse_is_told_for_each_side_of_focus(scattered):
    found = sharpness_deviations(scattered)
    assert [round(one.u_dof, 6) for one in found] == [-30, -10, -3, -1, 0, 1, 3, 10, 30]
    assert [one.frames for one in found] == [20] * 4 + [60] + [20] * 4
    assert found[1].rmse == pytest.approx(0.1, rel=0.1)
    assert found[4].rmse < found[3].rmse < found[2].rmse


def test_ranges_with_too_few_frames_are_left_out(made_stack):
    assert [one.low_dof for one in distance_deviations([made_stack()])] == [0.0]


def test_summary_puts_each_figure_beside_the_supplement(stacks, scattered):
    said = {row["quantity"]: row for row in summary_table(stacks)}
    ratio = said["largest SR of sharpness, all stacks"]
    assert ratio["measured"] == pytest.approx(1.005) and ratio["supplement"] == "below 1.01"
    least = said["least SR of squared gradient over the lights of one sample"]
    assert least["measured"] == pytest.approx(4.0)
    assert all(row["simulated"] and row["stacks"] == 6 for row in said.values())
    said = {row["quantity"]: row["measured"] for row in summary_table(scattered)}
    assert said["rank correlation of STD with distance, beyond the DoF"] == pytest.approx(1.0)
    assert float(said["STD in focus over STD beside it"]) > 1
    assert said["share of wrong directions, end to end, beyond the DoF"] == 0.0


def test_figure_has_histograms_with_their_normal_distribution_and_two_curves(scattered):
    figure = deviation_figure(scattered)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == ["(a)", "", "", "(b)", "(c)"]
    assert all(len(axes.lines) == 1 for axes in figure.axes)
    columns = [patch for patch in figure.axes[1].patches if isinstance(patch, Rectangle)]
    assert sum(column.get_height() for column in columns) == 40


def test_tables_say_where_they_come_from(scattered):
    for table in (deviation_table(scattered), sharpness_table(scattered)):
        assert all(row["simulated"] and row["truth"] == "focus of the simulation" for row in table)
    real = [
        replace(stack, source=replace(stack.source, simulated=False, truth="classical peak"))
        for stack in scattered
    ]
    assert not any(row["simulated"] for row in deviation_table(real))
    # What is simulated in part is called simulated.
    assert deviation_table([*real, *scattered])[0]["simulated"]


def test_without_the_end_to_end_network_there_is_no_figure_5(stacks, tmp_path):
    write_study(stacks, tmp_path / "with")
    unknown = [replace(stack, end_to_end_dof=np.full(stack.u_dof.size, np.nan)) for stack in stacks]
    write_study(unknown, tmp_path / "without")
    made = {path.name for path in (tmp_path / "with").iterdir()}
    assert made - {path.name for path in (tmp_path / "without").iterdir()} == {
        "figure-5.csv",
        "figure-5.pdf",
        "figure-5.png",
    }
    assert {"summary.csv", "planes.csv", "figure-2.pdf", "figure-3.png"} <= made
