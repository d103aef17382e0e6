"""`bluesky-autofocus study`: recorded on simulated stations, found in the catalog, drawn."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

ACQUIRE = ("--scenes", "grain,terraces", "--planes", "9", "--size", "128", "--seed", "1")


@pytest.fixture(scope="module")
def acquired(run_command):
    return run_command("study", "acquire", "--study", "small", *ACQUIRE, "--json")


@pytest.fixture(scope="module")
def drawn(acquired, run_command):
    assert acquired.status == 0, acquired.err
    return run_command("study", "figures", "--out", "figures", "--json")


def table(drawn, name):
    with (drawn.folder / "figures" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_each_sample_has_a_run_with_a_sweep_in_each_light(acquired, in_python):
    said = acquired.json
    assert said["study"] == "small" and said["seed"] == 1
    assert said["lights"] == {"bright": 1.4, "normal": 1.0, "dark": 0.7}
    assert [run["sample"] for run in said["runs"]] == ["grain", "terraces"]
    assert all(run["frames"] == 27 and run["verdict"] is None for run in said["runs"])
    uid = said["runs"][0]["uid"]
    out = in_python(
        "import json\n"
        "from bluesky_autofocus.catalog import load_run, open_catalog\n"
        "with open_catalog() as catalog:\n"
        f"    run = load_run(catalog, {uid!r})\n"
        "    events = run.events()\n"
        "    means = [float(frame.mean()) for frame in run.frames()]\n"
        "    print(json.dumps([run.start['simulated'], run.start['study']['known_focus'],\n"
        "        [event['step_light'] for event in events],\n"
        "        [event['stage'] for event in events], means]))\n"
    )
    simulated, focus, lights, positions, means = json.loads(out.splitlines()[-1])
    assert simulated and focus == said["runs"][0]["known_focus"]
    assert lights == ["bright"] * 9 + ["normal"] * 9 + ["dark"] * 9
    assert np.argmin(np.abs(np.array(positions[:9]) - focus)) == 4
    by_light = np.reshape(means, (3, 9)).mean(axis=1)
    assert by_light / by_light[1] == pytest.approx([1.4, 1.0, 0.7], rel=0.05)


def test_figures_and_tables_of_the_latest_study_are_made(drawn):
    assert drawn.status == 0, drawn.err
    said = drawn.json
    assert said["study"] == "small"
    # The sample of three altitudes is in figure 4 alone.
    assert (said["stacks"], said["frames"]) == (3, 27)
    made = sorted(path.name for path in (drawn.folder / "figures").iterdir())
    pictures = [f"figure-{n}.{kind}" for n in (2, 3, 4, 5) for kind in ("pdf", "png")]
    tables = ["figure-2ab", "figure-2c", "figure-3", "figure-4", "figure-5", "planes", "summary"]
    assert made == sorted(pictures + [f"{name}.csv" for name in tables])
    assert len(said["files"]) == len(made)
    for name in pictures[1::2]:
        with Image.open(drawn.folder / "figures" / name) as picture:
            assert picture.width >= 1300
            assert np.ptp(np.asarray(picture.convert("L"))) > 200


def test_numbers_are_simulated_and_held_against_the_focus_of_the_simulation(drawn):
    for name in ("figure-2ab", "figure-2c", "figure-3", "figure-5", "planes", "summary"):
        rows = table(drawn, name)
        assert {row["simulated"] for row in rows} == {"True"}, name
        assert {row["truth"] for row in rows} == {"focus of the simulation"}, name
    rows = table(drawn, "figure-3")
    assert [row["light"] for row in rows] == ["bright", "normal", "dark"]
    gradient = [float(row["squared_gradient_ratio"]) for row in rows]
    assert gradient == sorted(gradient, reverse=True) and gradient[-1] == 1.0
    assert all(abs(float(row["squared_gradient_peak_at_dof"])) < 0.5 for row in rows)


def test_a_study_that_does_not_exist_is_named(acquired, run_command):
    assert acquired.status == 0
    ended = run_command("study", "figures", "--study", "other", "--out", "none", "--json")
    assert ended.status == 2
    assert "no complete run of the study other" in ended.json["error"]
    assert "it has small" in ended.json["error"]


def test_bad_options_end_before_a_station_is_started(run_command):
    ended = run_command("study", "acquire", "--planes", "8", "--json")
    assert ended.status == 2 and "odd number" in ended.json["error"]
