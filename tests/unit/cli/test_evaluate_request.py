"""What an evaluation takes and what it refuses."""

from pathlib import Path

import pytest

from bluesky_autofocus.cli.evaluate.request import EvaluateRequest
from bluesky_autofocus.errors import AutofocusError, StationError

USUAL = {"optics": None, "focus": None, "weights": None, "figure": None, "figures": None}
STATION = Path(__file__).parents[3] / "profile" / "station.yml"


def request(*stacks, **options) -> EvaluateRequest:
    return EvaluateRequest.checked(
        stacks=[Path(stack) for stack in stacks or ("/data/a/b",)], **{**USUAL, **options}
    )


def test_figures_are_named_after_their_stacks(tmp_path):
    made = request("/d/a/x", "/d/b/x", "/e/a/x", "/", figures=tmp_path / "new")
    assert [path.relative_to(tmp_path).as_posix() for path in made.figures] == [
        "new/evaluation-a-x.png",
        "new/evaluation-b-x.png",
        "new/evaluation-a-x-2.png",
        "new/evaluation-stack.png",
    ]


def test_figure_of_a_relative_stack_is_named_after_its_folder(monkeypatch, tmp_path):
    folder = tmp_path / "run" / "sweep"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert request(".").figures == (Path("evaluation-run-sweep.png"),)


def test_one_figure(tmp_path):
    assert request(figure=tmp_path / "a.png").figures == (tmp_path / "a.png",)


def test_optics_come_from_their_file():
    made = request(optics=STATION)
    assert made.optics is not None
    assert made.optics.numerical_aperture == 0.3
    assert request().optics is None


def test_bad_options_are_named_with_what_to_do(tmp_path):
    file = tmp_path / "file"
    file.touch()
    for stacks, options, said in (
        ((), {"focus": float("nan")}, "--focus nan is not finite"),
        (("a", "b"), {"figure": tmp_path / "a.png"}, "one file, for 2 stacks. Give a folder"),
        ((), {"figure": tmp_path}, "is a folder. Give it as --figures"),
        ((), {"figure": tmp_path / "a", "figures": tmp_path}, "both given"),
        ((), {"figures": file}, f"{file} is not a folder that you may write to"),
        ((), {"figures": file / "deeper"}, "cannot be written"),
        ((), {"optics": tmp_path / "none.yml"}, "none.yml cannot be read"),
    ):
        with pytest.raises(AutofocusError) as error:
            request(*stacks, **options)
        assert said in str(error.value)


def test_folder_that_may_not_be_written_to(monkeypatch, tmp_path):
    monkeypatch.setattr("os.access", lambda *args: False)
    with pytest.raises(StationError, match="may write to"):
        request(figures=tmp_path)
