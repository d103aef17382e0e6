"""Autofocus with devices that are not ours, each as a stranger would hand it over."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from bluesky import RunEngine
from bluesky import plans as bp
from bluesky.utils import RunEngineInterrupted
from ophyd.sim import SynAxis, SynGauss, SynSignal
from ophyd.status import Status
from ophyd_async.core import (
    AsyncStatus,
    StandardReadable,
    StandardReadableFormat,
    StaticFilenameProvider,
    StaticPathProvider,
    soft_signal_rw,
)
from ophyd_async.plan_stubs import ensure_connected
from ophyd_async.sim import PatternGenerator, SimBlobDetector, SimMotor
from scipy.ndimage import gaussian_filter

from bluesky_autofocus.errors import KeepFocusError, StageFaultError, WindowError
from bluesky_autofocus.scale import Scale
from bluesky_autofocus.verdict import Verdict
from devices import FocusSensor, ReadingFrames, Station, StreamingCamera
from plans import autofocus, keep_focus_wrapper

FOCUS_MM = 0.3
START_MM = 0.0
TEXTURE = np.random.default_rng(5).random((240, 320))


def seen_at(position: float) -> np.ndarray:
    """A frame of a texture that is sharp at one place, µm per mm apart."""
    blur = 0.6 + 8.0 * abs(position - FOCUS_MM)
    sharp = gaussian_filter(TEXTURE, blur, mode="wrap") - 0.5
    noise = np.random.default_rng(int(abs(position) * 1e6)).normal(0, 0.5, TEXTURE.shape)
    return np.clip(128 + 200 * sharp + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def events() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def engine(events) -> Iterator[RunEngine]:
    run_engine = RunEngine({}, call_returns_result=True, context_managers=[])
    run_engine.subscribe(lambda name, doc: events.append(doc["data"]), "event")
    yield run_engine
    run_engine.loop.call_soon_threadsafe(run_engine.loop.stop)
    run_engine._th.join(timeout=5)
    run_engine.loop.close()


class MinimalStage:
    """What `bluesky.protocols` ask of a Movable and Readable, and no more."""

    name, parent = "z", None

    def __init__(self):
        self.position = START_MM

    def set(self, value: float) -> Status:
        self.position = value
        status = Status(obj=self)
        status.set_finished()
        return status

    def read(self):
        return {"z": {"value": self.position, "timestamp": time.time()}}

    def describe(self):
        return {"z": {"source": "TEST", "dtype": "number", "shape": []}}


class MinimalCamera:
    """A Triggerable and Readable that says how many frames it has taken, and keeps the last."""

    name, parent, full_scale = "eye", None, 255.0

    def __init__(self, stage: MinimalStage):
        self.stage_seen, self.frames = stage, 0

    def trigger(self) -> Status:
        self.frames += 1
        self.latest = seen_at(self.stage_seen.position)
        status = Status(obj=self)
        status.set_finished()
        return status

    def frame(self) -> np.ndarray:
        return self.latest

    def read(self):
        return {"eye_frames": {"value": self.frames, "timestamp": time.time()}}

    def describe(self):
        return {"eye_frames": {"source": "TEST", "dtype": "integer", "shape": []}}


class SharpPatterns(PatternGenerator):
    """ophyd-async's simulated file writer, given a sample that can be in focus."""

    def __init__(self, stage: SimMotor):
        super().__init__()
        self.stage = stage

    async def write_images_to_file(self) -> None:
        file = self._get_file()
        file.blob = seen_at(await self.stage.user_readback.get_value())
        file.write_image_to_file(1.0)
        self._update_images_written(file.image_counter)


class AsyncCamera(StandardReadable):
    """A camera of ophyd-async's signals, whose reading holds the frame."""

    def __init__(self, stage: SimMotor, name: str):
        with self.add_children_as_readables(StandardReadableFormat.UNCACHED_SIGNAL):
            self.image = soft_signal_rw(np.ndarray, seen_at(START_MM))
        self._stage = stage
        super().__init__(name=name)

    def trigger(self):
        async def take() -> None:
            await self.image.set(seen_at(await self._stage.user_readback.get_value()))

        return AsyncStatus(take())


def minimal(engine: RunEngine, folder: Path) -> tuple[Any, Any, Any]:
    stage = MinimalStage()
    camera = MinimalCamera(stage)
    return stage, camera, camera


def ophyd_sim(engine: RunEngine, folder: Path) -> tuple[Any, Any, Any]:
    stage = SynAxis(name="motor")
    camera = SynSignal(name="img", func=lambda: seen_at(stage.readback.get()))
    return stage, camera, ReadingFrames(camera, full_scale=255.0)


def ophyd_async_file(engine: RunEngine, folder: Path) -> tuple[Any, Any, Any]:
    stage = SimMotor("motor", initial_value=START_MM)
    paths = StaticPathProvider(StaticFilenameProvider("frames"), folder)
    detector = SimBlobDetector(paths, SharpPatterns(stage), name="blob")
    engine(ensure_connected(stage, detector))
    camera = StreamingCamera(detector, full_scale=255.0)
    return stage, camera, camera


