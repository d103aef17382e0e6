from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bluesky_autofocus.errors import StationError
from devices.station_file import read_station_file

EXAMPLE = Path(__file__).parents[3] / "profile" / "station.yml"


def test_the_example_is_a_valid_station_file():
    settings = read_station_file(EXAMPLE)
    assert settings.stage.prefix == "SIM:m1"
    assert settings.optics is not None
    assert settings.optics.to_optics().numerical_aperture == 0.30
    assert settings.window == (-450, 450)


@dataclass(frozen=True)
class Bad:
    name: str
    change: dict
    said: str


BAD = [
    Bad("unknown key", {"stagee": {}}, "stagee"),
    Bad("no stage", {"stage": None}, "stage"),
    Bad("NA above n", {"optics": {"numerical_aperture": 1.2}}, "1.2"),
    Bad("both scales", {"depth_of_field": 3.0}, "not both"),
    Bad("inverted window", {"window": [10, -10]}, "inverted"),
    Bad("window not finite", {"window": [float("nan"), 1]}, "window"),
    Bad("unknown side", {"approach": {"side": "left"}}, "left"),
    Bad("negative backlash", {"approach": {"backlash": -1}}, "-1"),
    Bad("a sample on no side", {"sample": {"side": "near", "largest_step": 5}}, "near"),
    Bad("steps of no length", {"sample": {"side": "low", "largest_step": 0}}, "largest_step"),
    Bad("a region too small", {"camera": {"region": [0, 0, 64, 32]}}, "64 × 32 pixels"),
    Bad("half a region", {"camera": {"region": [0, 0, 64]}}, "camera.region.3"),
    Bad("no waiting", {"limits": {"move_timeout_s": 0}}, "move_timeout_s"),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_malformed_file_is_refused_with_the_place_and_the_value(bad, tmp_path):
    said = yaml.safe_load(EXAMPLE.read_text())
    for key, value in bad.change.items():
        old = said.get(key)
        said[key] = {**old, **value} if isinstance(old, dict) and value else value
    path = tmp_path / "station.yml"
    path.write_text(yaml.safe_dump(said))
    with pytest.raises(StationError, match=bad.said) as caught:
        read_station_file(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [1,\n", "just words"])
def test_what_is_no_mapping_is_refused(text, tmp_path):
    path = tmp_path / "station.yml"
    path.write_text(text)
    with pytest.raises(StationError, match="station.yml"):
        read_station_file(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(StationError, match="cannot be read"):
        read_station_file(tmp_path / "nowhere.yml")
