"""A small station for recording tests: a camera that writes real HDF5 files, fifteen scalars."""

import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import h5py
import numpy as np
from ophyd import Component, Device, Signal
from ophyd.areadetector.filestore_mixins import resource_factory
from ophyd.sim import SynAxis
from ophyd.status import Status

SCALARS = 15


class FileCamera(Device):
    """Writes noise into one HDF5 file a run, laid out as areaDetector's plugin lays it out."""

    def __init__(self, directory: Path, *, shape: tuple[int, int] = (48, 64), seed: int = 0):
        super().__init__("", name="cam")
        self.directory = directory
        self.shape = shape
        self.written: list[np.ndarray] = []
        self._random = np.random.default_rng(seed)
        self._assets: deque[tuple[str, dict[str, Any]]] = deque()
        self._file: h5py.File | None = None
        self._datum_factory: Any = None
        self._datum_id = ""
        self._time = 0.0

    def stage(self) -> list[object]:
        staged = super().stage()
        path = self.directory / f"{uuid.uuid4()}.h5"
        file = self._file = h5py.File(path, "w", libver="latest")
        file.create_dataset(
            "entry/data/data",
            shape=(0, *self.shape),
            maxshape=(None, *self.shape),
            chunks=(1, *self.shape),
            dtype=np.uint16,
        )
        file.swmr_mode = True
        resource, self._datum_factory = resource_factory(
            "AD_HDF5_SWMR", str(self.directory), path.name, {"frame_per_point": 1}, "posix"
        )
        self._assets.append(("resource", resource))
        self._point = 0
        return staged

    def trigger(self) -> Any:
        assert self._file is not None
        frame = self._random.integers(0, 2**16, self.shape, dtype=np.uint16)
        data = self._file["entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        data.resize(self._point + 1, axis=0)
        data[self._point] = frame
        data.flush()
        self.written.append(frame)
        datum = self._datum_factory({"point_number": self._point})
        self._assets.append(("datum", datum))
        self._datum_id = datum["datum_id"]
        self._time = time.time()
        self._point += 1
        status = Status()
        status.set_finished()
        return status

    def unstage(self) -> list[object]:
        if self._file is not None:
            self._file.close()
            self._file = None
        return super().unstage()

    def describe(self) -> Any:
        key = {
            "source": "file",
            "shape": [1, *self.shape],
            "dtype": "array",
            "dtype_numpy": "<u2",
            "external": "FILESTORE:",
        }
        return OrderedDict({**super().describe(), "cam_image": key})

    def read(self) -> Any:
        reading = {"value": self._datum_id, "timestamp": self._time}
        return OrderedDict({**super().read(), "cam_image": reading})

    def collect_asset_docs(self) -> Iterator[tuple[str, dict[str, Any]]]:
        while self._assets:
            yield self._assets.popleft()


class Readings(Device):
    """The scalars that a search adds to an event."""

    sharpness = Component(Signal, value=0.0)
    distance = Component(Signal, value=float("nan"))
    saturated = Component(Signal, value=False)
    frames = Component(Signal, value=0)
    reason = Component(Signal, value="coarse sweep")

    def __init__(self) -> None:
        super().__init__("", name="sensor")
        self.extra = [Signal(name=f"extra_{index}", value=0.5 * index) for index in range(8)]


class Verdict(Device):
    """The outcome of a search."""

    verdict = Component(Signal, value="in_focus")
    best = Component(Signal, value=1.25)

    def __init__(self) -> None:
        super().__init__("", name="outcome")


class Station:
    """Stage, camera and readings."""

    def __init__(self, directory: Path, **camera: Any) -> None:
        self.stage = SynAxis(name="stage")
        self.camera = FileCamera(directory, **camera)
        self.sensor = Readings()
        self.outcome = Verdict()
        self.step_seconds: list[float] = []

    def plan(self, steps: int = 5, *, at_step: Any = None, md: dict[str, Any] | None = None):
        """Record `steps` events in ``primary``, two in ``search``, one in ``outcome``."""

        read: list[Any] = [self.stage, self.camera, self.sensor, *self.sensor.extra]
        reason: Any = self.sensor.reason
        outcome: Any = self.outcome

        @bpp.stage_decorator([self.camera])
        @bpp.run_decorator(md={"plan_name": "autofocus", **(md or {})})
        def inner():
            for step in range(steps):
                begin = time.perf_counter()
                if at_step is not None:
                    at_step(step)
                yield from bps.checkpoint()
                yield from bps.mv(self.stage, 0.1 * step, timeout=5)
                self.sensor.sharpness.put(1.0 / (1 + step))
                self.sensor.frames.put(step)
                yield from bps.trigger_and_read(read)
                if step < 2:
                    yield from bps.create("search")
                    yield from bps.read(reason)
                    yield from bps.save()
                self.step_seconds.append(time.perf_counter() - begin)
            yield from bps.create("outcome")
            yield from bps.read(outcome)
            yield from bps.save()

        return (yield from inner())