def ophyd_async_signal(engine: RunEngine, folder: Path) -> tuple[Any, Any, Any]:
    stage = SimMotor("motor", initial_value=START_MM)
    camera = AsyncCamera(stage, "eye")
    engine(ensure_connected(stage, camera))
    return stage, camera, ReadingFrames(camera, full_scale=255.0)


KINDS = [minimal, ophyd_sim, ophyd_async_file, ophyd_async_signal]


def station_of(stage: Any, camera: Any, frames: Any, **settings: Any) -> Station:
    options: dict[str, Any] = {"window": (-1.0, 1.0), "position_tolerance": 1e-3, **settings}
    return Station(
        name="another",
        stage=stage,
        camera=camera,
        sensor=FocusSensor(frames, name="focus"),
        scale=Scale(0.1, "mm"),
        **options,
    )


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def station(request, engine, tmp_path) -> Station:
    return station_of(*request.param(engine, tmp_path))


def test_a_few_frames_bring_it_into_focus(station, engine, events):
    result = engine(autofocus(station, search="sweep")).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    assert result.position == pytest.approx(FOCUS_MM, abs=0.05)
    frames = [event for event in events if "step_number" in event]
    assert len(frames) == result.frames
    sharpest = max(frames, key=lambda event: event["focus_sharpness"])
    assert sharpest[station.stage.name] == pytest.approx(FOCUS_MM, abs=0.05)


def test_focus_outside_the_window_takes_it_back_to_its_start(station, engine):
    result = engine(autofocus(station, search="sweep", window=(-0.9, 0.1))).plan_result
    assert result.verdict is Verdict.OUT_OF_RANGE, result
    assert result.side == "high"
    assert result.position == pytest.approx(START_MM, abs=1e-3)


def test_a_pause_in_the_middle_does_no_harm(station, engine, events):
    def pause_at_third(_name, document):
        if document["data"].get("search_number") == 3:
            engine.loop.call_soon(engine.loop.create_task, engine._request_pause_coro())

    token = engine.subscribe(pause_at_third, "event")
    with pytest.raises(RunEngineInterrupted):
        engine(autofocus(station, search="sweep"))
    engine.unsubscribe(token)
    assert engine.resume().plan_result.in_focus


def test_a_stage_without_limits_needs_a_window(engine, tmp_path):
    station = station_of(*ophyd_async_signal(engine, tmp_path), window=None)
    with pytest.raises(WindowError, match="has no soft limits and no window was given"):
        engine(autofocus(station))


def test_a_stage_whose_position_has_no_known_key_is_refused(engine, tmp_path, events):
    stage, camera, frames = minimal(engine, tmp_path)
    stage.read = lambda: {"place": {"value": 0.0, "timestamp": 0.0}}
    stage.describe = lambda: {"place": {"source": "TEST", "dtype": "number", "shape": []}}
    with pytest.raises(StageFaultError, match="let it read its position as 'z'"):
        engine(autofocus(station_of(stage, camera, frames)))
    assert events == []


def test_a_file_of_ophyd_async_holds_each_frame_once(engine, tmp_path):
    station = station_of(*ophyd_async_file(engine, tmp_path))
    documents = []
    engine.subscribe(lambda name, doc: documents.append((name, doc)))
    result = engine(autofocus(station, search="sweep")).plan_result
    with h5py.File(tmp_path / "frames.h5") as file:
        data = file["entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        assert len(data) == result.frames
    ranges = [doc["indices"] for name, doc in documents if name == "stream_datum"]
    of_frames = sorted({(r["start"], r["stop"]) for r in ranges})
    assert of_frames == [(i, i + 1) for i in range(result.frames)]


@pytest.fixture
def scanned() -> tuple[SynAxis, SynGauss]:
    axis = SynAxis(name="x")
    return axis, SynGauss("det", axis, "x", center=0, Imax=1)


def test_a_scan_is_kept_in_focus_with_any_of_them(station, engine, events, scanned):
    axis, detector = scanned
    engine(keep_focus_wrapper(bp.scan([detector], axis, 0, 1, 3), station, search="sweep"))
    assert sum("check_number" in event for event in events) == 4
    assert [e["refocus_verdict"] for e in events if "refocus_verdict" in e] == ["in_focus"]
    assert [e["x"] for e in events if "x" in e] == [0, 0.5, 1]


@pytest.mark.parametrize("as_camera", [True, False])
def test_a_camera_that_streams_cannot_be_shared(engine, tmp_path, events, scanned, as_camera):
    station = station_of(*ophyd_async_file(engine, tmp_path))
    camera: Any = station.camera
    scan = bp.scan([camera if as_camera else camera.detector], scanned[0], 0, 1, 3)
    with pytest.raises(KeepFocusError, match="Leave it out of the plan"):
        engine(keep_focus_wrapper(scan, station, search="sweep"))
    assert events == []
