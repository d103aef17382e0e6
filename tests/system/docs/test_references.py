"""Reference pages name what the code has: no more, no less."""

import re
from dataclasses import fields
from typing import get_args

import numpy as np
import pytest
from pydantic import BaseModel
from typer.main import get_command

from bluesky_autofocus.benchmark import QUICK, BenchmarkResult, to_json
from bluesky_autofocus.benchmark.searches import search_json
from bluesky_autofocus.benchmark.searches.result import result_of
from bluesky_autofocus.catalog import HOME_VARIABLE
from bluesky_autofocus.cli import app
from bluesky_autofocus.cli.demo.report import DemoReport
from bluesky_autofocus.measures import MEASURES
from bluesky_autofocus.search import CURVE_SEARCHES, SEARCHES
from bluesky_autofocus.search.belief import BeliefSearch
from bluesky_autofocus.verdict import ADVICE, Verdict
from devices import FocusSensor
from devices.sim import command
from devices.station_file import StationSettings

pytestmark = pytest.mark.system

REFERENCE = "docs/reference"


def rows(text: str) -> list[list[str]]:
    """Return the cells of each row of a page's tables, heads left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(text: str) -> list[str]:
    """Return the names in the first column of a page's tables."""
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]


@pytest.fixture
def page(root):
    return lambda name: (root / REFERENCE / name).read_text()


def test_verdicts(page):
    listed = {row[0].strip("`"): row for row in rows(page("verdicts.md"))}
    assert list(listed) == [str(verdict) for verdict in Verdict]
    assert set(listed) == set(ADVICE)
    assert all(len(row) == 3 and row[2] for row in listed.values())


def test_focus_measures(page):
    listed = {row[0].strip("`"): row[2] for row in rows(page("focus-measures.md"))}
    assert listed == {measure.name: measure.source for measure in MEASURES.values()}


def test_searches(page):
    text = page("searches.md")
    common = {"window", "start_dof", "history", "known", "tolerance_dof", "approach"}
    kinds = {"belief": BeliefSearch, **CURVE_SEARCHES}
    assert tuple(kinds) == SEARCHES
    listed = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[2])) for row in rows(text)}
    assert listed == {
        name: {field.name for field in fields(kind)} - common for name, kind in kinds.items()
    }
    sweep = {field.name: field.default for field in fields(CURVE_SEARCHES["sweep"])}
    assert f"({sweep['tolerance_dof']})" in text
    assert f"({sweep['approach']})" in text


def settings_keys(model: type[BaseModel], prefix: str = "") -> dict[str, object]:
    """Return the keys of a settings model, dotted, with their defaults."""
    found: dict[str, object] = {}
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        inner = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        if inner:
            found |= settings_keys(inner[0], f"{prefix}{name}.")
        else:
            found[prefix + name] = "required" if field.is_required() else field.default
    return found


def test_station_file(page):
    listed = {row[0].strip("`"): row[2] for row in rows(page("station-file.md"))}
    keys = settings_keys(StationSettings)
    assert list(listed) == list(keys)
    for key, default in keys.items():
        if isinstance(default, float):
            assert float(listed[key]) == default, key
        elif default is not None:
            assert listed[key] == default, key


def section(text: str, title: str) -> str:
    return text.split(f"## `bluesky-autofocus {title}`")[1].split("\n## ")[0]


def options_in(text: str) -> set[str]:
    return {name for name in names(text) if name.startswith("--")}


