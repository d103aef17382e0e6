"""The Python of README and how-to pages runs as it stands."""

import re

import pytest

from devices.sim.process import client_environment

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


def test_readme_session_brings_the_station_into_focus(session):
    assert session["verdict"] == "in_focus"
    assert session["said"] in session["printed"]
    assert "confirm" in session["printed"]


def test_readme_shows_what_the_session_prints(session, root):
    (shown,) = re.findall(r"^```\n(in_focus: .*?)\n```", (root / "README.md").read_text(), re.M)
    numbers = re.compile(r"[-\d.]+(e-?\d+)?")
    shape = numbers.sub("#", shown.removesuffix(" …"))
    assert numbers.sub("#", session["said"]).startswith(shape)


def test_readme_reads_the_run_back_in_another_python(session, new_user, code):
    _, second, _ = code("README.md", "python")
    out = new_user.python(
        "from types import SimpleNamespace",
        f"result = SimpleNamespace(uid={session['uid']!r})",
        second,
        "print(run.table('outcome')['outcome_verdict'].iloc[-1])",
    )
    assert out.splitlines()[-1] == "in_focus"


def test_readme_estimates_a_frame(new_user, code):
    _, _, third = code("README.md", "python")
    out = new_user.python(
        third,
        "low, high = estimate.interval_dof(0.99)",
        "assert estimate.validity == 'good' and low < 6 < high and not estimate.in_focus",
        "print(sharpness_map.sharpness.shape)",
    )
    assert out.splitlines()[-1] == "(16, 16)"


def test_readme_environment_is_what_a_client_needs(root):
    (line,) = re.findall(r"^export (EPICS.*)$", (root / "README.md").read_text(), re.M)
    wanted = client_environment(5064)
    assert dict(part.split("=") for part in line.split()).items() <= wanted.items()
    assert line in (root / "docs/reference/cli.md").read_text()


