import asyncio
from pathlib import Path

import h5py
import numpy as np
import pytest

from devices.sim.camera import disk, file_plugin
from devices.sim.camera.file_plugin import Hdf5Plugin
from devices.sim.camera.frame import EPICS_EPOCH_S, Frame

pytestmark = pytest.mark.timeout(20)


def frame(number: int, shape: tuple[int, int] = (4, 6)) -> Frame:
    pixels = np.full(shape, number, np.uint8)
    return Frame(pixels, number, EPICS_EPOCH_S + number)


def run(steps, folder: Path, **options):
    """Run steps on a plugin that has seen a frame, and return it closed."""

    async def body():
        settings = {"data_directory": folder, "max_frames": 100, **options}
        plugin = Hdf5Plugin("X:HDF1:", camera_port="CAM", data_type="UInt8", **settings)
        await plugin.file_path.setpoint.write(f"{folder}/")
        await plugin.process(frame(99))
        try:
            async with asyncio.timeout(10):
                await steps(plugin)
        finally:
            await plugin.close()
        return plugin

    return asyncio.run(body())


async def start(plugin: Hdf5Plugin, mode: str = "Stream", count: int = 0) -> asyncio.Task:
    """Put Capture=1 as a client that waits for the end would."""
    await plugin.write_mode.setpoint.write(mode)
    await plugin.num_capture.setpoint.write(count)
    waiting = asyncio.create_task(plugin.capture.setpoint.write("Capture"))
    while plugin.capture.value == "Done" and not waiting.done():
        await asyncio.sleep(0.001)
    return waiting


