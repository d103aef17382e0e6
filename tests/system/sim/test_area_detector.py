"""The simulated camera through ophyd's own areaDetector classes, over Channel Access."""

# ophyd's own mixins disagree on what `stage` and its like return.
# pyright: reportIncompatibleMethodOverride=false

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import epics
import h5py
import numpy as np
import pytest
from area_detector_handlers.handlers import AreaDetectorHDF5Handler
from bluesky import RunEngine
from bluesky import plans as bp
from ophyd import Component as Cpt
from ophyd import HDF5Plugin, ImagePlugin, SimDetector, SingleTrigger
from ophyd.areadetector.filestore_mixins import FileStoreHDF5IterativeWrite
from ophyd.areadetector.plugins import HDF5Plugin_V34

pytestmark = pytest.mark.system

ROWS, COLUMNS = 96, 128


class FileWriter(HDF5Plugin, FileStoreHDF5IterativeWrite):
    """ophyd's oldest and most used plugin class."""


class Detector(SingleTrigger, SimDetector):
    """ophyd's own parts and nothing else."""

    image = Cpt(ImagePlugin, "image1:")
    hdf5 = Cpt(FileWriter, "HDF1:", write_path_template="/")


class NewerWriter(HDF5Plugin_V34, FileStoreHDF5IterativeWrite):
    """The class for areaDetector 3.4, which can make folders."""


class NewerDetector(SingleTrigger, SimDetector):
    """The same with the newer plugin."""

    image = Cpt(ImagePlugin, "image1:")
    hdf5 = Cpt(NewerWriter, "HDF1:", write_path_template="/")


class Camera:
    """A camera's PVs, put and read with a bound."""

    def __init__(self, prefix: str, folder: Path) -> None:
        self.prefix = prefix
        self.folder = folder
        self._pvs: dict[str, epics.PV] = {}

    def pv(self, name: str) -> epics.PV:
        if name not in self._pvs:
            pv = self._pvs[name] = epics.PV(self.prefix + name, auto_monitor=False)
            assert pv.wait_for_connection(timeout=10), f"{pv.pvname} does not answer"
        return self._pvs[name]

    def put(self, name: str, value: object, *, wait: bool = True) -> None:
        assert self.pv(name).put(value, wait=wait, timeout=10) == 1, f"{name} did not complete"

    def get(self, name: str, *, as_string: bool = False):
        value = self.pv(name).get(timeout=10, as_string=as_string)
        assert value is not None, f"{name} has no value"
        return value

    def wait_for(self, name: str, wanted: object, timeout: float = 5.0) -> None:
        deadline = time.monotonic() + timeout
        while self.get(name) != wanted:
            assert time.monotonic() < deadline, f"{name} is {self.get(name)!r}, not {wanted!r}"
            time.sleep(0.005)

    def acquire(self) -> np.ndarray:
        """Take one acquisition and return the last frame."""
        self.put("cam1:Acquire", 1)
        return self.frame()

    def frame(self) -> np.ndarray:
        columns, rows = self.get("image1:ArraySize0_RBV"), self.get("image1:ArraySize1_RBV")
        return np.asarray(self.get("image1:ArrayData"))[: rows * columns].reshape(rows, columns)

    def stream(self, count: int = 0) -> Path:
        """Start a stream and return its file."""
        self.put("HDF1:FilePath", str(self.folder))
        self.put("HDF1:FileWriteMode", "Stream")
        self.put("HDF1:NumCapture", count)
        self.put("HDF1:Capture", 1, wait=False)
        self.wait_for("HDF1:Capture_RBV", 1)
        return Path(self.get("HDF1:FullFileName_RBV", as_string=True))

    def restore(self) -> None:
        """Back to one short full frame at a time, no file, no fault."""
        self.put("cam1:Acquire", 0)
        self.put("HDF1:Capture", 0)
        for name, value in (
            ("cam1:AcquireTime", 0.02),
            ("cam1:AcquirePeriod", 0.0),
            ("cam1:ImageMode", 0),
            ("cam1:NumImages", 1),
            ("cam1:BinX", 1),
            ("cam1:BinY", 1),
            ("cam1:MinX", 0),
            ("cam1:MinY", 0),
            ("cam1:SizeX", COLUMNS),
            ("cam1:SizeY", ROWS),
            ("cam1:ReverseX", 0),
            ("cam1:ReverseY", 0),
            ("HDF1:FileNumber", 0),
            ("HDF1:AutoSave", 0),
            ("HDF1:LazyOpen", 0),
        ):
            self.put(name, value)


def pattern(index: int, bits: int = 8) -> np.ndarray:
    """The frame that the IOC's scene gives for an exposure."""
    rows, columns = np.indices((ROWS, COLUMNS))
    return (7 * rows + 3 * columns + 11 * index) % 2**bits


