"""Each kind of bad input: one clear error, exit status 2, nothing recorded, nothing left."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.system

BAD = {
    "scene": (("--scene", "nowhere"), ("'nowhere'", "Choose one of", "grain")),
    "search": (("--search", "guess"), ("'guess'", "Choose one of", "hill_climb")),
    "fault": (("--fault", "gremlin"), ("'gremlin'", "Choose one of", "stage_stall")),
    "fault value": (("--fault", "stage_slow=fast"), ("'fast'", "not a number", "stage_slow=0.1")),
    "start outside": (("--start", "451"), ("--start 451 um", "[-450, 450]", "inside")),
    "start nan": (("--start", "nan"), ("--start nan um", "[-450, 450]", "inside")),
    "no stack": (("--stack", "/no/such"), ("/no/such", "not a folder", "positions.csv")),
    "both": (("--scene", "grain", "--stack", "x"), ("grain", "x", "Give one of them")),
    "seed": (("--seed", "-1"), ("--seed -1", "0 or more")),
    "figure": (("--figure", "/no/such/a.png"), ("/no/such", "--figure")),
    "option": (("--speed", "9"), ("--speed",)),
}


@pytest.mark.parametrize(("arguments", "said"), BAD.values(), ids=BAD)
def test_is_refused_before_anything_starts(run_command, left_over, tmp_path, arguments, said):
    ended = run_command("demo", "--json", *arguments, at=tmp_path)
    assert ended.status == 2
    assert set(ended.json) == {"error"}
    for part in said:
        assert part in ended.json["error"]
    assert "Traceback" not in ended.err
    assert not (tmp_path / "autofocus").exists()
    assert left_over(ended) == []


def test_error_for_people_goes_to_standard_error(run_command, tmp_path):
    ended = run_command("demo", "--scene", "nowhere", at=tmp_path)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("error: There is no scene 'nowhere'.")


def test_malformed_stack_names_its_line(run_command, tmp_path):
    (tmp_path / "positions.csv").write_text("file,z,unit\na.png,0,um\nmissing.png,one,um\n")
    ended = run_command("demo", "--json", "--stack", str(tmp_path), at=tmp_path)
    assert ended.status == 2
    assert "positions.csv" in ended.json["error"]
    assert "line 2" in ended.json["error"]
    assert not (tmp_path / "autofocus").exists()


def load_station(path, environment, folder):
    lines = (
        "from bluesky_autofocus.errors import StationError\n"
        "from devices import load_station\n"
        "try:\n"
        f"    load_station({str(path)!r}, frames_directory={str(folder)!r})\n"
        "except StationError as error:\n"
        "    print(error)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", lines],
        capture_output=True,
        text=True,
        timeout=40,
        cwd=folder,
        env={**environment, "EPICS_CA_ADDR_LIST": "127.0.0.1:9", "EPICS_CA_AUTO_ADDR_LIST": "NO"},
        check=True,
    ).stdout


def test_station_without_an_ioc_is_told_within_its_bound(command_environment, tmp_path):
    station = tmp_path / "station.yml"
    station.write_text(
        "name: nobody\nstage: {prefix: 'NOBODY:m1'}\ncamera: {prefix: 'NOBODY:'}\n"
        "depth_of_field: 7\n"
    )
    said = load_station(station, command_environment, tmp_path)
    assert "'NOBODY:m1' did not answer within 10 s" in said
    assert "EPICS_CA_ADDR_LIST" in said


def test_bad_key_in_a_station_file_is_named(command_environment, tmp_path):
    station = tmp_path / "station.yml"
    station.write_text(
        "name: x\nstage: {prefix: 'X:m1', speed: 9}\ncamera: {prefix: 'X:'}\ndepth_of_field: 7\n"
    )
    said = load_station(station, command_environment, tmp_path)
    assert str(station) in said
    assert "stage.speed" in said
    assert "9" in said
