import asyncio
import time
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from devices.sim.camera.area_detector import AreaDetector
from devices.sim.faults import Faults

pytestmark = pytest.mark.timeout(20)


class Positions:
    """Each pixel tells where the stage was, and how often the scene was asked."""

    shape = (6, 8)
    focus_position = None

    def __init__(self, render_s: float = 0.0):
        self.render_s = render_s
        self.calls: list[dict] = []

    def frame(self, position, *, exposure_s, gain, bits, index, light=1.0):
        time.sleep(self.render_s)
        self.calls.append({"position": position, "index": index, "gain": gain, "light": light})
        value = position if position is not None else index
        return np.full(self.shape, value, np.uint8 if bits == 8 else np.uint16)


Steps = Callable[[AreaDetector], Awaitable[None]]


def run(steps: Steps, *, scene=None, stage=lambda: 1.0, faults=None, **options):
    async def body():
        detector = AreaDetector(
            "X:",
            scene=scene or Positions(),
            stage_position=stage,
            faults=faults or Faults(),
            **options,
        )
        await detector.cam.acquire_time.setpoint.write(0.0)
        await detector.cam.acquire_period.setpoint.write(0.0)
        try:
            async with asyncio.timeout(10):
                await steps(detector)
        finally:
            await detector.close()
        return detector

    return asyncio.run(body())


async def acquire(detector: AreaDetector) -> None:
    """Put Acquire=1 and wait for its completion."""
    await detector.cam.acquire.setpoint.write("Acquire")


def begin(detector: AreaDetector) -> asyncio.Task:
    """Put Acquire=1 without waiting."""
    return asyncio.create_task(acquire(detector))


async def stop(detector: AreaDetector) -> None:
    await detector.cam.acquire.setpoint.write("Done")


def image(detector: AreaDetector) -> np.ndarray:
    columns, rows = (channel.value for channel in detector.image.sizes[:2])
    return np.asarray(detector.image.array_data.value[: rows * columns]).reshape(rows, columns)


def test_a_single_frame_reaches_the_image_with_its_number_size_and_time():
    async def steps(detector):
        before = time.time()
        await acquire(detector)
        cam, plugin = detector.cam, detector.image
        assert (cam.counter.value, cam.images_counter.value) == (1, 1)
        assert (plugin.unique_id.value, plugin.counter.value) == (1, 1)
        assert [channel.value for channel in plugin.sizes] == [8, 6, 0]
        assert list(plugin.dimensions.value) == [8, 6, 0, 0, 0, 0, 0, 0, 0, 0]
        assert plugin.ndimensions.value == 2
        assert (cam.array_size_x.value, cam.array_size_y.value) == (8, 6)
        assert cam.array_size.value == 48
        assert 0 <= plugin.timestamp.value + 631152000 - before < 5
        assert cam.acquire.value == "Done"
        assert cam.acquire.readback.value == cam.busy.value == "Done"
        assert cam.detector_state.value == "Idle"
        assert (image(detector) == 1).all()

    run(steps)


def test_sixteen_bits_go_to_the_image_as_they_are():
    detector = run(acquire, stage=lambda: 40_000.0, data_type="UInt16")
    assert (image(detector) == 40_000).all()


@pytest.mark.parametrize(
    ("options", "depth"),
    [({"data_type": "UInt8"}, 255), ({"data_type": "UInt16", "bits": 12}, 4095)],
)
def test_full_scale_follows_the_depth(options, depth):
    detector = run(acquire, faults=Faults(camera_saturate=True), **options)
    assert (image(detector) == depth).all()


@pytest.mark.parametrize(
    ("data_type", "bits"), [("UInt8", 12), ("UInt16", 8), ("UInt16", 17), ("Float32", None)]
)
def test_type_and_depth_that_do_not_go_together_are_refused(data_type, bits):
    with pytest.raises(ValueError, match=str(bits or data_type)):
        run(acquire, data_type=data_type, bits=bits)


def test_multiple_takes_as_many_as_asked():
    async def steps(detector):
        await detector.cam.image_mode.setpoint.write("Multiple")
        await detector.cam.num_images.setpoint.write(4)
        await acquire(detector)
        assert detector.cam.images_counter.value == 4
        await acquire(detector)
        assert detector.cam.images_counter.value == 4
        assert detector.image.unique_id.value == 8

    run(steps)


