import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.sim.camera.exposure import Exposure, Region, flicker, read_out, take
from devices.sim.faults import Faults

FULL = Region(0, 0, 8, 6)
sizes = st.integers(-5, 40)


class Ramp:
    """Rows 6, columns 8; pixel value 10 row + column, scaled by the light."""

    shape = (6, 8)
    focus_position = None

    def frame(self, position, *, exposure_s, gain, bits, index, light=1.0):
        rows, columns = np.indices(self.shape)
        values = (10 * rows + columns) * light
        return values.astype(np.uint8 if bits == 8 else np.uint16)


def shot(region: Region = FULL, *, bits: int = 8, index: int = 0, **faults):
    exposure = Exposure(exposure_s=0.01, period_s=0.0, gain=1.0, region=region)
    return take(Ramp(), 0.0, exposure, Faults(**faults), bits=bits, index=index, seed=3)


@given(sizes, sizes, sizes, sizes, sizes, sizes)
def test_a_fitted_region_lies_on_the_sensor_and_stays_when_fitted_again(x, y, w, h, bx, by):
    region = Region(x, y, w, h, bx, by).fitted(rows=20, columns=30)
    assert 0 <= region.min_x < region.min_x + region.size_x <= 30
    assert 0 <= region.min_y < region.min_y + region.size_y <= 20
    assert region.shape[0] >= 1 and region.shape[1] >= 1
    assert region.fitted(rows=20, columns=30) == region


def test_a_region_that_lies_on_the_sensor_is_left_as_it_is():
    region = Region(3, 2, 5, 4, 2, 1)
    assert region.fitted(rows=6, columns=8) == region


def test_the_size_is_cut_at_the_edge_and_the_start_is_not_moved_for_it():
    assert Region(6, 0, 8, 6).fitted(rows=6, columns=8) == Region(6, 0, 2, 6)


@given(
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(2, 5),
    st.integers(2, 3),
    st.integers(1, 2),
    st.integers(1, 2),
    st.booleans(),
    st.booleans(),
)
def test_read_out_agrees_with_a_sum_pixel_by_pixel(x, y, w, h, bx, by, mirror_x, mirror_y):
    full = np.random.default_rng(0).integers(0, 200, (6, 8), dtype=np.uint8)
    region = Region(x, y, w, h, bx, by, mirror_x, mirror_y)
    frame = read_out(full, region, 255)
    assert frame.shape == region.shape
    for row in range(region.shape[0]):
        for column in range(region.shape[1]):
            total = 0
            for i in range(row * by, (row + 1) * by):
                for j in range(column * bx, (column + 1) * bx):
                    source_row = y + (h - 1 - i if mirror_y else i)
                    source_column = x + (w - 1 - j if mirror_x else j)
                    total += int(full[source_row, source_column])
            assert frame[row, column] == min(total, 255)


def test_binned_sums_are_clipped_at_the_converters_full_scale():
    full = np.full((4, 4), 3000, np.uint16)
    assert read_out(full, Region(0, 0, 4, 4, 2, 2), 4095).tolist() == [[4095, 4095]] * 2


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (12, np.uint16), (16, np.uint16)])
def test_a_frame_has_the_type_of_its_depth_and_cannot_be_written_to(bits, dtype):
    frame = shot(bits=bits)
    assert frame.dtype == dtype
    assert frame.tolist() == [[10 * row + column for column in range(8)] for row in range(6)]
    assert not frame.flags.writeable


def test_dark_frames_have_no_light():
    assert not shot(camera_dark=True).any()


@pytest.mark.parametrize(("bits", "full_scale"), [(8, 255), (12, 4095)])
def test_saturated_frames_are_at_full_scale(bits, full_scale):
    assert (shot(bits=bits, camera_saturate=True) == full_scale).all()


def test_a_frame_of_the_wrong_shape_is_half_of_the_region_each_way():
    assert shot(Region(0, 0, 8, 4), camera_wrong_shape=True).shape == (2, 4)


def test_flicker_scales_the_light_and_is_the_same_for_the_same_seed_and_frame():
    steady = shot().astype(float).sum()
    sums = [shot(index=index, camera_flicker=0.3).astype(float).sum() for index in range(40)]
    assert sums == [shot(index=i, camera_flicker=0.3).astype(float).sum() for i in range(40)]
    assert 0.15 < np.std(sums) / steady < 0.45


@given(st.integers(0, 1000))
def test_light_is_never_negative(index):
    assert flicker(2.0, seed=0, index=index) >= 0.0


class Liar(Ramp):
    def frame(self, position, **settings):
        return super().frame(position, **settings)[:3]


def test_a_scene_that_breaks_its_promise_is_named():
    exposure = Exposure(0.01, 0.0, 1.0, FULL)
    with pytest.raises(ValueError, match=r"shape \(3, 8\).*\(6, 8\)"):
        take(Liar(), 0.0, exposure, Faults(), bits=8, index=0, seed=0)


def test_a_scene_may_hand_out_the_same_array_again_and_again():
    class Static(Ramp):
        kept = Ramp().frame(0.0, exposure_s=1, gain=1, bits=8, index=0)

        def frame(self, position, **settings):
            return self.kept

    exposure = Exposure(0.01, 0.0, 1.0, FULL)
    frame = take(Static(), 0.0, exposure, Faults(), bits=8, index=0, seed=0)
    Static.kept[:] = 0
    assert frame.any()
