"""Values of a station file change; its comments and all else stay."""

from pathlib import Path

import pytest

from bluesky_autofocus.errors import StationError
from devices import read_station_file
from devices.station_edit import write_station_values

EXAMPLE = Path(__file__).parents[3] / "profile" / "station.yml"
OPTICS = {
    "optics.numerical_aperture": 0.25,
    "optics.wavelength_um": 0.5,
    "optics.magnification": 1.0,
    "optics.pixel_um": 0.5,
}


@pytest.fixture
def station(tmp_path):
    path = tmp_path / "station.yml"
    path.write_text(EXAMPLE.read_text())
    return path


def test_values_change_and_nothing_else(station):
    write_station_values(
        station,
        {"approach.backlash": 7.25, "optics.pixel_um": 6.9, "stage.position_tolerance": 1e-5},
    )
    settings = read_station_file(station)
    assert settings.approach.backlash == 7.25
    assert settings.optics is not None and settings.optics.pixel_um == 6.9
    assert settings.stage.position_tolerance == 1e-5
    old, new = EXAMPLE.read_text().splitlines(), station.read_text().splitlines()
    assert len(new) == len(old) + 1
    assert [line.partition("#")[2] for line in new if "#" in line] == [
        line.partition("#")[2] for line in old if "#" in line
    ]


def test_optics_take_the_place_of_the_depth_of_field(station):
    text = EXAMPLE.read_text()
    head, _, rest = text.partition("optics:")
    station.write_text(
        f"{head}depth_of_field: 20  # a guess\n\nwindow:{rest.partition('window:')[2]}"
    )
    write_station_values(station, {**OPTICS, "depth_of_field": None})
    settings = read_station_file(station)
    assert settings.depth_of_field is None
    assert settings.optics is not None and settings.optics.numerical_aperture == 0.25
    assert settings.window == (-450, 450)


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        (lambda t: t.replace("approach:\n  side: low ", "approach: {side: low} #"), {}, "valid"),
        (lambda t: t, {"optics.pixel_um": -1.0}, "pixel_um"),
        (lambda t: t, {"depth_of_field": 7.0}, "not both"),
    ],
    ids=["broken before", "no such optics", "two scales"],
)
def test_a_file_that_would_not_be_one_is_left_alone(station, change, values, said):
    station.write_text(change(EXAMPLE.read_text()))
    before = station.read_text()
    with pytest.raises(StationError, match=said):
        write_station_values(station, values)
    assert station.read_text() == before
    assert list(station.parent.iterdir()) == [station]


def test_a_layout_that_is_not_line_by_line_is_left_alone_and_the_values_are_said(station):
    before = EXAMPLE.read_text().replace("approach:\n  side: low", "approach: {side: low}\n#")
    before = "\n".join(line for line in before.splitlines() if "  backlash:" not in line)
    station.write_text(before)
    with pytest.raises(StationError, match=r"by hand: approach.backlash: 3.0"):
        write_station_values(station, {"approach.backlash": 3.0})
    assert station.read_text() == before