def test_continuous_goes_on_until_stopped_and_is_then_idle():
    async def steps(detector):
        await detector.cam.image_mode.setpoint.write("Continuous")
        waiting = begin(detector)
        while detector.cam.images_counter.value < 5:
            await asyncio.sleep(0.001)
        assert detector.cam.acquire.readback.value == "Acquiring"
        await stop(detector)
        await waiting
        count = detector.image.unique_id.value
        await asyncio.sleep(0.02)
        assert detector.image.unique_id.value == count
        assert detector.cam.detector_state.value == "Idle"

    run(steps)


def test_a_stop_in_mid_exposure_gives_no_frame():
    async def steps(detector):
        await detector.cam.acquire_time.setpoint.write(60.0)
        waiting = begin(detector)
        await asyncio.sleep(0.02)
        await stop(detector)
        await waiting
        assert detector.image.unique_id.value == 0
        assert detector.cam.detector_state.value == "Aborted"
        assert "stopped" in detector.cam.status_message.value
        await detector.cam.acquire_time.setpoint.write(0.0)
        await acquire(detector)
        assert detector.image.unique_id.value == 1

    run(steps)


def test_a_stop_before_the_first_step_leaves_the_camera_usable():
    async def steps(detector):
        waiting = begin(detector)
        await asyncio.sleep(0)
        await stop(detector)
        await waiting
        await acquire(detector)
        assert detector.image.unique_id.value >= 1

    run(steps)


def test_a_second_start_joins_the_acquisition_under_way():
    async def steps(detector):
        await detector.cam.acquire_time.setpoint.write(0.05)
        await asyncio.gather(begin(detector), begin(detector))
        assert detector.image.unique_id.value == 1

    run(steps)


def test_exposures_follow_each_other_at_the_period():
    async def steps(detector):
        await detector.cam.acquire_period.setpoint.write(0.05)
        await detector.cam.image_mode.setpoint.write("Multiple")
        await detector.cam.num_images.setpoint.write(3)
        started = time.monotonic()
        await acquire(detector)
        assert time.monotonic() - started >= 0.1

    run(steps)


def test_rendering_runs_within_the_exposure():
    async def steps(detector):
        await detector.cam.acquire_time.setpoint.write(0.3)
        started = time.monotonic()
        await acquire(detector)
        assert 0.3 <= time.monotonic() - started < 0.5

    run(steps, scene=Positions(render_s=0.28))


def test_other_work_goes_on_while_a_frame_is_rendered():
    async def steps(detector):
        waiting = begin(detector)
        ticks = 0
        while not waiting.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks >= 10

    run(steps, scene=Positions(render_s=0.3))


def test_the_frame_shows_the_stage_as_it_is_at_mid_exposure():
    started = []

    def stage():
        return float(round(100 * (time.monotonic() - started[0])))

    async def steps(detector):
        await detector.cam.acquire_time.setpoint.write(0.4)
        started.append(time.monotonic())
        await acquire(detector)
        assert 15 <= image(detector)[0, 0] <= 30

    run(steps, stage=stage)


def test_a_stage_at_rest_is_rendered_once():
    scene = Positions()
    run(acquire, scene=scene)
    assert [call["index"] for call in scene.calls] == [0]


def test_settings_reach_the_scene_and_noise_differs_from_frame_to_frame():
    scene = Positions()

    async def steps(detector):
        await detector.cam.gain.setpoint.write(2.5)
        await acquire(detector)
        await acquire(detector)

    run(steps, scene=scene)
    assert [(call["gain"], call["index"]) for call in scene.calls] == [(2.5, 0), (2.5, 1)]


def test_the_region_is_cut_bit_by_bit_and_the_frame_follows():
    async def steps(detector):
        cam = detector.cam
        for name, value in (("min_x", 2), ("size_x", 4), ("size_y", 4), ("bin_y", 2)):
            await cam._region[name].setpoint.write(value)
        await acquire(detector)
        assert image(detector).shape == (2, 4)
        assert (image(detector) == 2).all()
        await cam._region["min_x"].setpoint.write(6)
        assert cam.region.size_x == 2
        await cam._region["size_y"].setpoint.write(1)
        assert cam.region.bin_y == 1
        await cam._region["min_y"].setpoint.write(-4)
        await cam._region["size_y"].setpoint.write(1000)
        assert (cam.region.min_y, cam.region.size_y) == (0, 6)

    run(steps)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("acquire_time", -1.0),
        ("acquire_time", float("nan")),
        ("acquire_period", 1e6),
        ("gain", 0.0),
        ("num_images", 0),
    ],
)
def test_senseless_settings_are_refused_with_a_message(name, value):
    async def steps(detector):
        pair = getattr(detector.cam, name)
        before = pair.value
        await pair.setpoint.write(value)
        assert pair.value == before
        assert "refused" in detector.cam.status_message.value

    run(steps)


