"""Sensor and light: noise statistics, clipping, depth, seeds."""

import multiprocessing

import numpy as np
import pytest
from scipy.stats import poisson

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import Illumination, Sensor, expose

SHAPE = (200, 300)
FORK = multiprocessing.get_context("fork")


def even(level: float) -> np.ndarray:
    return np.full(SHAPE, level, dtype=np.float32)


@pytest.mark.parametrize("level", [0.001, 0.05, 0.4, 0.8])
def test_mean_and_noise_are_those_of_shot_and_read_noise(level: float) -> None:
    sensor = Sensor(bits=16)
    electrons = (expose(even(level), sensor, seed=1) / 65535 - 0.01) * sensor.full_well_e
    assert electrons.mean() == pytest.approx(level * 1e4, rel=0.01)
    assert electrons.var() == pytest.approx(level * 1e4 + 25, rel=0.03)


def test_few_electrons_are_counted_one_by_one() -> None:
    sensor = Sensor(bits=16, read_noise_e=0, full_well_e=4000, black_level=0)
    counts = np.rint(expose(even(3 / 4000), sensor, seed=2) / 65535 * 4000).astype(int)
    share = np.bincount(counts.ravel(), minlength=12)[:12] / counts.size
    assert np.abs(share - poisson.pmf(np.arange(12), 3)).max() < 0.01


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_depth_and_saturation(bits: int) -> None:
    frame = expose(even(3.0), Sensor(bits=bits), seed=3)
    assert frame.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert np.all(frame == 2**bits - 1)
    assert expose(even(0.5), Sensor(bits=bits), seed=3).max() < 2**bits - 1


def test_gain_brightens_and_cannot_hold_more_than_the_full_well() -> None:
    assert expose(even(0.1), Sensor(gain=4), seed=4).mean() / 255 == pytest.approx(0.41, abs=0.005)
    assert expose(even(9.0), Sensor(gain=0.5), seed=4).max() == round(255 * 0.51)


def test_dark_frame_keeps_its_noise_above_zero() -> None:
    frame = expose(even(0.0), Sensor(bits=12), seed=5)
    assert (frame == 0).mean() < 1e-3
    assert frame.mean() == pytest.approx(0.01 * 4095, rel=0.02)


def test_seed_decides_every_pixel() -> None:
    first, again = (expose(even(0.4), Sensor(), seed=[7, 1]) for _ in range(2))
    assert np.array_equal(first, again)
    other = expose(even(0.4), Sensor(), seed=[7, 2])
    assert 0.5 < (first != other).mean()


# Python warns of forks beside threads from 3.12 on; this is the test that such a fork works.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_worker_gets_the_same_frame() -> None:
    here = expose(even(0.4), Sensor(), seed=9)
    receiver, sender = FORK.Pipe(duplex=False)
    child = FORK.Process(
        target=lambda: sender.send_bytes(expose(even(0.4), Sensor(), seed=9).tobytes())
    )
    child.start()
    try:
        assert receiver.poll(20), "the forked worker hangs"
        assert receiver.recv_bytes() == here.tobytes()
    finally:
        child.kill()
        child.join()
        receiver.close()
        sender.close()


def test_noise_of_neighbouring_rows_and_halves_is_independent() -> None:
    frame = expose(even(0.4), Sensor(bits=16), seed=8).astype(float)
    frame -= frame.mean()
    for rows in (1, 64, 100):
        product = frame * np.roll(frame, rows, axis=0)
        assert abs(product.mean() / frame.var()) < 0.02


@pytest.mark.parametrize(
    "values",
    [
        {"bits": 7},
        {"bits": 17},
        {"gain": -1.0},
        {"gain": float("nan")},
        {"full_well_e": 0.0},
        {"read_noise_e": -1.0},
        {"black_level": 0.9},
    ],
)
def test_bad_sensor_is_refused(values: dict) -> None:
    with pytest.raises(SceneError, match=f"{next(iter(values))} is "):
        Sensor(**values)


def test_light_has_its_level_and_falls_as_told() -> None:
    field = Illumination(0.4, shading=0.3, vignetting=0.5).field((90, 120))
    assert field.dtype == np.float32
    assert field.mean() == pytest.approx(0.4, rel=1e-5)
    assert field[-1, -1] < field[0, 0] < field[45, 60]
    only_shading = Illumination(1.0, shading=0.3).field((90, 120))
    assert only_shading[-1, -1] / only_shading[0, 0] == pytest.approx(0.7, rel=1e-5)
    only_vignetting = Illumination(1.0, vignetting=0.5).field((91, 121))
    assert only_vignetting[0, 0] / only_vignetting[45, 60] == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize(
    "values", [{"level": -0.1}, {"level": float("inf")}, {"shading": 1.0}, {"vignetting": -0.1}]
)
def test_bad_light_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(SceneError, match=f"{next(iter(values))} is "):
        Illumination(**values)