def stored(plugin: Hdf5Plugin) -> list[int]:
    with h5py.File(plugin.full_file_name.value) as file:
        data = file["/entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        return data[:, 0, 0].tolist()


def test_a_stream_holds_every_frame_until_it_is_stopped(tmp_path):
    async def steps(plugin):
        waiting = await start(plugin)
        assert plugin.file_number.value == 1
        assert plugin.swmr_active.value == "Active"
        for number in range(3):
            await plugin.process(frame(number))
        assert not waiting.done()
        await plugin.capture.setpoint.write("Done")
        await waiting
        await plugin.process(frame(50))

    plugin = run(steps, tmp_path)
    assert plugin.full_file_name.value == f"{tmp_path}/frames_000000.h5"
    assert stored(plugin) == [0, 1, 2]
    assert plugin.num_captured.value == 3
    assert plugin.swmr_active.value == "Off"
    assert plugin.write_status.value == "Write OK"


def test_a_stream_of_so_many_frames_ends_by_itself_and_the_put_completes(tmp_path):
    async def steps(plugin):
        waiting = await start(plugin, count=2)
        for number in range(4):
            await plugin.process(frame(number))
        await waiting
        assert plugin.capture.value == "Done"

    assert stored(run(steps, tmp_path)) == [0, 1]


def test_a_file_is_bounded(tmp_path):
    async def steps(plugin):
        await start(plugin)
        for number in range(5):
            await plugin.process(frame(number))
        assert plugin.capture.value == "Done"

    plugin = run(steps, tmp_path, max_frames=3)
    assert stored(plugin) == [0, 1, 2]
    assert plugin.write_status.value == "Write error"
    assert "closed at 3 frames" in plugin.write_message.value


def test_capture_mode_keeps_frames_and_writes_them_together(tmp_path):
    async def steps(plugin):
        await plugin.auto_save.setpoint.write("Yes")
        await start(plugin, "Capture", 3)
        for number in range(2):
            await plugin.process(frame(number))
        assert not list(tmp_path.iterdir())
        await plugin.process(frame(2))

    assert stored(run(steps, tmp_path)) == [0, 1, 2]


def test_capture_mode_without_auto_save_waits_for_write_file(tmp_path):
    async def steps(plugin):
        await start(plugin, "Capture", 2)
        for number in range(3):
            await plugin.process(frame(number))
        assert plugin.capture.value == "Done"
        assert not list(tmp_path.iterdir())
        await plugin.write_file.setpoint.write("Write")

    assert stored(run(steps, tmp_path)) == [0, 1]


@pytest.mark.parametrize("count", [0, 10**9])
def test_capture_mode_holds_no_more_than_it_may(tmp_path, count):
    async def steps(plugin):
        waiting = await start(plugin, "Capture", count)
        assert waiting.done()
        assert plugin.capture.value == "Done"

    plugin = run(steps, tmp_path)
    assert "change NumCapture or use Stream" in plugin.write_message.value


def test_single_mode_writes_a_file_a_frame_with_auto_save(tmp_path):
    async def steps(plugin):
        await plugin.auto_save.setpoint.write("Yes")
        for number in range(2):
            await plugin.process(frame(number))

    plugin = run(steps, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "frames_000000.h5",
        "frames_000001.h5",
    ]
    assert stored(plugin) == [1]


def test_single_mode_writes_the_last_frame_when_asked(tmp_path):
    async def steps(plugin):
        await plugin.auto_increment.setpoint.write("No")
        await plugin.process(frame(7))
        assert not list(tmp_path.iterdir())
        await plugin.write_file.setpoint.write("Write")
        assert plugin.write_file.value == "Done"
        assert plugin.file_number.value == 0

    assert stored(run(steps, tmp_path)) == [7]


def test_capture_is_refused_in_single_mode(tmp_path):
    async def steps(plugin):
        waiting = await start(plugin, "Single")
        assert waiting.done()

    plugin = run(steps, tmp_path)
    assert plugin.write_status.value == "Write error"
    assert "FileWriteMode" in plugin.write_message.value


def test_a_plugin_that_has_seen_no_frame_opens_no_file_unless_lazily(tmp_path):
    async def steps(plugin):
        plugin.last_frame = None
        waiting = await start(plugin)
        assert waiting.done()
        assert "take a frame first" in plugin.write_message.value
        await plugin.lazy_open.setpoint.write("Yes")
        await start(plugin)
        assert not list(tmp_path.iterdir())
        await plugin.process(frame(5, shape=(2, 2)))

    plugin = run(steps, tmp_path)
    assert stored(plugin) == [5]
    assert plugin.write_status.value == "Write OK"


def test_a_frame_of_another_shape_is_left_out_and_the_capture_goes_on(tmp_path):
    async def steps(plugin):
        await start(plugin)
        await plugin.process(frame(1))
        await plugin.process(frame(2, shape=(3, 3)))
        assert plugin.write_status.value == "Write error"
        assert "Stop the capture" in plugin.write_message.value
        await plugin.process(frame(3))

    assert stored(run(steps, tmp_path)) == [1, 3]


def test_a_full_disk_ends_the_capture_with_a_sound_file(tmp_path, monkeypatch):
    async def steps(plugin):
        waiting = await start(plugin)
        await plugin.process(frame(1))
        monkeypatch.setattr(disk, "SLACK_BYTES", 2**60)
        await plugin.process(frame(2))
        await waiting
        assert plugin.capture.value == "Done"

    plugin = run(steps, tmp_path)
    assert plugin.write_status.value == "Write error"
    assert "make room" in plugin.write_message.value
    assert stored(plugin) == [1]
    assert plugin.counter.value == 3


def test_an_unexpected_error_ends_the_capture_and_not_the_camera(tmp_path, monkeypatch, caplog):
    async def steps(plugin):
        await start(plugin)
        monkeypatch.setattr(file_plugin.Hdf5File, "append", None)
        await plugin.process(frame(1))
        assert plugin.capture.value == "Done"

    plugin = run(steps, tmp_path)
    assert plugin.write_status.value == "Write error"
    assert "writing failed" in caplog.text


def test_a_folder_outside_the_data_directory_is_never_written_to(tmp_path):
    data, other = tmp_path / "data", tmp_path / "other"
    data.mkdir()
    other.mkdir()

    async def steps(plugin):
        await plugin.file_path.setpoint.write(str(other))
        assert plugin.path_exists.value == "No"
        assert "is not inside" in plugin.write_message.value
        await start(plugin)
        assert plugin.capture.value == "Done"
        await plugin.file_path.setpoint.write(str(data))
        await plugin.file_name.setpoint.write("../other/x")
        await start(plugin)
        assert plugin.capture.value == "Done"

    run(steps, data)
    assert not list(other.iterdir())


def test_files_go_to_the_data_directory_until_told_otherwise(tmp_path):
    def plugin(folder):
        options = {"camera_port": "CAM", "data_type": "UInt8", "max_frames": 9}
        return Hdf5Plugin("X:HDF1:", data_directory=folder, **options)

    assert plugin(tmp_path).file_path.value == f"{tmp_path}/"
    assert plugin(tmp_path).path_exists.value == "Yes"
    assert plugin(tmp_path / "missing").path_exists.value == "No"
    assert plugin(None).file_path.value == "/"


def test_the_folder_is_made_when_create_directory_allows_it(tmp_path):
    async def steps(plugin):
        await plugin.file_path.setpoint.write(f"{tmp_path}/a/b")
        assert plugin.path_exists.value == "No"
        assert "CreateDirectory" in plugin.write_message.value
        await plugin.create_directory.setpoint.write(-3)
        await plugin.file_path.setpoint.write(f"{tmp_path}/a/b")
        assert plugin.path_exists.value == "Yes"
        assert plugin.file_path.value == f"{tmp_path}/a/b/"

    run(steps, tmp_path)
    assert (tmp_path / "a" / "b").is_dir()


def test_settings_that_make_no_sense_are_refused(tmp_path):
    async def steps(plugin):
        await plugin.file_path.setpoint.write("relative")
        await plugin.num_capture.setpoint.write(-1)
        await plugin.compression.setpoint.write("szip")
        await plugin.zlib_level.setpoint.write(10)

    plugin = run(steps, tmp_path)
    assert plugin.file_path.value == f"{tmp_path}/"
    assert plugin.num_capture.value == 1
    assert plugin.compression.value == "None"
    assert plugin.zlib_level.value == 6
    assert "level from 0 to 9" in plugin.write_message.value


def test_compression_and_chunks_are_as_asked(tmp_path):
    async def steps(plugin):
        await plugin.compression.setpoint.write("zlib")
        await plugin.chunk_rows.setpoint.write(2)
        await plugin.swmr_mode.setpoint.write("Off")
        await start(plugin)
        assert plugin.swmr_active.value == "Off"
        await plugin.process(frame(3))

    plugin = run(steps, tmp_path)
    with h5py.File(plugin.full_file_name.value) as file:
        data = file["/entry/data/data"]
        assert isinstance(data, h5py.Dataset)
        assert (data.compression, data.chunks) == ("gzip", (1, 2, 6))


def test_a_disabled_plugin_takes_no_frame(tmp_path):
    async def steps(plugin):
        await start(plugin)
        await plugin.enable.setpoint.write("Disable")
        await plugin.process(frame(3))

    plugin = run(steps, tmp_path)
    assert stored(plugin) == []
    assert plugin.counter.value == 1
