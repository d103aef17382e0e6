"""Objects: families, bundled images, image files, periodic borders."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.imaging import (
    BUNDLED,
    FAMILIES,
    bundled_object,
    image_object,
    luma,
    periodic_component,
    procedural_object,
    radiance,
    read_image,
)
from bluesky_autofocus.imaging.textures.regions import voronoi

SHAPE = (128, 160)


def border_step(image: np.ndarray) -> float:
    """Largest ratio of the step over the border to the usual step between neighbours."""
    ratios = []
    for axis in (0, 1):
        steps = np.abs(np.diff(image, axis=axis, append=image.take([0], axis=axis))).astype(float)
        inner = np.delete(steps, -1, axis=axis).mean()
        ratios.append(steps.take(-1, axis=axis).mean() / inner)
    return max(ratios)


@pytest.mark.parametrize("family", FAMILIES)
def test_family_is_a_usable_object(family: str) -> None:
    texture = procedural_object(family, SHAPE, seed=1)
    assert texture.shape == SHAPE and texture.dtype == np.float32
    assert texture.mean() == pytest.approx(1, rel=1e-4)
    assert texture.min() >= 0 and texture.max() <= 2.2001
    assert texture.std() > 0.02
    assert np.array_equal(texture, procedural_object(family, SHAPE, seed=1))
    assert not np.array_equal(texture, procedural_object(family, SHAPE, seed=2))


@pytest.mark.parametrize("family", FAMILIES)
def test_family_has_no_seam(family: str) -> None:
    objects = np.array([procedural_object(family, SHAPE, seed=seed) for seed in range(16)])
    for axis in (1, 2):
        steps = np.abs(np.diff(objects, axis=axis, append=objects.take([0], axis=axis)))
        profile = steps.mean(axis=(0, 3 - axis))
        # Over many seeds the step from the last line to the first is as any other.
        assert profile[-1] < 1.3 * profile[:-1].max()


def test_regions_go_on_across_the_border() -> None:
    ratios = []
    for seed in range(12):
        _, index, _ = voronoi(np.random.default_rng(seed), (96, 96), 30.0)
        ratios.append((index[0] != index[-1]).mean() / (index[1:] != index[:-1]).mean())
    assert np.mean(ratios) < 1.5


def test_families_differ() -> None:
    assert len(FAMILIES) >= 12
    spectra = {}
    for family in FAMILIES:
        texture = procedural_object(family, (256, 256), seed=3)
        values = np.quantile(texture, np.linspace(0.02, 0.98, 25))
        power = np.abs(np.fft.rfft2(texture)) ** 2
        f = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256))
        bands = [power[(f >= a) & (f < 1.6 * a)].mean() for a in 0.008 * 1.6 ** np.arange(8)]
        spectra[family] = np.concatenate([values * 4, np.log(bands)])
    for one, other in combinations(FAMILIES, 2):
        assert np.abs(spectra[one] - spectra[other]).max() > 0.3, (one, other)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_image_is_a_usable_object(name: str) -> None:
    image = bundled_object(name, SHAPE)
    assert image.shape == SHAPE
    assert image.mean() == pytest.approx(1, rel=1e-4)
    assert image.min() >= 0 and image.max() <= 2.2001 and image.std() > 0.02
    assert border_step(image) < 2.5


def test_contrast_scales_the_deviations() -> None:
    full = procedural_object("grain", SHAPE, seed=1)
    faint = procedural_object("grain", SHAPE, seed=1, contrast=0.1)
    assert np.allclose(faint - 1, 0.1 * (full - 1), atol=1e-6)
    assert np.all(procedural_object("grain", SHAPE, seed=1, contrast=0) == 1)


def test_periodic_component_closes_the_borders_and_keeps_the_detail() -> None:
    rng = np.random.default_rng(0)
    ramp = np.add.outer(np.arange(64.0), 2 * np.arange(80.0)) + rng.standard_normal((64, 80))
    closed = periodic_component(ramp)
    assert border_step(ramp) > 20 and border_step(closed) < 2
    assert closed.mean() == pytest.approx(ramp.mean())
    smooth = ramp - closed
    laplacian = sum(np.roll(smooth, k, axis) for k in (1, -1) for axis in (0, 1)) - 4 * smooth
    assert np.abs(laplacian[1:-1, 1:-1]).max() < 1e-9 * np.ptp(ramp)


def test_periodic_image_is_left_alone() -> None:
    y, x = np.mgrid[:64, :64] * 2 * np.pi / 64
    image = 2 + np.cos(31 * x) * np.cos(31 * y)
    image[0] = image[-1]
    image[:, 0] = image[:, -1]
    assert np.allclose(periodic_component(image), image)


@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        ("grey8.png", np.arange(64 * 48, dtype=np.uint16).reshape(48, 64).astype(np.uint8)),
        ("grey16.png", (np.arange(64 * 48, dtype=np.uint16) * 21).reshape(48, 64)),
        ("grey16.tif", (np.arange(64 * 48, dtype=np.uint16) * 21).reshape(48, 64)),
    ],
)
def test_grey_files_keep_every_value(tmp_path: Path, name: str, pixels: np.ndarray) -> None:
    path = tmp_path / name
    if path.suffix == ".tif":
        tifffile.imwrite(path, pixels)
    else:
        Image.fromarray(pixels).save(path)
    read = read_image(path)
    assert read.dtype == pixels.dtype
    assert np.array_equal(read, pixels)


def test_colour_becomes_rec_601_luma(tmp_path: Path) -> None:
    pixels = np.zeros((40, 40, 3), dtype=np.uint8)
    pixels[:10, :, 0] = pixels[10:20, :, 1] = pixels[20:30, :, 2] = 255
    pixels[30:] = 255
    Image.fromarray(pixels).save(tmp_path / "colour.png")
    grey = read_image(tmp_path / "colour.png")
    assert grey[::10, 0].tolist() == [76, 150, 29, 255]
    tifffile.imwrite(tmp_path / "colour.tif", pixels.astype(np.uint16) * 257, photometric="rgb")
    grey = read_image(tmp_path / "colour.tif")
    assert grey.dtype == np.uint16
    assert grey[::10, 0].tolist() == [19595, 38469, 7471, 65535]
    Image.fromarray(pixels).convert("P").save(tmp_path / "palette.png")
    assert np.array_equal(read_image(tmp_path / "palette.png")[30:], np.full((10, 40), 255))


def test_luma_of_other_shapes() -> None:
    assert luma(np.ones((4, 5), dtype=bool)).max() == 255
    assert luma(np.full((4, 5, 2), 7, dtype=np.uint8)).shape == (4, 5)
    with pytest.raises(ValueError, match="neither a grey nor a colour image"):
        luma(np.ones((2, 4, 5, 3)))


def test_image_is_cut_or_continued_about_its_centre() -> None:
    pixels = np.random.default_rng(1).random((100, 100)) + 1
    cut = image_object(pixels, (64, 64))
    inner, cut_inner = pixels[40:60, 40:60], cut[22:42, 22:42]
    assert np.corrcoef(inner.ravel(), cut_inner.ravel())[0, 1] > 0.95
    assert image_object(pixels, (128, 256)).shape == (128, 256)


def test_bad_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="no family 'moss'. Give one of: noise_fine"):
        procedural_object("moss", SHAPE, seed=0)
    with pytest.raises(SceneError, match="no bundled image 'moss'"):
        bundled_object("moss", SHAPE)
    with pytest.raises(SceneError, match="at least 32 rows"):
        procedural_object("grain", (16, 64), seed=0)
    with pytest.raises(SceneError, match=r"absent\.png cannot be read"):
        image_object(tmp_path / "absent.png", SHAPE)
    (tmp_path / "text.tif").write_text("no image")
    with pytest.raises(SceneError, match=r"text\.tif cannot be read"):
        image_object(tmp_path / "text.tif", SHAPE)
    with pytest.raises(SceneError, match=r"mean of the object is 0\.0"):
        radiance(np.zeros((64, 64)))
    with pytest.raises(SceneError, match="contrast is 2"):
        radiance(np.ones((64, 64)), contrast=2)
