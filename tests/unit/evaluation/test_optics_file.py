"""Optics files: each way to write one, and each way in which one can be wrong."""

from pathlib import Path

import pytest

from bluesky_autofocus.errors import OpticsError
from bluesky_autofocus.evaluation import read_optics_file
from bluesky_autofocus.optics import Optics

STATION = Path(__file__).parents[3] / "profile" / "station.yml"
PIXEL = "numerical_aperture: 0.45\nwavelength_um: 0.55\n"


def read(tmp_path, text):
    path = tmp_path / "optics.yml"
    path.write_text(text)
    return read_optics_file(path)


def test_sensor_pixel_and_magnification(tmp_path):
    optics = read(tmp_path, PIXEL + "magnification: 20\npixel_um: 5.72\nrefractive_index: 1.33\n")
    assert optics == Optics(0.45, 0.55, magnification=20, pixel_um=5.72, refractive_index=1.33)


def test_pixel_on_the_sample(tmp_path):
    optics = read(tmp_path, PIXEL + "sample_pixel_um: 0.286\n")
    assert optics.sample_pixel_um == 0.286
    assert optics.depth_of_field_um == pytest.approx(3.35, abs=0.01)


def test_station_file():
    assert read_optics_file(STATION) == Optics(0.3, 0.55, magnification=10, pixel_um=3.45)


def test_only_the_optics_of_a_station_file_are_read(tmp_path):
    optics = read(tmp_path, "name: x\nstage: 7\noptics: {numerical_aperture: 0.45, "
                  "wavelength_um: 0.55, sample_pixel_um: 0.286}\n")  # fmt: skip
    assert optics.sample_pixel_um == 0.286


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PIXEL, ("magnification and pixel_um, or sample_pixel_um",)),
        (PIXEL + "magnification: 20\n", ("magnification and pixel_um, or sample_pixel_um",)),
        (
            PIXEL + "magnification: 20\npixel_um: 5\nsample_pixel_um: 0.3\n",
            ("magnification and pixel_um, or sample_pixel_um",),
        ),
        (PIXEL + "sample_pixel_um: -1\n", ("sample_pixel_um", "greater than 0", "-1")),
        (PIXEL + "sample_pixel_um: .inf\n", ("sample_pixel_um", "finite", "inf")),
        (PIXEL + "sample_pixel_um: 0.3 um\n", ("sample_pixel_um", "'0.3 um'")),
        (PIXEL + "sample_pixel_um: yes\n", ("sample_pixel_um", "True")),
        (PIXEL + "sample_pixel_um: 0.3\nNA: 0.4\n", ("NA", "0.4", "Its keys are numerical_ap")),
        ("wavelength_um: 0.55\nsample_pixel_um: 0.3\n", ("numerical_aperture", "required")),
        (
            "numerical_aperture: 1.2\nwavelength_um: 0.55\nsample_pixel_um: 0.1\n",
            ("numerical_aperture is 1.2", "below the refractive index 1", "immersion"),
        ),
        (
            "numerical_aperture: 0.45\nwavelength_um: 550\nsample_pixel_um: 0.1\n",
            ("wavelength_um is 550", "at most 30", "in µm"),
        ),
        ("optics: {numerical_aperture: 9}\n", ("optics.wavelength_um", "required")),
        ("optics:\n", ("NoneType", "Give the keys")),
        ("- 1\n- 2\n", ("list", "Give the keys")),
        ("", ("NoneType", "Give the keys")),
        ("a: [1\n", ("not valid YAML", "line")),
    ],
)
def test_wrong_file_is_told_with_key_value_and_limit(tmp_path, text, said):
    with pytest.raises(OpticsError) as error:
        read(tmp_path, text)
    for part in ("optics.yml", *said):
        assert part in str(error.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_file_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "optics.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OpticsError, match=r"optics\.yml cannot be read"):
        read_optics_file(path)
