"""What a calibration changes in a station file, and what it leaves."""

import pytest

from bluesky_autofocus.calibration import BlurRate, Calibration, ExposureAdvice, Play, Scatter
from bluesky_autofocus.cli.calibrate.changes import station_changes
from bluesky_autofocus.evaluation import Sampling
from devices.station_file import StationSettings

OPTICS = {"numerical_aperture": 0.3, "wavelength_um": 0.55, "magnification": 10, "pixel_um": 3.45}


def changes(*, optics=None, faster=1.0, **found):
    scale = {"depth_of_field": 20.0} if optics is None else {"optics": optics}
    settings = StationSettings.model_validate(
        {
            "name": "s",
            "stage": {"prefix": "m1"},
            "camera": {"prefix": "c:", "exposure_s": 0.1},
            "approach": {"backlash": 2.0},
            **scale,
        }
    )
    rate = 2 * 0.3 / 0.345 * faster
    calibration = Calibration(
        **{
            "unit": "um",
            "frames": 89,
            "peak": 0.0,
            "blur_rate": BlurRate(0.0, 0.1, 10 / rate, 0.05, Sampling(1.0, 1)),
            "play": Play(0.0, 0.1),
            "scatter": Scatter(0.1, 0.02, 0.0, 0.0, 0.1),
            "exposure": ExposureAdvice(1.0, 0.6, 0.0),
            **found,
        }
    )
    rows = station_changes(settings, calibration)
    return {row.key: row.new for row in rows if row.changes}, rows


def test_optics_that_agree_are_left():
    assert changes(optics=OPTICS)[0] == {}


def test_optics_that_disagree_get_another_aperture_for_the_same_pixel():
    new, _ = changes(optics=OPTICS, faster=1.6)
    assert new["optics.numerical_aperture"] == pytest.approx(0.48)
    assert new["optics.magnification"] == 1 and new["optics.pixel_um"] == pytest.approx(0.345)


def test_unknown_optics_take_the_place_of_the_depth_of_field():
    new, _ = changes()
    assert new["depth_of_field"] is None
    assert 0 < (new["optics.numerical_aperture"] or 0) < 1


def test_what_cannot_be_told_is_left_and_said():
    new, rows = changes(blur_rate="too dark", play="one direction", scatter="no repeats")
    assert new == {}
    assert {"too dark", "one direction", "no repeats"} <= {row.note for row in rows}


def test_a_unit_that_is_no_length_leaves_the_optics():
    new, rows = changes(unit="steps")
    assert not any(key.startswith("optics") for key in new)
    assert any("steps" in row.note for row in rows)


def test_play_noise_and_exposure():
    new, _ = changes(
        optics=OPTICS,
        play=Play(5.0, 0.1),
        scatter=Scatter(0.1, 0.02, 1.0, 0.0, 0.1),
        exposure=ExposureAdvice(0.5, 1.0, 0.1),
    )
    assert new["approach.backlash"] == pytest.approx(5.3)
    assert new["stage.position_tolerance"] == pytest.approx(4.0)
    assert new["camera.exposure_s"] == pytest.approx(0.05)
