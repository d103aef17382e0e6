"""The defects of ophyd that our devices guard against, each shown on the live simulation."""

import time

import pytest
from ophyd import EpicsMotor
from ophyd._pyepics_shim import PyepicsShimPV
from ophyd.areadetector.detectors import SimDetector
from ophyd.areadetector.plugins import ImagePlugin

from bluesky_autofocus.errors import CameraFaultError, StageFaultError
from devices.stage import FocusStage

pytestmark = pytest.mark.system


@pytest.fixture
def camera(live):
    live.station.camera.stage()
    yield live.station.camera
    live.station.camera.unstage()


def test_a_trigger_always_returns_its_status_and_its_frame(camera):
    # Defect 1: ophyd's trigger returns None for a frame that is ready before it returns.
    camera.cam.acquire_time.set(0.001).wait(timeout=5)
    for _ in range(20):
        status = camera.trigger()
        assert status is not None
        status.wait(timeout=5)
        assert camera.frame().shape == (1024, 1024)


def test_a_2d_mono_frame_is_read_in_its_shape(camera, live):
    # Defect 2: ophyd's own plugin cannot shape it.
    camera.trigger().wait(timeout=5)
    frame = camera.frame()
    assert frame.shape == (1024, 1024)
    assert frame.dtype == "uint8"
    plain = ImagePlugin(f"{live.ioc.prefix}image1:", name="plain")
    plain.wait_for_connection(timeout=5)
    with pytest.raises(ValueError, match="reshape"):
        plain.image  # noqa: B018


def test_a_stage_whose_first_readback_is_lost_connects(live, monkeypatch):
    # ophyd decides to ask for a value while the channel connects, and subscribes when it has come.
    add = PyepicsShimPV.add_callback
    monkeypatch.setattr(
        PyepicsShimPV,
        "add_callback",
        lambda pv, *args, **kw: add(pv, *args, **{**kw, "run_now": 0}),
    )
    stage = FocusStage(f"{live.ioc.prefix}m1", name="stage")
    time.sleep(1)
    assert stage._position is None  # noqa: SLF001
    stage.wait_for_connection(timeout=4)
    assert stage.position == pytest.approx(live.station.stage.position)


def test_a_stage_stopped_on_its_way_has_not_arrived(live):
    # Defect 3: ophyd's motor says that the move succeeded.
    plain = EpicsMotor(f"{live.ioc.prefix}m1", name="plain")
    plain.wait_for_connection(timeout=5)
    status = plain.set(400.0)
    time.sleep(0.15)
    plain.motor_stop.put(1)
    status.wait(timeout=5)
    assert status.success
    assert float(plain.user_readback.get()) < 390.0

    stage = live.station.stage
    stage.set(0.0).wait(timeout=5)
    status = stage.set(400.0)
    time.sleep(0.15)
    stage.stop()
    with pytest.raises(StageFaultError, match="was sent to 400 um and ended at"):
        status.wait(timeout=5)


def test_moves_one_after_the_other_all_end(live):
    # ophyd's done-flag callbacks lose the end of a move that begins while they run.
    stage = live.station.stage
    for step in range(40):
        stage.set(step % 3).wait(timeout=5)
    assert stage.position == pytest.approx(0.0, abs=stage.tolerance)


def test_a_hung_camera_is_given_up_and_left_idle(live, camera):
    # Defect 4: ophyd waits for ever.
    live.puts.put("fault:camera_hang", 1)
    began = time.monotonic()
    with pytest.raises(CameraFaultError, match="did not show the end of its acquisition"):
        camera.trigger().wait(timeout=10)
    live.puts.put("fault:camera_hang", 0)
    camera.unstage()
    assert time.monotonic() - began < 5.0
    assert camera.cam.acquire.get(use_monitor=False) == 0


def test_a_write_that_never_reads_back_is_given_up(live):
    # Defect 4, for every other signal that staging writes.
    assert live.station.camera.cam.num_images.write_timeout is not None
    assert live.station.camera.hdf.file_path.write_timeout is not None
    assert SimDetector(live.ioc.prefix, name="plain").cam.num_images.write_timeout is None
    with pytest.raises(TimeoutError):
        # The simulated camera has no such frame type and keeps the old one.
        live.station.camera.cam.data_type.set("UInt16", timeout=0.5).wait(timeout=5)


def test_the_folder_of_the_frames_is_made(live, catalog):
    # Defect 5: a fresh IOC refuses a path that is not there.
    camera = live.station.camera
    found = camera.hdf.write_path_template
    camera.hdf.write_path_template = f"{catalog.storage.frames}/new/folder"
    try:
        camera.stage()
        camera.trigger().wait(timeout=5)
        camera.unstage()
    finally:
        camera.hdf.write_path_template = found
    assert len(list((catalog.storage.frames / "new" / "folder").iterdir())) == 1


def test_a_dropped_frame_is_a_fault_and_names_what_is_missing(live, camera):
    live.puts.put("fault:camera_drop", 1)
    with pytest.raises(CameraFaultError, match="a new image, its file"):
        camera.trigger().wait(timeout=10)
    live.puts.put("fault:camera_drop", 0)
    camera.trigger().wait(timeout=5)


def test_a_frame_of_another_shape_is_a_fault(live, camera):
    live.puts.put("fault:camera_wrong_shape", 1)
    camera.trigger().wait(timeout=5)
    with pytest.raises(CameraFaultError, match="announces 1024 x 1024"):
        camera.frame()


def snapshot(camera) -> dict[str, object]:
    plugins = {
        "cam": (
            "acquire",
            "acquire_time",
            "image_mode",
            "num_images",
            "trigger_mode",
            "array_callbacks",
        ),
        "image": ("enable", "blocking_callbacks"),
        "hdf": (
            "enable",
            "blocking_callbacks",
            "file_path",
            "file_name",
            "file_number",
            "create_directory",
            "auto_save",
            "auto_increment",
            "file_write_mode",
            "file_template",
            "num_capture",
        ),
    }
    return {
        f"{part}.{name}": getattr(getattr(camera, part), name).get(use_monitor=False)
        for part, names in plugins.items()
        for name in names
    }


@pytest.mark.parametrize("running", [False, True], ids=["idle", "in live view"])
def test_the_camera_is_left_as_it_was_found(live, running):
    camera = live.station.camera
    if running:
        live.puts.put("cam1:ImageMode", 2)
        live.puts.put("cam1:Acquire", 1, wait=False)
        time.sleep(0.2)
    before = snapshot(camera)
    camera.stage()
    camera.trigger().wait(timeout=5)
    camera.unstage()
    time.sleep(0.2)
    after = snapshot(camera)
    live.puts.put("cam1:Acquire", 0)
    assert after == before
    assert before["cam.acquire"] == int(running)


def test_a_read_that_shares_a_shorter_answer_is_repeated(live, camera, monkeypatch):
    camera.trigger().wait(timeout=5)
    plain = camera.image.array_data.get
    answers = []

    def short_at_first(**options):
        answers.append(plain(**options))
        return answers[-1][:1] if len(answers) == 1 else answers[-1]

    monkeypatch.setattr(camera.image.array_data, "get", short_at_first)
    assert camera.frame().shape == (1024, 1024)
    assert len(answers) == 2