def test_how_to_connect_a_station(new_user, code, tmp_path):
    out = new_user.python(
        f"frames_directory = {str(tmp_path)!r}",
        *code("docs/how-to/connect-a-station.md", "python"),
        "print(other.sensor.measure.get(), other.window, flush=True)",
        "print(third.stage.name, third.camera.name, flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    connected, made, third = out.splitlines()
    assert third == "motor detector"
    assert "Scale(depth_of_field=7.26" in connected
    assert made == "normalised_variance (-100.0, 100.0)"


def test_how_to_keep_a_scan_in_focus(new_user, code, tmp_path):
    out = new_user.python(
        f"frames_directory = {str(tmp_path)!r}",
        "from devices import load_station",
        "station = load_station('profile/station.yml', frames_directory=frames_directory)",
        "from bluesky import RunEngine, plan_stubs as bps",
        "RE, events = RunEngine(), []",
        "RE.subscribe(lambda name, doc: events.append(doc['data']), 'event')",
        # A new user's station is anywhere; the page begins in focus.
        "from plans import autofocus",
        "assert RE(autofocus(station))",
        *code("docs/how-to/keep-a-scan-in-focus.md", "python"),
        "print(sum('check_number' in event for event in events), flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    assert int(out.splitlines()[-1]) == 4


def test_how_to_focus_several_altitudes(new_user, code, tmp_path):
    out = new_user.python(
        f"frames_directory = {str(tmp_path)!r}",
        "from devices import load_station",
        "station = load_station('profile/station.yml', frames_directory=frames_directory)",
        "from bluesky import RunEngine",
        "RE = RunEngine(call_returns_result=True)",
        *code("docs/how-to/several-altitudes.md", "python"),
        "print(len(result.altitudes), tilt.verdict, len(mapped.points), flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    # The simulated sample is flat and level.
    assert out.splitlines()[-1] == "1 in_focus 4"
    assert out.splitlines()[-2].startswith("4 points, 4 of them measured with")
    assert "The sample is tilted by" in out


def test_how_to_take_a_focal_stack(new_user, code, tmp_path):
    out = new_user.python(
        "from bluesky_autofocus.catalog import Recorder, open_catalog",
        "from devices import load_station",
        "catalog = open_catalog()",
        "frames = str(catalog.storage.frames)",
        "station = load_station('profile/station.yml', frames_directory=frames)",
        "from bluesky import RunEngine",
        "RE, recorder = RunEngine(call_returns_result=True), Recorder(catalog)",
        "RE.subscribe(recorder)",
        *code("docs/how-to/take-a-focal-stack.md", "python"),
        "print(result.verdict, len(result.planes) >= 3, fused.valid.mean() > 0.5, flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    assert out.splitlines()[-1] == "in_focus True True"
    assert "(1024, 1024)" in out


def test_how_to_calibrate_unknown_optics(new_user, code):
    out = new_user.python(
        # As the page has it, with fewer frames in the legs after the first.
        "from importlib import import_module",
        "plan = import_module('plans.calibrate')",
        "plan.FINE_PLANES, plan.REPEATS = 7, 4",
        *code("docs/how-to/my-optics-are-unknown.md", "python"),
        "print(result.frames, flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    assert out.splitlines()[-2].startswith("None All frames were taken.")
    assert int(out.splitlines()[-1]) == 25 + 2 * 7 + 4 * 2


def test_how_to_replay_runs(session, new_user, code):
    uid = session["uid"]
    command = code("docs/how-to/replay-runs.md", "bash")[0].replace("UID", uid).split()
    out = new_user.python("from bluesky_autofocus.cli import app", f"app({command[1:]!r})")
    numbers = [document["num_events"] for kind, document in session["documents"] if kind == "stop"]
    frames = numbers[0]["primary"]
    assert f"{frames}/{frames}" in out
    read, live, _ = code("docs/how-to/replay-runs.md", "python")
    shown = new_user.python(f"uid = {uid!r}", read)
    assert "estimate_distance_dof" in shown and "good" in shown
    derived = new_user.python(
        "from bluesky import RunEngine, plans as bp",
        "from bluesky_autofocus.catalog import frames_directory",
        "from devices import load_station",
        "station = load_station('profile/station.yml', frames_directory=str(frames_directory()))",
        "RE, kinds = RunEngine(), []",
        "recorder = lambda name, document: kinds.append(name)",
        live,
        "RE(bp.count([station.camera], 2))",
        "print(*kinds, flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    assert derived.splitlines()[-1] == "start descriptor event event stop"


@pytest.mark.timeout(300)
def test_how_to_reproduce_the_paper(new_user, code):
    page = "docs/how-to/reproduce-the-paper.md"
    acquire, figures = code(page, "bash")[0].splitlines()
    small = "--scenes grain --planes 7 --size 96"
    there = figures.replace("--out figures", f"--out {new_user.home}/figures")
    for line in (f"{acquire} {small}", there):
        command = line.split()[1:]
        new_user.python("from bluesky_autofocus.cli import app", f"app({command!r})")
    made = {path.name for path in (new_user.home / "figures").iterdir()}
    assert {"figure-2.pdf", "figure-3.png", "figure-4.csv", "figure-5.pdf", "summary.csv"} <= made
    record_one, samples, notebook = code(page, "python")
    out = new_user.python(
        "import os",
        "from bluesky import RunEngine",
        "from ophyd.sim import motor as sample_x",
        "from bluesky_autofocus.catalog import Recorder, open_catalog",
        "from devices import load_station",
        "catalog = open_catalog()",
        "station = load_station('profile/station.yml', frames_directory=catalog.storage.frames)",
        "RE, recorder = RunEngine(call_returns_result=True), Recorder(catalog)",
        "RE.subscribe(recorder)",
        # As the page has it, with fewer positions.
        record_one.replace("21", "7"),
        samples,
        "RE(all_samples({'chip 4': 1.0}, list(positions)))",
        "assert recorder.flush(60)",
        f"os.chdir({str(new_user.home)!r})",
        notebook,
        "print(len(measured), flush=True)",
        # Channel Access may crash as Python ends while signals have only just been connected.
        "__import__('os')._exit(0)",
    )
    assert "All frames were taken." in out
    assert "below 1.01" in out
    assert int(out.splitlines()[-1]) == 2 * 3