def exposures_since(before: np.ndarray, after: np.ndarray, bits: int = 8) -> int:
    """How many exposures lie between two frames."""
    return int((int(after[0, 0]) - int(before[0, 0])) * pow(11, -1, 2**bits) % 2**bits)


@contextmanager
def camera_as_found(ioc, name: str) -> Iterator[Camera]:
    """One of the shared IOC's cameras with a folder of its own, left without faults."""
    folder = ioc.data_directory / f"test-{time.monotonic_ns()}"
    folder.mkdir()
    camera = Camera(ioc.prefix + name, folder)
    camera.restore()
    yield camera
    for fault in ("hang", "drop", "freeze", "dark", "saturate", "wrong_shape"):
        epics.caput(f"{ioc.prefix}fault:camera_{fault}", 0, wait=True)
    camera.restore()


@pytest.fixture(params=["eight:", "sixteen:"])
def camera(request: pytest.FixtureRequest, camera_ioc) -> Iterator[Camera]:
    """Each camera in turn."""
    with camera_as_found(camera_ioc, request.param) as camera:
        yield camera


@pytest.fixture
def eight(camera_ioc) -> Iterator[Camera]:
    """The 8-bit camera alone, where the type of the pixels does not matter."""
    with camera_as_found(camera_ioc, "eight:") as camera:
        yield camera


@pytest.fixture
def fault(camera_ioc) -> Callable[..., None]:
    def put(name: str, value: float = 1) -> None:
        assert epics.caput(f"{camera_ioc.prefix}fault:camera_{name}", value, wait=True) == 1

    return put


def connected(cls: type, camera: Camera, folder: Path) -> Any:
    detector = cls(camera.prefix, name="detector")
    detector.wait_for_connection(timeout=10)
    detector.hdf5.write_path_template = str(folder)
    # ophyd's trigger status comes to nothing when the frame is faster than ophyd itself.
    detector.stage_sigs["cam.acquire_time"] = 0.15
    detector.read_attrs = ["hdf5"]
    return detector


def test_ophyd_stages_triggers_reads_and_unstages_it(camera):
    camera.acquire()
    detector = connected(Detector, camera, camera.folder)
    detector.hdf5.enable.get()
    frames, readings = [], []
    detector.stage()
    for _ in range(3):
        detector.trigger().wait(timeout=5)
        frames.append(camera.frame())
        readings.append(detector.read())
    described = detector.describe()
    assert detector.read_configuration().keys() == detector.describe_configuration().keys()
    documents = list(detector.collect_asset_docs())
    detector.unstage()
    bits, dtype = (8, "|u1") if "eight" in camera.prefix else (16, "<u2")
    assert described["detector_image"]["shape"] == (1, ROWS, COLUMNS)
    assert described["detector_image"]["dtype_numpy"] == dtype
    assert [name for name, _ in documents] == ["resource"] + 3 * ["datum"]
    resource = documents[0][1]
    assert resource["spec"] == "AD_HDF5"
    path = os.path.join(resource["root"], resource["resource_path"])
    with AreaDetectorHDF5Handler(path, **resource["resource_kwargs"]) as handler:
        for (_, datum), frame in zip(documents[1:], frames, strict=True):
            stored = np.asarray(handler(**datum["datum_kwargs"]))
            assert stored.dtype == np.dtype(dtype)
            assert stored.shape == (1, ROWS, COLUMNS)
            np.testing.assert_array_equal(stored[0], frame)
    steps = [exposures_since(a, b, bits) for a, b in zip(frames, frames[1:], strict=False)]
    assert steps == [1, 1]
    assert camera.get("cam1:AcquireTime_RBV") == pytest.approx(0.02)


def test_a_whole_run_under_the_run_engine_reads_back(eight):
    eight.acquire()
    detector = connected(NewerDetector, eight, eight.folder / "made" / "by" / "the-ioc")
    detector.hdf5.create_directory.put(-3)
    detector.hdf5.enable.get()
    documents: list[tuple[str, Any]] = []
    engine = RunEngine({}, context_managers=[])
    engine(bp.count([detector], num=3), lambda name, doc: documents.append((name, doc)))
    resource = next(doc for name, doc in documents if name == "resource")
    datums = [doc for name, doc in documents if name == "datum"]
    path = os.path.join(resource["root"], resource["resource_path"])
    with AreaDetectorHDF5Handler(path, **resource["resource_kwargs"]) as handler:
        frames = [np.asarray(handler(**datum["datum_kwargs"]))[0] for datum in datums]
    assert [exposures_since(a, b) for a, b in zip(frames, frames[1:], strict=False)] == [1, 1]
    assert documents[-1][1]["exit_status"] == "success"
    engine.loop.call_soon_threadsafe(engine.loop.stop)
    engine._th.join(10)
    engine.loop.close()


