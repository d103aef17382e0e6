from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from bluesky_autofocus.errors import FrameError, MeasureError
from bluesky_autofocus.measures import MEASURES, blurred_gradient, measure
from bluesky_autofocus.measures.frames import ROWS_PER_BLOCK

NAMES = sorted(MEASURES)
GAIN_INVARIANT = {
    "blurred_gradient",
    "dct_energy_ratio",
    "haar_energy_ratio",
    "histogram_entropy",
    "normalised_variance",
}


@dataclass(frozen=True)
class Exact:
    name: str
    frame: tuple[tuple[float, ...], ...]
    value: float

    def __str__(self) -> str:
        return self.name


RAMP = ((0, 1, 2), (0, 1, 2), (0, 1, 2))
CORNER = ((0, 0, 0), (0, 1, 0), (0, 0, 0))
EDGE_8 = ((0, 0, 0, 0, 8, 8, 8, 8),) * 8

EXACT = (
    Exact("squared_gradient", ((0, 3), (4, 9)), 25.0),
    Exact("squared_gradient", RAMP, 1.0),
    Exact("absolute_gradient", ((0, 3), (4, 9)), 7.0),
    Exact("brenner", RAMP, 4.0),
    Exact("brenner", tuple(zip(*RAMP, strict=True)), 0.0),
    Exact("tenengrad", RAMP, 64.0),
    Exact("tenengrad", tuple(zip(*RAMP, strict=True)), 64.0),
    Exact("tenengrad_variance", ((0, 1, 2, 2), (0, 1, 2, 2), (0, 1, 2, 2)), 4.0),
    Exact("variance_of_laplacian", ((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0)), 6.25),
    Exact("energy_of_laplacian", CORNER, 400.0),
    Exact("energy_of_laplacian", ((1, 0, 0), (0, 0, 0), (0, 0, 0)), 1.0),
    Exact("energy_of_laplacian", ((0, 1, 0), (0, 0, 0), (0, 0, 0)), 16.0),
    Exact("sum_modified_laplacian", ((0, 1, 0), (1, 0, 1), (0, 1, 0)), 4.0),
    Exact("sum_modified_laplacian", ((0, 1, 0), (-1, 0, -1), (0, 1, 0)), 4.0),
    Exact("normalised_variance", ((1, 3), (1, 3)), 0.25),
    Exact("histogram_entropy", ((0, 1), (2, 3)), 2.0),
    Exact("histogram_entropy", ((7, 7), (9, 9)), 1.0),
    Exact("vollath_f4", ((0, 0, 3),), 3.0),
    Exact("vollath_f5", ((0, 0, 3),), -0.5),
    Exact("dct_energy_ratio", EDGE_8, 0.821),
    Exact("haar_energy_ratio", EDGE_8, 1.0),
)


