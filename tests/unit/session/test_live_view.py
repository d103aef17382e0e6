"""Which run is shown by what."""

import io
from pathlib import Path

import numpy as np
import pytest
from event_model import compose_run
from rich.console import Console

from bluesky_autofocus.live import StepTable
from bluesky_autofocus.live_figure import LiveFigure
from bluesky_autofocus.session import live_view


@pytest.mark.parametrize(
    ("metadata", "ours"), [({"autofocus": {"search": "sweep"}}, True), ({}, False)]
)
def test_autofocus_has_its_own_table(tmp_path: Path, capsys, metadata: dict, ours: bool):
    out = io.StringIO()
    figure = LiveFigure(lambda: np.zeros((8, 8)), tmp_path / "live.png")
    view = live_view(StepTable(Console(file=out)), figure)
    run = compose_run(metadata={"scan_id": 1, **metadata})
    view("start", dict(run.start_doc))
    view("stop", dict(run.compose_stop()))
    assert ("Run " in out.getvalue()) is ours
    assert ("Transient Scan ID" in capsys.readouterr().out) is not ours