def test_another_data_type_is_refused_with_a_message():
    async def steps(detector):
        await detector.cam.pvdb["X:cam1:DataType"].write("UInt16")
        assert detector.cam.pvdb["X:cam1:DataType_RBV"].value == "UInt8"
        assert "restart it" in detector.cam.status_message.value

    run(steps)


def test_a_hanging_camera_acquires_until_it_is_stopped():
    async def steps(detector):
        waiting = begin(detector)
        await asyncio.sleep(0.1)
        assert not waiting.done()
        assert detector.cam.acquire.readback.value == "Acquiring"
        await stop(detector)
        await waiting
        assert detector.image.unique_id.value == 0

    run(steps, faults=Faults(camera_hang=True))


@pytest.mark.parametrize("mode", ["Single", "Multiple"])
def test_a_dropped_frame_ends_the_acquisition_and_counts_nowhere(mode):
    async def steps(detector):
        await detector.cam.image_mode.setpoint.write(mode)
        await acquire(detector)
        assert detector.cam.counter.value == detector.cam.images_counter.value == 0
        assert detector.image.unique_id.value == 0

    run(steps, faults=Faults(camera_drop=True))


def test_a_frozen_camera_repeats_its_last_frame_under_new_numbers():
    faults = Faults()

    async def steps(detector):
        await acquire(detector)
        faults.camera_freeze = True
        await acquire(detector)
        assert (image(detector) == 0).all()
        assert detector.image.unique_id.value == 2
        faults.camera_freeze = False
        await acquire(detector)
        assert (image(detector) == 2).all()

    run(steps, stage=lambda: None, faults=faults)


def test_a_frame_of_the_wrong_shape_differs_from_what_the_camera_announces():
    async def steps(detector):
        await acquire(detector)
        assert image(detector).shape == (3, 4)
        assert (detector.cam.region.size_x, detector.cam.region.size_y) == (8, 6)

    run(steps, faults=Faults(camera_wrong_shape=True))


def test_flicker_reaches_the_scene_by_the_cameras_seed():
    lights = []
    for seed in (1, 1, 2):
        scene = Positions()
        run(acquire, scene=scene, faults=Faults(camera_flicker=0.2), seed=seed)
        lights.append(scene.calls[0]["light"])
    assert lights[0] == lights[1] != lights[2]


class Broken(Positions):
    def frame(self, position, **settings):
        raise RuntimeError("the lamp is gone")


def test_a_scene_that_fails_shows_in_the_state_and_the_camera_lives_on(caplog):
    async def steps(detector):
        await acquire(detector)
        assert detector.cam.detector_state.value == "Error"
        assert "the lamp is gone" in detector.cam.status_message.value
        assert detector.cam.acquire.value == "Done"

    run(steps, scene=Broken())
    assert "acquisition failed" in caplog.text


def test_plugins_take_no_frame_without_array_callbacks():
    async def steps(detector):
        await detector.cam.array_callbacks.setpoint.write("Disable")
        await acquire(detector)
        assert detector.cam.counter.value == 1
        assert detector.image.unique_id.value == detector.hdf5.unique_id.value == 0

    run(steps)


def test_the_end_of_the_camera_ends_exposure_and_capture(tmp_path):
    async def steps(detector):
        await acquire(detector)
        await detector.hdf5.file_path.setpoint.write(str(tmp_path))
        await detector.hdf5.write_mode.setpoint.write("Stream")
        await detector.hdf5.num_capture.setpoint.write(0)
        capturing = asyncio.create_task(detector.hdf5.capture.setpoint.write("Capture"))
        while detector.hdf5.capture.value == "Done":
            await asyncio.sleep(0.001)
        await detector.cam.acquire_time.setpoint.write(60.0)
        exposing = begin(detector)
        await asyncio.sleep(0.02)
        await detector.close()
        await asyncio.gather(capturing, exposing)

    detector = run(steps)
    assert detector.hdf5.capture.value == detector.cam.acquire.value == "Done"
    assert detector.hdf5.swmr_active.value == "Off"


def test_every_pv_says_what_it_means():
    detector = run(acquire)
    assert len(detector.pvdb) > 150
    for name, channel in detector.pvdb.items():
        assert channel.pvspec.doc, name
        assert name.startswith(("X:cam1:", "X:image1:", "X:HDF1:"))
