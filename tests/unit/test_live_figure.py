"""The live picture: documents in, a PNG file out, and nothing ever raised."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from event_model import compose_run
from PIL import Image

from bluesky_autofocus.errors import CameraFaultError
from bluesky_autofocus.live_figure import LiveFigure, _thumbnail

SETTINGS = {
    "search": "sweep",
    "measure": "tenengrad",
    "window": (-10.0, 10.0),
    "start": 0.0,
    "unit": "um",
    "depth_of_field": 5.0,
}


class Run:
    """A run by a classical search, whose documents go to a picture."""

    def __init__(self, figure: LiveFigure):
        self.figure = figure
        self.bundle = compose_run(metadata={"autofocus": SETTINGS})
        self.streams = {}
        figure("start", dict(self.bundle.start_doc))

    def event(self, stream: str, **data: float | str) -> None:
        if stream not in self.streams:
            keys = {k: {"source": "x", "dtype": "number", "shape": []} for k in data}
            self.streams[stream] = self.bundle.compose_descriptor(name=stream, data_keys=keys)
            self.figure("descriptor", dict(self.streams[stream].descriptor_doc))
        compose = self.streams[stream].compose_event
        stamps = dict.fromkeys(data, 0.0)
        self.figure("event", dict(compose(data=data, timestamps=stamps, validate=False)))

    def step(self, position: float) -> None:
        self.event("primary", stage=position)
        self.event("search", search_position=position, search_sharpness=1.0 + position)


def test_each_step_replaces_the_picture(tmp_path: Path):
    frames = iter([np.eye(32), np.ones((32, 32))])
    figure = LiveFigure(lambda: next(frames), tmp_path / "live.png")
    run = Run(figure)
    run.step(1.0)
    assert figure.flush()
    with Image.open(figure.path) as picture:
        width, height = picture.size
    assert (width, height) == (1430, 484)
    drawn = figure.path.read_bytes()
    run.step(2.0)
    run.event("outcome", outcome_verdict="in_focus", outcome_frames=2)
    assert figure.flush()
    assert figure.path.read_bytes() != drawn
    assert [path.name for path in tmp_path.iterdir()] == ["live.png"]
    title = figure.figure.get_suptitle()
    assert title == f"Run {run.bundle.start_doc['uid'][:8]}, sweep: in_focus after 2 frames"
    first, last = figure.figure.axes[:2]
    assert "1.00 um" in first.get_title() and "2.00 um" in last.get_title()


def test_the_cells_of_a_field_are_drawn(tmp_path: Path):
    figure = LiveFigure(lambda: np.eye(32), tmp_path / "live.png")
    run = Run(figure)
    heights: Any = [[1.0, 2.0], [np.nan, 2.0]]
    run.event("primary", stage=1.0)
    run.event("search", search_position=1.0, search_sharpness=0.5, search_heights=heights)
    assert figure.flush()
    titles = [axes.get_title() for axes in figure.figure.axes]
    assert "cells: 75% tell where they are in focus" in titles
    run.event("primary", stage=2.0)
    heights = np.full((2, 2), np.nan)
    run.event("search", search_position=2.0, search_sharpness=0.5, search_heights=heights)
    assert figure.flush()
    assert any(axes.get_title().startswith("cells: 0%") for axes in figure.figure.axes)


def test_a_new_run_begins_a_new_picture(tmp_path: Path):
    figure = LiveFigure(lambda: np.eye(32), tmp_path / "live.png")
    Run(figure).step(1.0)
    Run(figure).step(3.0)
    assert figure.flush()
    assert "first frame: 3.00 um" in figure.figure.axes[0].get_title()


def test_a_camera_that_is_gone_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    def gone() -> np.ndarray:
        raise CameraFaultError("The camera is gone.")

    figure = LiveFigure(gone, tmp_path / "live.png")
    with caplog.at_level(logging.ERROR):
        Run(figure).step(1.0)
    assert "The camera is gone." in caplog.text
    assert figure.flush() and not figure.path.exists()


def test_a_picture_that_cannot_be_written_is_logged(tmp_path, caplog):
    (tmp_path / "file").touch()
    figure = LiveFigure(lambda: np.eye(32), tmp_path / "file" / "live.png")
    with caplog.at_level(logging.ERROR):
        Run(figure).step(1.0)
        assert figure.flush()
    assert "could not be drawn" in caplog.text


@pytest.mark.parametrize(("side", "kept"), [(512, 512), (513, 257), (2048, 512)])
def test_large_frames_are_thinned_out(side: int, kept: int):
    assert _thumbnail(np.zeros((side, 8))).shape[0] == kept
