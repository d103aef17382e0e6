"""What a demo takes and what it refuses."""

from pathlib import Path

import pytest

from bluesky_autofocus.cli.demo.request import DemoRequest
from bluesky_autofocus.cli.demo.station import station_settings
from bluesky_autofocus.errors import AutofocusError, StationError
from devices import read_station_file

PROFILE = Path(__file__).parents[3] / "profile" / "station.yml"
USUAL = {
    "scene": None,
    "stack": None,
    "optics": None,
    "start": None,
    "search": "sweep",
    "seed": 0,
    "fault": None,
    "figure": None,
}


def request(**options) -> DemoRequest:
    return DemoRequest.checked(**{**USUAL, **options})


def test_start_comes_from_the_seed_and_lies_in_the_window():
    starts = {request(seed=seed).start for seed in range(20)}
    assert len(starts) == 20
    assert all(-450 <= start <= 450 for start in starts)
    assert request(seed=3) == request(seed=3)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("stage_stall", ("stage_stall", 1.0)),
        ("stage_stall=0", ("stage_stall", 0.0)),
        ("stage_slow=0.1", ("stage_slow", 0.1)),
    ],
)
def test_fault_by_name_or_with_a_value(said, fault):
    assert request(fault=said).fault == fault


@pytest.mark.parametrize("said", ["stage_slow", "camera_flicker=", "camera_flicker=inf"])
def test_fault_that_is_a_number_needs_one(said):
    with pytest.raises(StationError, match=r"not a number\. Give one"):
        request(fault=said)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"start": -450.001}, r"-450\.001 um is outside the window \[-450, 450\]"),
        ({"start": float("inf")}, "inf um is outside"),
        ({"search": "Sweep"}, "There is no search 'Sweep'"),
        ({"scene": ""}, "There is no scene ''"),
        ({"seed": -5}, "--seed -5 is negative"),
        ({"optics": PROFILE}, r"was given without --stack: a scene has its own"),
    ],
)
def test_bad_option_is_named_with_its_limit(option, said):
    with pytest.raises(AutofocusError, match=said):
        request(**option)


def test_figure_must_have_a_place(tmp_path):
    with pytest.raises(StationError, match="is a folder"):
        request(figure=tmp_path)
    with pytest.raises(StationError, match="cannot be written"):
        request(figure=tmp_path / "none" / "a.png")
    assert request(figure=tmp_path / "a.png").figure == tmp_path / "a.png"


def test_profile_describes_the_station_of_the_demo():
    profile, demo = read_station_file(PROFILE), station_settings(request(), "SIM:")
    for part in ("name", "stage", "camera", "optics", "depth_of_field", "window", "approach"):
        assert getattr(profile, part) == getattr(demo, part), part
