import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from area_detector_handlers.handlers import AreaDetectorHDF5Handler

from devices.sim.camera import disk
from devices.sim.camera.frame import EPICS_EPOCH_S, Frame
from devices.sim.camera.hdf5 import Hdf5File, Layout

SHAPE = (5, 7)


def frames(count: int, dtype: str = "u1", shape: tuple[int, int] = SHAPE) -> list[Frame]:
    rng = np.random.default_rng(0)
    return [
        Frame(
            rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True),
            10 + i,
            EPICS_EPOCH_S + 1.25 + i,
        )
        for i in range(count)
    ]


def dataset(file: h5py.File, path: str) -> h5py.Dataset:
    found = file[path]
    assert isinstance(found, h5py.Dataset)
    return found


def layout(dtype: str = "u1", **settings) -> Layout:
    return Layout(SHAPE, np.dtype(dtype), **settings)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("swmr", [True, False])
@pytest.mark.parametrize("zlib_level", [None, 4])
def test_what_goes_in_comes_out(tmp_path, dtype, swmr, zlib_level):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout(dtype, swmr=swmr, zlib_level=zlib_level))
    written = frames(3, dtype)
    for frame in written:
        file.append(frame)
    file.close()
    with h5py.File(path) as stored:
        data = dataset(stored, "/entry/data/data")
        assert data.dtype == np.dtype(dtype)
        assert data.chunks == (1, *SHAPE)
        assert data == stored["/entry/instrument/detector/data"]
        np.testing.assert_array_equal(data[:], [frame.pixels for frame in written])
        attributes = {
            name: dataset(stored, f"/entry/instrument/NDAttributes/{name}")[:].tolist()
            for name in (
                "NDArrayUniqueId",
                "NDArrayTimeStamp",
                "NDArrayEpicsTSSec",
                "NDArrayEpicsTSnSec",
            )
        }
        assert attributes["NDArrayUniqueId"] == [10, 11, 12]
        assert attributes["NDArrayTimeStamp"] == [1.25, 2.25, 3.25]
        assert attributes["NDArrayEpicsTSSec"] == [1, 2, 3]
        assert attributes["NDArrayEpicsTSnSec"] == [250_000_000] * 3


def test_the_handlers_of_the_ecosystem_read_it(tmp_path):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout("u2"))
    written = frames(4, "u2")
    for frame in written:
        file.append(frame)
    file.close()
    with AreaDetectorHDF5Handler(str(path), frame_per_point=2) as handler:
        read = np.asarray(handler(point_number=1))
    np.testing.assert_array_equal(read, [frame.pixels for frame in written[2:]])


def test_the_chunk_is_never_larger_than_a_frame():
    assert layout(chunk=(0, 0, 0)).chunk_shape == (1, 5, 7)
    assert layout(chunk=(4, 2, 100)).chunk_shape == (4, 2, 7)


READER = """
import sys, h5py
with h5py.File(sys.argv[1], "r", swmr=True) as file:
    data = file["/entry/data/data"]
    ids = file["/entry/instrument/NDAttributes/NDArrayUniqueId"]
    print("ready", flush=True)
    for line in sys.stdin:
        data.refresh(); ids.refresh()
        print(data.shape[0], int(data[-1].astype(int).sum()), ids[-1], flush=True)
"""


def test_another_process_reads_while_the_file_grows(tmp_path):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout())
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for index, frame in enumerate(frames(3)):
            file.append(frame)
            reader.stdin.write("look\n")
            reader.stdin.flush()
            seen = [int(number) for number in reader.stdout.readline().split()]
            assert seen == [index + 1, int(frame.pixels.astype(int).sum()), frame.unique_id]
        reader.stdin.close()
        assert reader.wait(timeout=10) == 0
    file.close()


