"""JSON for every answer, once it was asked for."""

import json

import pytest
import typer

from bluesky_autofocus.cli.json_command import JsonCommand, print_json


def make_app() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command(cls=JsonCommand)
    def count(number: int = 0, as_json: bool = typer.Option(False, "--json")) -> None:
        print(number)

    return app


@pytest.mark.parametrize("arguments", [["--number", "x"], ["--speed", "1"], ["--number"]])
def test_usage_error_is_json_too(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        make_app()([*arguments, "--json"])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert set(json.loads(out)) == {"error"}
    assert arguments[0] in json.loads(out)["error"]
    assert "Usage" in err


def test_usage_error_without_json_leaves_standard_output_alone(capsys):
    with pytest.raises(SystemExit):
        make_app()(["--number", "x"])
    assert capsys.readouterr().out == ""


def test_numbers_that_json_lacks_become_null(capsys):
    print_json({"a": float("nan"), "b": float("inf"), "c": 1.5, "d": None})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": None, "c": 1.5, "d": None}
