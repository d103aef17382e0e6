"""Every block of the analysts' how-to runs as it stands, one after the other."""

import re
from pathlib import Path

import pytest

from bluesky_autofocus.catalog import HOME_VARIABLE, RunState, record

pytestmark = pytest.mark.system

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "read-a-run.md"


def test_the_how_to_runs(catalog, station, run_engine, monkeypatch, capsys):
    with record(run_engine, catalog) as recorder:
        (uid,) = run_engine(station.plan())
        assert recorder.flush(30)
        assert recorder.runs[0].state is RunState.WRITTEN, recorder.runs[0].message
    monkeypatch.setenv(HOME_VARIABLE, str(catalog.storage.home))
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 7
    names = {"uid": uid}
    try:
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), names)
    finally:
        names["db"].v2.context.close()
    assert len(names["table"]) == 5
    assert list(names["outcome"]["outcome_verdict"]) == ["in_focus"]
    assert (names["first"] == station.camera.written[0]).all()
    assert (names["every"][4] == station.camera.written[4]).all()
    assert (names["frames"][2] == station.camera.written[2]).all()
    printed = capsys.readouterr().out
    assert f"{uid} success" in printed
    assert "in_focus ('outcome', 'primary', 'search')" in printed
