import numpy as np
import pytest

from bluesky_autofocus.benchmark.latency import (
    Latency,
    Timing,
    _opencv_squared_gradient,
    _timed,
    numpy_squared_gradient,
)
from bluesky_autofocus.benchmark.memory import tiled_frame
from bluesky_autofocus.measures import squared_gradient


def test_the_three_squared_gradients_measure_the_same():
    frame = np.random.default_rng(0).integers(0, 4096, (300, 500), dtype=np.uint16)
    said = numpy_squared_gradient(frame)
    assert float(squared_gradient(frame)) == pytest.approx(said, rel=0.01)
    opencv = _opencv_squared_gradient()
    if opencv is None:
        pytest.skip("OpenCV is not installed: pip install opencv-python-headless")
    assert opencv(frame) == pytest.approx(said, rel=0.01)


def test_ratios_are_to_the_reference():
    frame = np.zeros((4, 4), dtype=np.uint16)
    works = {"numpy squared gradient": lambda f: f.sum(), "slow": lambda f: sum(range(100_000))}
    timings = _timed(works, frame, 5)
    latency = Latency(4, 5, 2, timings)
    assert [t.name for t in timings] == list(works)
    assert latency.ratio("numpy squared gradient") == 1
    assert latency.ratio("slow") > 10
    assert all(t.median_ms <= t.p95_ms for t in timings)
    assert isinstance(timings[0], Timing)


def test_the_large_frame_repeats_a_small_one_of_twelve_bits():
    scene, frame = tiled_frame(0, 1024)
    assert frame.shape == (1024, 1024)
    assert frame.dtype == np.uint16
    assert scene.spec.sensor.bits == 12
    assert (frame[:512, :512] == frame[512:, 512:]).all()
    assert frame.max() < 4096