def test_ophyds_warm_up_primes_the_file_plugin(start_camera_ioc):
    ioc = start_camera_ioc()
    camera = Camera(ioc.prefix + "eight:", ioc.data_directory)
    camera.pv("HDF1:ArraySize0_RBV")
    detector = connected(Detector, camera, ioc.data_directory)
    assert tuple(detector.hdf5.array_size.get()) == (0, 0, 0)
    camera.put("HDF1:FilePath", str(ioc.data_directory))
    camera.put("HDF1:FileWriteMode", "Stream")
    camera.put("HDF1:Capture", 1)
    assert "take a frame first" in camera.get("HDF1:WriteMessage", as_string=True)
    detector.hdf5.warmup()
    assert tuple(detector.hdf5.array_size.get()) == (0, ROWS, COLUMNS)
    detector.stage()
    detector.unstage()
    assert ioc.end() == 0


def test_the_frame_over_channel_access_is_the_scenes(camera):
    bits = 8 if "eight" in camera.prefix else 16
    first, second = camera.acquire(), camera.acquire()
    index = exposures_since(pattern(0, bits), first, bits)
    np.testing.assert_array_equal(first, pattern(index, bits))
    np.testing.assert_array_equal(second, pattern(index + 1, bits))
    assert first.dtype == (np.uint8 if bits == 8 else np.int32)


def test_a_put_completes_when_the_exposure_is_over(eight):
    eight.put("cam1:AcquireTime", 0.3)
    states = []
    started = time.monotonic()
    eight.put("cam1:Acquire", 1, wait=False)
    eight.wait_for("cam1:Acquire_RBV", 1)
    states.append(eight.get("cam1:AcquireBusy"))
    eight.wait_for("cam1:DetectorState_RBV", 1)
    eight.put("cam1:Acquire", 1)
    assert time.monotonic() - started >= 0.3
    assert states == [1]
    assert eight.get("cam1:Acquire_RBV") == eight.get("cam1:AcquireBusy") == 0


def test_a_client_that_waits_for_the_number_sees_its_frame(camera):
    bits = 8 if "eight" in camera.prefix else 16
    camera.put("cam1:ImageMode", "Continuous")
    camera.put("cam1:AcquireTime", 0.01)
    before = camera.get("cam1:ArrayCounter_RBV")
    camera.put("cam1:Acquire", 1, wait=False)
    seen = []
    while len(seen) < 20:
        number = camera.get("image1:UniqueId_RBV")
        frame = camera.frame()
        if camera.get("image1:UniqueId_RBV") == number > before:
            seen.append((number, frame))
    camera.put("cam1:Acquire", 0)
    assert camera.get("cam1:DetectorState_RBV") == 0
    (first, frame), *others = seen
    for number, other in others:
        assert exposures_since(frame, other, bits) == (number - first) % 2**bits


def test_region_binning_and_mirrors_reach_the_frame(camera):
    bits = 8 if "eight" in camera.prefix else 16
    index = exposures_since(pattern(0, bits), camera.acquire(), bits)
    for name, value in (("MinX", 10), ("SizeX", 60), ("MinY", 20), ("SizeY", 41), ("BinY", 2)):
        camera.put(f"cam1:{name}", value)
    camera.put("cam1:ReverseX", 1)
    frame = camera.acquire()
    region = pattern(index + 1, bits)[20:60, 10:70][:, ::-1]
    np.testing.assert_array_equal(frame, np.minimum(region[::2] + region[1::2], 2**bits - 1))
    assert (camera.get("cam1:ArraySizeX_RBV"), camera.get("cam1:ArraySizeY_RBV")) == (60, 20)
    camera.put("cam1:MinX", 1000)
    assert (camera.get("cam1:MinX_RBV"), camera.get("cam1:SizeX_RBV")) == (COLUMNS - 1, 1)


def test_another_data_type_is_refused(camera):
    served, other = ("UInt8", "UInt16") if "eight" in camera.prefix else ("UInt16", "UInt8")
    camera.put("cam1:DataType", other)
    assert camera.get("cam1:DataType_RBV", as_string=True) == served
    assert "restart it" in camera.get("cam1:StatusMessage_RBV", as_string=True)


def test_multiple_frames_a_point_go_to_one_file(eight):
    eight.acquire()
    eight.put("cam1:ImageMode", "Multiple")
    eight.put("cam1:NumImages", 3)
    path = eight.stream(count=6)
    eight.acquire()
    last = eight.acquire()
    eight.wait_for("HDF1:Capture_RBV", 0)
    with AreaDetectorHDF5Handler(str(path), frame_per_point=3) as handler:
        point = np.asarray(handler(point_number=1))
    assert point.shape == (3, ROWS, COLUMNS)
    np.testing.assert_array_equal(point[-1], last)