def test_options_of_the_demo(page):
    demo = get_command(app).commands["demo"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {name for option in demo.params for name in option.opts}
    assert options_in(section(page("cli.md"), "demo")) == known - {"--help"}


def test_options_of_the_evaluation(page):
    evaluate = get_command(app).commands["evaluate"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {name for option in evaluate.params for name in option.opts if name.startswith("--")}
    assert options_in(section(page("cli.md"), "evaluate")) == known - {"--help"}


def test_options_of_the_calibration(page):
    calibrate = get_command(app).commands["calibrate"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {name for option in calibrate.params for name in option.opts if name.startswith("--")}
    assert options_in(section(page("cli.md"), "calibrate")) == known - {"--help"}


def test_options_of_the_replay(page):
    replay = get_command(app).commands["replay"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {name for option in replay.params for name in option.opts if name.startswith("--")}
    assert options_in(section(page("cli.md"), "replay")) == known - {"--help"}


def test_options_of_the_estimator_benchmark(page):
    benchmark = get_command(app).commands["benchmark"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {name for option in benchmark.commands["estimator"].params for name in option.opts}
    assert options_in(section(page("cli.md"), "benchmark estimator")) == known - {"--help"}


def test_keys_of_the_estimator_benchmark(page):
    text = section(page("cli.md"), "benchmark estimator").split("The JSON object has")[1]
    result = BenchmarkResult("1", "0", 0, QUICK, 0.0)
    named = {name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])}
    assert named == set(to_json(result))


def test_options_of_the_search_benchmark(page):
    benchmark = get_command(app).commands["benchmark"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {name for option in benchmark.commands["search"].params for name in option.opts}
    assert options_in(section(page("cli.md"), "benchmark search")) == known - {"--help"}


def test_keys_of_the_search_benchmark(page):
    text = section(page("cli.md"), "benchmark search").split("The JSON object has")[1]
    result = result_of([], {}, version="1", weights_sha256="0", seed=0, runs=1, seconds=0.0)
    named = {name for r in rows(text) for name in re.findall(r"`([^`]+)`", r[0])}
    assert named == set(search_json(result))


def test_options_of_the_training(page):
    train = get_command(app).commands["train"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {
        name
        for option in train.params
        for name in [*option.opts, *option.secondary_opts]
        if name.startswith("--")
    }
    assert options_in(section(page("cli.md"), "train")) == known - {"--help"}


@pytest.mark.parametrize("name", ["acquire", "figures"])
def test_options_of_the_study(page, name):
    study = get_command(app).commands["study"]  # pyright: ignore[reportAttributeAccessIssue]
    known = {option for one in study.commands[name].params for option in one.opts}
    assert options_in(section(page("cli.md"), f"study {name}")) == known - {"--help"}


def test_options_of_the_ioc(page):
    known = set(re.findall(r"--[a-z][a-z-]+", command._parser().format_help()))
    assert options_in(section(page("cli.md"), "ioc")) == known - {"--help"}


def command_names() -> set[str]:
    """Return the names of all commands; one in a group is named after the group as well."""
    names = set()
    known = get_command(app).commands  # pyright: ignore[reportAttributeAccessIssue]
    for name, one in known.items():
        inner = getattr(one, "commands", {})
        names |= {f"{name} {part}" for part in inner} or {name}
    return names


def test_commands_and_environment(page):
    text = page("cli.md")
    assert set(re.findall(r"^## `bluesky-autofocus ([\w ]+)`", text, re.M)) == command_names()
    assert HOME_VARIABLE in names(text)


def test_keys_of_the_json_object(page, root):
    text = section(page("cli.md"), "demo").split("The JSON object has")[1]
    source = (root / "bluesky_autofocus/cli/demo/report.py").read_text()
    body = source.split("def to_json")[1].split("def ")[0]
    assert set(names(text)) == set(re.findall(r'"(\w+)":', body))
    assert DemoReport.to_json.__doc__


class NoCamera:
    """A camera of which nothing is asked."""

    full_scale = 255.0

    def frame(self) -> np.ndarray:
        return np.zeros((64, 64))


def test_data_keys_of_a_real_run(page, session):
    listed = names(page("data-keys.md").partition("## Several altitudes")[0])
    documents = session["documents"]
    found = {key for kind, d in documents if kind == "descriptor" for key in d["data_keys"]}
    found |= set(FocusSensor(NoCamera(), name="focus").describe())
    (start,) = [document for kind, document in documents if kind == "start"]
    found |= {f"autofocus.{key}" for key in start["autofocus"]}
    found |= set(start) - {"autofocus", "hints", *EVENT_MODEL_KEYS}
    assert sorted(listed) == sorted(found)


# What every bluesky run has in its start document.
EVENT_MODEL_KEYS = {"uid", "time", "scan_id", "versions", "plan_type"}