@pytest.mark.parametrize("wrong", [((5, 6), "u1"), (SHAPE, "u2")])
def test_a_frame_of_another_kind_is_refused_and_the_file_goes_on(tmp_path, wrong):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout())
    good = frames(2)
    file.append(good[0])
    with pytest.raises(ValueError, match="opened for"):
        file.append(frames(1, shape=wrong[0], dtype=wrong[1])[0])
    file.append(good[1])
    file.close()
    with h5py.File(path) as stored:
        assert dataset(stored, "/entry/data/data").shape == (2, *SHAPE)
        assert dataset(stored, "/entry/instrument/NDAttributes/NDArrayUniqueId").shape == (2,)


def test_an_unwritable_place_is_an_error(tmp_path):
    with pytest.raises(OSError):
        Hdf5File(tmp_path / "missing" / "a.h5", layout())
    (tmp_path / "folder.h5").mkdir()
    with pytest.raises(OSError):
        Hdf5File(tmp_path / "folder.h5", layout())


def test_a_disk_without_room_is_seen_before_the_file_is_harmed(tmp_path, monkeypatch):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout())
    file.append(frames(1)[0])
    monkeypatch.setattr(disk, "SLACK_BYTES", 2**60)
    with pytest.raises(OSError, match="make room"):
        file.append(frames(1)[0])
    with pytest.raises(OSError, match="make room"):
        Hdf5File(tmp_path / "b.h5", layout())
    file.close()
    with h5py.File(path) as stored:
        assert dataset(stored, "/entry/data/data").shape[0] == 1


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from devices.sim.camera.frame import Frame
from devices.sim.camera.hdf5 import Hdf5File, Layout
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
file = Hdf5File(Path(sys.argv[1]), Layout((256, 256), np.dtype("u1")))
frame = Frame(np.ones((256, 256), "u1"), 1, 7e8)
try:
    for _ in range(40):
        file.append(frame)
except OSError:
    print(file.frames)
file.close()
"""


def test_a_file_that_may_not_grow_is_an_error_and_keeps_its_frames(tmp_path):
    # A limit on the file's size stands in for a disk that is full although it says it has room.
    path = tmp_path / "a.h5"
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).parents[4],
    )
    assert run.returncode == 0, run.stderr
    written = int(run.stdout)
    assert 10 <= written < 20
    with h5py.File(path) as stored:
        data = dataset(stored, "/entry/data/data")
        assert data.shape[0] == written
        assert (data[:] == 1).all()


def test_a_file_that_cannot_be_begun_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "SLACK_BYTES", 2**60)
    kept = tmp_path / "kept.h5"
    kept.write_text("older")
    open_before = len(os.listdir("/proc/self/fd"))
    for path in (tmp_path / "new.h5", kept):
        with pytest.raises(OSError, match="make room"):
            Hdf5File(path, layout())
    assert list(tmp_path.iterdir()) == [kept]
    assert kept.read_text() == "older"
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_a_closed_file_is_no_larger_than_what_it_holds(tmp_path):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout())
    for frame in frames(10):
        file.append(frame)
    assert path.stat().st_size > disk.SLACK_BYTES
    file.close()
    assert path.stat().st_size < 20_000
    with h5py.File(path) as stored:
        assert dataset(stored, "/entry/data/data").shape[0] == 10


@pytest.mark.parametrize("count", [0, 1, 200])
@pytest.mark.parametrize("swmr", [True, False])
def test_no_part_of_a_file_is_cut_off_when_it_is_closed(tmp_path, count, swmr):
    path = tmp_path / "a.h5"
    file = Hdf5File(path, layout(swmr=swmr))
    written = frames(count)
    for frame in written:
        file.append(frame)
    file.close()
    with h5py.File(path, "r+") as stored:
        data = dataset(stored, "/entry/data/data")
        assert data.shape[0] == count
        np.testing.assert_array_equal(
            data[:], np.array([f.pixels for f in written]).reshape(data.shape)
        )
        stored.create_dataset("more", data=np.arange(1000))


def test_closing_twice_is_harmless(tmp_path):
    file = Hdf5File(tmp_path / "a.h5", layout())
    file.close()
    file.close()
    with h5py.File(tmp_path / "a.h5") as stored:
        assert "entry/data/data" in stored