def test_a_stop_in_mid_exposure_ends_it_at_once_without_a_frame(eight):
    number = eight.get("cam1:ArrayCounter_RBV")
    eight.put("cam1:AcquireTime", 30.0)
    eight.put("cam1:Acquire", 1, wait=False)
    eight.wait_for("cam1:Acquire_RBV", 1)
    started = time.monotonic()
    eight.put("cam1:Acquire", 0)
    assert time.monotonic() - started < 5
    assert eight.get("cam1:Acquire_RBV") == 0
    assert eight.get("cam1:DetectorState_RBV", as_string=True) == "Aborted"
    assert eight.get("cam1:ArrayCounter_RBV") == number


def test_a_hanging_camera_hangs_until_it_is_stopped(eight, fault):
    fault("hang")
    eight.put("cam1:Acquire", 1, wait=False)
    eight.wait_for("cam1:Acquire_RBV", 1)
    time.sleep(0.2)
    assert eight.get("cam1:Acquire_RBV") == 1
    eight.put("cam1:Acquire", 0)
    assert eight.get("cam1:Acquire_RBV") == 0


def test_faults_of_the_frame_are_seen_by_a_client(camera, fault):
    bits = 8 if "eight" in camera.prefix else 16
    good = camera.acquire()
    number = camera.get("image1:UniqueId_RBV")
    fault("drop")
    np.testing.assert_array_equal(camera.acquire(), good)
    assert camera.get("image1:UniqueId_RBV") == camera.get("cam1:ArrayCounter_RBV") == number
    fault("drop", 0)
    fault("freeze")
    np.testing.assert_array_equal(camera.acquire(), good)
    assert camera.get("image1:UniqueId_RBV") == number + 1
    fault("freeze", 0)
    fault("dark")
    assert not camera.acquire().any()
    fault("dark", 0)
    fault("saturate")
    assert (camera.acquire() == 2**bits - 1).all()
    fault("saturate", 0)
    fault("wrong_shape")
    assert camera.acquire().shape == (ROWS // 2, COLUMNS // 2)
    assert camera.get("cam1:SizeX_RBV") == COLUMNS


def test_a_file_is_read_by_another_process_while_it_grows(eight):
    eight.acquire()
    path = eight.stream()
    with h5py.File(path, "r", swmr=True) as file:
        data = file["/entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        for count in range(1, 4):
            frame = eight.acquire()
            data.refresh()
            assert data.shape == (count, ROWS, COLUMNS)
            np.testing.assert_array_equal(data[-1], frame)
            assert eight.get("HDF1:NumCaptured_RBV") == count


def test_a_folder_that_may_not_be_used_is_told_and_acquisition_goes_on(eight, tmp_path):
    eight.acquire()
    eight.put("HDF1:FileWriteMode", "Stream")
    eight.put("HDF1:FilePath", str(tmp_path))
    assert eight.get("HDF1:FilePathExists_RBV") == 0
    eight.put("HDF1:Capture", 1)
    assert eight.get("HDF1:Capture_RBV") == 0
    assert eight.get("HDF1:WriteStatus") == 1
    assert "is not inside" in eight.get("HDF1:WriteMessage", as_string=True)
    number = eight.get("image1:UniqueId_RBV")
    eight.acquire()
    assert eight.get("image1:UniqueId_RBV") == number + 1
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fails_is_told_and_acquisition_goes_on(start_camera_ioc):
    ioc = start_camera_ioc("--file-limit", "1200000")
    camera = Camera(ioc.prefix + "eight:", ioc.data_directory)
    camera.acquire()
    path = camera.stream()
    for _ in range(20):
        camera.acquire()
    assert camera.get("HDF1:Capture_RBV") == 0
    assert camera.get("HDF1:WriteStatus") == 1
    assert "make room" in camera.get("HDF1:WriteMessage", as_string=True)
    written = camera.get("HDF1:NumCaptured_RBV")
    assert 1 <= written < 20
    assert camera.get("image1:UniqueId_RBV") == 21
    with h5py.File(path) as file:
        data = file["/entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        assert data.shape[0] == written
    assert ioc.end() == 0


def test_the_file_is_closed_cleanly_when_the_ioc_is_ended(start_camera_ioc):
    ioc = start_camera_ioc()
    camera = Camera(ioc.prefix + "sixteen:", ioc.data_directory)
    camera.acquire()
    path = camera.stream()
    frames = [camera.acquire() for _ in range(2)]
    camera.put("cam1:ImageMode", "Continuous")
    camera.put("cam1:Acquire", 1, wait=False)
    camera.wait_for("cam1:Acquire_RBV", 1)
    assert ioc.end() == 0
    with h5py.File(path) as file:
        data = file["/entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        np.testing.assert_array_equal(data[:2], frames)