@pytest.fixture
def texture() -> NDArray[np.uint8]:
    noise = np.random.default_rng(5).normal(size=(150, 133))
    smooth = gaussian_filter(noise, 1.0)
    return np.clip(90 + 120 * smooth, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("case", EXACT, ids=str)
def test_small_frames_give_values_worked_out_by_hand(case: Exact):
    frame = np.array(case.frame, dtype=np.float64)
    if case.name in ("vollath_f4", "vollath_f5"):
        frame = np.repeat(frame, 3, axis=0)
    assert measure(case.name)(frame) == pytest.approx(case.value, rel=1e-3)


def test_blurred_gradient_is_the_gradient_of_a_gaussian_filter(texture: NDArray[np.uint8]):
    blurred = gaussian_filter(texture.astype(float), 2.0, truncate=4.0)[8:-8, 8:-8]
    down, across = np.diff(blurred, axis=0)[:, :-1], np.diff(blurred, axis=1)[:-1]
    expected = np.mean(down**2 + across**2) / texture.mean() ** 2
    assert blurred_gradient(texture) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int64", "float32", "float64"])
def test_every_type_gives_the_same_value(name: str, dtype: str, texture: NDArray[np.uint8]):
    expected = measure(name)(texture.astype(np.int32))
    if name == "histogram_entropy":
        counted_singly = dtype in ("uint8", "int16", "uint16")
        expected = measure(name)(texture if counted_singly else texture.astype(float))
    assert measure(name)(texture.astype(dtype)) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_eight_bit_differences_do_not_wrap(name: str):
    frame = np.zeros((32, 32), dtype=np.uint8)
    frame[::2, ::2] = 255
    assert measure(name)(frame) == pytest.approx(float(measure(name)(frame.astype(int))), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_sharpness_falls_with_blur(name: str, texture: NDArray[np.uint8]):
    stack = [gaussian_filter(texture.astype(float), sigma) for sigma in (0.0, 1.0, 2.0, 4.0)]
    values = measure(name)(np.round(np.array(stack)).astype(np.uint8))
    if name == "vollath_f4":
        # It looks at the scale of one to two pixels, so that a slight blur raises it.
        values = values[1:]
    assert np.all(np.diff(values) < 0), values


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_equals_a_loop(name: str, texture: NDArray[np.uint8]):
    stack = np.array([texture, texture[::-1], 255 - texture] * 2).reshape(2, 3, *texture.shape)
    values = measure(name)(stack)
    assert values.shape == (2, 3)
    assert values.dtype == np.float64
    for index in np.ndindex(2, 3):
        assert values[index] == measure(name)(stack[index])


@pytest.mark.parametrize("name", NAMES)
def test_strided_frames_are_measured_as_their_copies(name: str, texture: NDArray[np.uint8]):
    for view in (texture[::2, ::3], texture.T, texture[::-1, ::-1]):
        assert not view.flags.c_contiguous
        assert measure(name)(view) == pytest.approx(float(measure(name)(view.copy())), rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_blocks_leave_no_seam(name: str, monkeypatch: pytest.MonkeyPatch, texture: NDArray):
    assert texture.shape[0] > 2 * ROWS_PER_BLOCK
    in_blocks = measure(name)(texture)
    monkeypatch.setattr("bluesky_autofocus.measures.frames.ROWS_PER_BLOCK", 1024)
    assert in_blocks == pytest.approx(float(measure(name)(texture)), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_gain_changes_only_measures_that_do_not_divide_it_out(name: str, texture: NDArray):
    frame = texture.astype(np.float64)
    ratio = float(measure(name)(3.0 * frame)) / float(measure(name)(frame))
    assert (ratio == pytest.approx(1.0, rel=1e-4)) == (name in GAIN_INVARIANT)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0, 7, 255])
def test_a_uniform_frame_has_no_sharpness(name: str, level: int):
    assert measure(name)(np.full((40, 40), level, np.uint8)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_pixels_that_are_not_numbers_are_refused(name: str, texture: NDArray):
    for bad in (np.nan, np.inf, -np.inf):
        frame = texture.astype(np.float32)
        frame[3, 4] = bad
        with pytest.raises(FrameError, match="1 of 19950 pixels are NaN or infinite"):
            measure(name)(frame)


@dataclass(frozen=True)
class Bad:
    name: str
    frame: NDArray
    says: str

    def __str__(self) -> str:
        return self.name


BAD = (
    Bad("complex", np.ones((32, 32), complex), "type complex128"),
    Bad("bool", np.ones((32, 32), bool), "type bool"),
    Bad("text", np.full((32, 32), "a"), "type <U1"),
    Bad("one dimension", np.ones(32), "has 1 dimension"),
    Bad("number", np.array(3.0), "has 0 dimension"),
    Bad("no frames", np.ones((0, 32, 32)), "holds no pixels"),
    Bad("no rows", np.ones((0, 32)), "holds no pixels"),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", BAD, ids=str)
def test_what_is_no_frame_is_refused(name: str, case: Bad):
    with pytest.raises(FrameError, match=case.says):
        measure(name)(case.frame)


SMALLEST: tuple[tuple[str, int], ...] = (
    ("blurred_gradient", 18),
    ("dct_energy_ratio", 8),
    ("tenengrad", 3),
    ("squared_gradient", 2),
)


@pytest.mark.parametrize(("name", "size"), SMALLEST)
def test_the_smallest_frame_is_measured_and_a_smaller_one_refused(name: str, size: int):
    function: Callable = measure(name)
    assert np.isfinite(function(np.eye(size)))
    with pytest.raises(FrameError, match=f"smaller than the {size} x {size} pixels"):
        function(np.ones((size - 1, 64)))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(MeasureError, match=r"'sharpest'.*absolute_gradient.*vollath_f5"):
        measure("sharpest")


def test_the_registry_names_a_source_for_each():
    assert len(MEASURES) >= 10
    for name, entry in MEASURES.items():
        assert entry.name == name
        assert any(character.isdigit() for character in entry.source)


@pytest.mark.parametrize("level", [1, 100, 123])
def test_a_flat_frame_has_no_gradient_at_all(level: int):
    assert blurred_gradient(np.full((64, 80), level, dtype=np.uint8)) == 0
