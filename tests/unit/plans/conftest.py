"""A station without EPICS: ophyd's soft axis and a camera that sees a blurred random pattern."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from bluesky import Msg, RunEngine
from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator
from ophyd.sim import SynAxis
from ophyd.status import Status
from scipy.ndimage import gaussian_filter

from bluesky_autofocus.scale import Scale
from devices import Approach, FocusMovable, FocusSensor, FrameCamera, Station


class SoftStage(SynAxis):
    """Remembers where it was sent; can end its moves early, or never."""

    def __init__(self, start: float):
        super().__init__(name="stage")
        super().set(start)
        self.targets: list[float] = []
        self.limits = (-1000.0, 1000.0)
        self.shortfall = 0.0
        self.stalled = False
        self.stopped = 0

    def set(self, value: float):  # pyright: ignore[reportIncompatibleMethodOverride]
        self.targets.append(value)
        if self.stalled:
            return Status(obj=self)
        here = self.readback.get()
        return super().set(value - self.shortfall * (value - here))

    def stop(self, *, success: bool = False) -> None:
        self.stopped += 1


class SoftCamera:
    """Takes a frame of a pattern that is sharp at one stage position."""

    parent = None
    full_scale = 255.0

    def __init__(self, stage: SoftStage, focus: float):
        self.name = "camera"
        self.stage_axis = stage
        self.focus = focus
        self.texture = np.random.default_rng(7).random((96, 96))
        self.contrast = 1.0
        self.broken = False
        self.frames = 0
        self.staged = self.unstaged = 0
        self._frame = np.zeros((96, 96), np.uint8)

    def stage(self):
        self.staged += 1
        return [self]

    def unstage(self):
        self.unstaged += 1
        return [self]

    def trigger(self):
        if self.broken:
            status = Status(obj=self)
            status.set_exception(TimeoutError("no frame"))
            return status
        self.frames += 1
        blur = 0.5 + 0.25 * abs(self.stage_axis.readback.get() - self.focus)
        noise = np.random.default_rng(self.frames).normal(0, 1, self.texture.shape)
        sharp = gaussian_filter(self.texture, blur, mode="wrap") - 0.5
        self._frame = np.clip(128 + 200 * self.contrast * sharp + noise, 0, 255).astype(np.uint8)
        status = Status(obj=self)
        status.set_finished()
        return status

    def frame(self):
        return self._frame

    def read(self):
        return {"camera_frames": {"value": self.frames, "timestamp": time.time()}}

    def describe(self):
        return {"camera_frames": {"source": "TEST", "dtype": "integer", "shape": []}}

    def read_configuration(self):
        return {}

    def describe_configuration(self):
        return {}


@dataclass
class SoftStation:
    stage: SoftStage
    camera: SoftCamera
    station: Station
    documents: list[tuple[str, dict]] = field(default_factory=list)

    def events(self, stream: str) -> list[dict]:
        uids = {
            doc["uid"]
            for name, doc in self.documents
            if name == "descriptor" and doc["name"] == stream
        }
        found = {
            doc["seq_num"]: doc["data"]
            for name, doc in self.documents
            if name == "event" and doc["descriptor"] in uids
        }
        return [found[key] for key in sorted(found)]

    def last(self, name: str) -> dict:
        return [doc for kind, doc in self.documents if kind == name][-1]


@pytest.fixture
def soft() -> SoftStation:
    stage = SoftStage(start=30.0)
    camera = SoftCamera(stage, focus=-12.0)
    station = Station(
        name="soft",
        stage=cast(FocusMovable, stage),
        camera=cast(FrameCamera, camera),
        sensor=FocusSensor(camera, name="focus"),
        scale=Scale(4.0, "um"),
        window=(-60.0, 60.0),
        approach=Approach("low", 3.0),
        position_tolerance=0.1,
        move_timeout_s=0.5,
        frame_timeout_s=0.5,
    )
    return SoftStation(stage, camera, station)


@pytest.fixture
def engine(soft: SoftStation) -> Iterator[RunEngine]:
    run_engine = RunEngine({}, call_returns_result=True, context_managers=[])
    run_engine.subscribe(lambda name, doc: soft.documents.append((name, doc)))
    yield run_engine
    run_engine.loop.call_soon_threadsafe(run_engine.loop.stop)
    run_engine._th.join(timeout=5)
    run_engine.loop.close()


@pytest.fixture
def paused_before() -> Callable[..., MsgGenerator[Any]]:
    """Return what puts a pause before one message of a plan."""

    def paused(plan: MsgGenerator[Any], command: str, occurrence: int) -> MsgGenerator[Any]:
        count = 0

        def insert(msg: Msg) -> Any:
            nonlocal count
            if msg.command != command:
                return None, None
            count += 1
            if count != occurrence:
                return None, None

            def pause_first() -> MsgGenerator[Any]:
                yield from bps.pause()
                return (yield msg)

            return pause_first(), None

        return bpp.plan_mutator(plan, insert)

    return paused


@pytest.fixture
def steps_of() -> Callable[..., list[int]]:
    """Return what numbers the first and the last message of each kind of a plan, by running it."""

    def steps(engine: RunEngine, plan: MsgGenerator[Any]) -> list[int]:
        messages: list[Msg] = []
        engine.msg_hook = messages.append  # pyright: ignore[reportAttributeAccessIssue]
        engine(plan)
        engine.msg_hook = None
        kinds: dict[Any, list[int]] = {}
        for number, msg in enumerate(messages):
            kinds.setdefault((msg.command, msg.obj, msg.run is None), []).append(number)
        return sorted({n for found in kinds.values() for n in (found[0], found[-1])})

    return steps


@pytest.fixture
def paused_at() -> Callable[..., MsgGenerator[Any]]:
    """Return what puts a pause before the message of a number."""

    def paused(plan: MsgGenerator[Any], number: int) -> MsgGenerator[Any]:
        seen = -1

        def insert(msg: Msg) -> Any:
            nonlocal seen
            seen += 1
            if seen != number:
                return None, None

            def pause_first() -> MsgGenerator[Any]:
                yield from bps.pause()
                return (yield msg)

            return pause_first(), None

        return bpp.plan_mutator(plan, insert)

    return paused
