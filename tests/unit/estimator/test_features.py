import numpy as np
import pytest
import torch

from bluesky_autofocus.estimator.features import SUMMARY_SIZE, map_features, summary_features
from bluesky_autofocus.estimator.pyramid import (
    LEVELS,
    STRIDES_PX,
    cell_centres,
    cut_tiles,
    even_runs,
    level_grid,
    reduced_levels,
)
from bluesky_autofocus.estimator.spectra import BANDS, RINGS, TILE, tile_power

NOISE = np.random.default_rng(0).normal(1000, 50, (640, 768)).astype(np.float32)


def test_white_noise_has_its_relative_variance_in_every_ring():
    tiles = torch.from_numpy(np.random.default_rng(1).normal(10, 2, (4000, TILE, TILE))).float()
    power = tile_power(tiles)
    assert power.shape == (4000, BANDS)
    rings = power[:, :RINGS].mean(0).numpy()
    # The first ring loses what the mean of the tile takes with it.
    assert rings[1:] == pytest.approx(np.full(RINGS - 1, 0.04), rel=0.03)
    assert rings[0] == pytest.approx(0.037, rel=0.03)


def test_a_wave_lies_in_the_ring_of_its_radius_and_in_one_direction():
    x = np.arange(TILE)
    wave = 1 + 0.1 * np.sin(2 * np.pi * 10 * x / TILE)
    power = tile_power(torch.from_numpy(np.tile(wave, (TILE, 1))[None]).float())
    assert int(power[0, :RINGS].argmax()) == 9
    strongest, weakest = power[0, RINGS + 8], power[0, RINGS + 11]
    assert strongest > 1000 * weakest


@pytest.mark.parametrize("factor", [0.1, 3.0])
def test_features_do_not_depend_on_the_light(factor):
    one, other = summary_features(NOISE), summary_features(NOISE * np.float32(factor))
    assert one.numpy() == pytest.approx(other.numpy(), abs=3e-3)
    for a, b in zip(map_features(NOISE).levels, map_features(NOISE * factor).levels, strict=True):
        assert a.numpy() == pytest.approx(b.numpy(), abs=3e-3)


def test_features_are_the_same_bit_for_bit():
    assert torch.equal(summary_features(NOISE), summary_features(NOISE.copy()))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float64, ">u2"])
def test_the_type_of_the_frame_does_not_matter(dtype):
    frame = (NOISE / 8).astype(np.uint8)
    assert torch.equal(summary_features(frame), summary_features(frame.astype(dtype)))


def test_a_frame_that_is_not_contiguous_gives_the_same():
    frame = np.ascontiguousarray(NOISE)
    assert torch.equal(summary_features(frame), summary_features(np.asfortranarray(frame)))


@pytest.mark.parametrize("shape", [(64, 64), (65, 129), (200, 4000), (1025, 1111)])
def test_every_size_gives_the_cells_it_has_room_for(shape):
    frame = np.resize(NOISE, shape)
    assert summary_features(frame).shape == (SUMMARY_SIZE,)
    levels = map_features(frame).levels
    assert len(levels) == LEVELS
    for k, level in enumerate(levels):
        if min(shape) >> k >= TILE:
            assert level.shape[1:] == tuple(max(1, n // STRIDES_PX[k]) for n in shape)
        else:
            assert level.shape[1:].numel() == 0


@pytest.mark.parametrize("size", [64, 100, 512, 1200])
@pytest.mark.parametrize("level", range(LEVELS))
def test_tiles_lie_inside_the_level(size, level):
    first = level_grid(size, level, STRIDES_PX[level])
    if size >> level >= TILE:
        assert first.min() >= 0 and first.max() + TILE <= size >> level
        assert first.size == cell_centres(size, STRIDES_PX[level]).size
    else:
        assert first.size == 0


@pytest.mark.parametrize("size", [64, 100, 128, 333, 1200])
@pytest.mark.parametrize("level", range(3))
def test_a_row_of_tiles_is_what_lies_at_their_first_pixels(size, level):
    first = level_grid(size, level, STRIDES_PX[level])
    if not first.size:
        return
    strip = torch.arange(TILE * (size >> level)).reshape(TILE, -1).float()
    tiles = cut_tiles(strip, even_runs(first))
    assert tiles.shape == (first.size, TILE, TILE)
    for tile, at in zip(tiles, first, strict=True):
        assert torch.equal(tile, strip[:, at : at + TILE])


def test_reduced_levels_are_means_of_blocks():
    frame = NOISE[:301, :203]
    for k, level in enumerate(reduced_levels(frame, "cpu"), start=1):
        block = 1 << k
        # Each halving leaves out an odd last row or column.
        rows, cols = (n >> k for n in frame.shape)
        want = frame[: rows * block, : cols * block].reshape(rows, block, cols, block).mean((1, 3))
        assert level.numpy() == pytest.approx(want, rel=1e-5)
