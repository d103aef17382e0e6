from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.errors import FrameError
from bluesky_autofocus.measurement import Condition, full_scale_level, measure_frame
from bluesky_autofocus.measures import measure

SQUARED = measure("squared_gradient")


def structured(mean: float, contrast: float = 0.5) -> NDArray[np.uint8]:
    pattern = np.random.default_rng(1).uniform(1 - contrast, 1 + contrast, (64, 64))
    return np.clip(255 * mean * pattern, 0, 255).astype(np.uint8)


def clipped(share: float) -> NDArray[np.uint8]:
    frame = structured(0.3)
    frame.flat[: round(share * frame.size)] = 255
    return frame


@dataclass(frozen=True)
class Case:
    name: str
    frame: NDArray[np.uint8]
    condition: Condition

    def __str__(self) -> str:
        return self.name


HOT = np.full((64, 64), 2, np.uint8)
HOT[5, :3] = 200
CASES = (
    Case("usual", structured(0.4), Condition.GOOD),
    Case("dim but structured", structured(0.05), Condition.GOOD),
    Case("dark", structured(0.005), Condition.TOO_DARK),
    Case("black", np.zeros((64, 64), np.uint8), Condition.TOO_DARK),
    Case("dark with hot pixels", HOT, Condition.TOO_DARK),
    Case("a few clipped pixels", clipped(0.04), Condition.GOOD),
    Case("clipped", clipped(0.06), Condition.SATURATED),
    Case("white", np.full((64, 64), 255, np.uint8), Condition.SATURATED),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_condition_follows_the_light(case: Case):
    result = measure_frame(case.frame, measure=SQUARED, full_scale=255)
    assert result.condition is case.condition
    assert result.sharpness == float(SQUARED(case.frame))
    assert result.mean_fraction == pytest.approx(case.frame.mean() / 255)
    assert result.saturated_fraction == np.mean(case.frame == 255)


def test_a_few_bright_beads_in_the_dark_are_enough():
    frame = np.zeros((256, 256), np.uint8)
    frame[10:20, 10:20] = 60
    assert measure_frame(frame, measure=SQUARED, full_scale=255).condition is Condition.GOOD


def test_twelve_bits_saturate_at_their_own_full_scale():
    frame = np.full((32, 32), 4095, np.uint16)
    full_scale = full_scale_level(frame.dtype, bits=12)
    assert measure_frame(frame, measure=SQUARED, full_scale=full_scale).condition is (
        Condition.SATURATED
    )
    assert measure_frame(frame, measure=SQUARED, full_scale=65535).condition is Condition.GOOD


@pytest.mark.parametrize(
    ("dtype", "bits", "level"),
    [("uint8", None, 255), ("uint16", None, 65535), ("uint16", 12, 4095), ("int16", None, 32767)],
)
def test_full_scale_follows_type_and_bits(dtype: str, bits: int | None, level: float):
    assert full_scale_level(dtype, bits) == level


@pytest.mark.parametrize(
    ("dtype", "bits", "says"),
    [
        ("float32", None, "no full scale of their own"),
        ("uint8", 12, "12 bits do not fit frames of type uint8, which hold 1 to 8"),
        ("int16", 16, "1 to 15"),
        ("uint16", 0, "0 bits do not fit"),
    ],
)
def test_full_scale_of_an_impossible_camera_is_refused(dtype: str, bits: int | None, says: str):
    with pytest.raises(FrameError, match=says):
        full_scale_level(dtype, bits)


@pytest.mark.parametrize("full_scale", [0.0, -1.0, np.nan, np.inf])
def test_an_impossible_full_scale_is_refused(full_scale: float):
    with pytest.raises(FrameError, match="positive number"):
        measure_frame(structured(0.4), measure=SQUARED, full_scale=full_scale)


@pytest.mark.parametrize("shape", [(1, 8, 8), (8, 8, 3), (8,), (0, 8)])
def test_what_is_not_one_frame_is_refused(shape: tuple[int, ...]):
    with pytest.raises(FrameError, match=r"shape \("):
        measure_frame(np.ones(shape, np.uint8), measure=SQUARED, full_scale=255)
