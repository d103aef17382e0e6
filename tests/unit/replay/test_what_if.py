"""A search on frames that are there already."""

import numpy as np
import pytest

from bluesky_autofocus.errors import ReplayError
from bluesky_autofocus.measurement import Measurement
from bluesky_autofocus.replay import StoredPlanes, search_stored
from bluesky_autofocus.search import Window, make_search
from bluesky_autofocus.verdict import Verdict

FOCUS = 3.2


def stored(positions):
    """Measure stored frames of a sample in focus at `FOCUS`; note which were asked for."""
    asked: list[int] = []

    def measure(index: int) -> Measurement:
        asked.append(index)
        return Measurement(sharpness=1 / (1 + (positions[index] - FOCUS) ** 2))

    return measure, asked


@pytest.mark.parametrize("name", ["sweep", "golden", "brent", "hill_climb"])
def test_searches_find_the_focus_among_stored_planes(name):
    positions = np.arange(-20.0, 20.5, 0.5).tolist()
    planes = StoredPlanes(positions, 0.5)
    measure, asked = stored(positions)
    search = make_search(name, window=planes.window, start_dof=-15.0)
    outcome, steps = search_stored(search, planes, measure)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert outcome.position_dof == pytest.approx(FOCUS, abs=0.5)
    assert [step.index for step in steps] == asked
    for step in steps:
        assert step.position_dof == positions[step.index]
        assert abs(step.position_dof - step.target_dof) <= 0.25


def test_the_nearest_plane_is_taken_whatever_the_order():
    planes = StoredPlanes([2.0, 0.0, 1.0, 1.0], 0.5)
    assert [planes.nearest(z) for z in (-9.0, 0.4, 0.6, 1.9, 9.0)] == [1, 1, 2, 0, 0]


def test_a_gap_is_refused_with_its_place_and_what_to_do():
    with pytest.raises(ReplayError, match=r"at 1\.0 and 2\.2 .* lie 1\.2, .* less than 1 depths"):
        StoredPlanes([0.0, 1.0, 2.2, 3.0], 0.5)
    assert StoredPlanes([0.0, 1.0, 2.2, 3.0], 0.6).window == Window(0.0, 3.0)


def test_only_planes_inside_the_recorded_window_count():
    planes = StoredPlanes([-30.0, 0.0, 1.0, 2.0, 40.0], 0.5, Window(-5.0, 5.0))
    assert planes.window == Window(0.0, 2.0)
    assert planes.nearest(-30.0) == 1


@pytest.mark.parametrize("positions", [[], [1.0], [1.0, 1.0], [1.0, float("nan")]])
def test_a_run_without_a_sweep_is_refused(positions):
    with pytest.raises(ReplayError, match="needs a sweep of many"):
        StoredPlanes(positions, 0.5)
