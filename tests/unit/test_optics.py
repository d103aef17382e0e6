"""Optics: transfer functions against direct pupil integrals, and the sharpness curve."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import roots_legendre

from bluesky_autofocus.errors import OpticsError
from bluesky_autofocus.optics import (
    Optics,
    defocused_otf,
    in_focus_otf,
    optics_of_sampling,
    pixel_mtf,
    sharpness_curve,
)

STATION = {
    "numerical_aperture": 0.30,
    "wavelength_um": 0.55,
    "magnification": 10.0,
    "pixel_um": 3.45,
}


@cache
def nodes(count: int) -> tuple[np.ndarray, np.ndarray]:
    x, w = roots_legendre(count)
    return np.asarray(x), np.asarray(w)


def pupil_integral(s: float, waves: float) -> complex:
    """Autocorrelate the pupil function in two dimensions, with the phase of both copies."""
    t, w = nodes(900)
    half_width = 1 - s / 2
    x = half_width * t
    height = np.sqrt(np.maximum(1 - (np.abs(x) + s / 2) ** 2, 0))
    ty, wy = nodes(24)
    y = height[:, None] * ty
    ahead = waves * ((x[:, None] + s / 2) ** 2 + y**2)
    behind = waves * ((x[:, None] - s / 2) ** 2 + y**2)
    product = np.exp(2j * np.pi * ahead) * np.conj(np.exp(2j * np.pi * behind))
    return complex((w * half_width) @ ((product @ wy) * height)) / math.pi


@pytest.mark.parametrize("waves", [0.0, 0.1, 0.25, 0.5, 1.0, 2.3, 7.0, 20.0, 60.0])
def test_defocused_otf_is_the_pupil_integral(waves: float) -> None:
    s = np.concatenate([np.linspace(0.001, 0.06, 8), np.linspace(0.1, 1.99, 12)])
    direct = np.asarray([pupil_integral(value, waves) for value in s], dtype=complex)
    assert np.abs(np.imag(direct)).max() < 1e-6
    assert np.abs(defocused_otf(s, waves) - np.real(direct)).max() < 1e-6


def test_defocused_otf_falls_back_to_the_ideal_one() -> None:
    s = np.linspace(0, 2.5, 101)
    assert np.allclose(defocused_otf(s, 0.0), in_focus_otf(s), atol=1e-9)
    assert np.allclose(defocused_otf(s, 1e-9), in_focus_otf(s), atol=1e-9)


def test_otf_keeps_the_mean_is_even_and_ends_at_the_cutoff() -> None:
    assert np.allclose(defocused_otf(0.0, [0, 1, 200]), 1)
    assert np.allclose(defocused_otf([2.0, 3.0], 5.0), 0)
    assert defocused_otf(-0.3, 4.0) == defocused_otf(0.3, -4.0)


def test_otf_broadcasts() -> None:
    table = defocused_otf(np.linspace(0, 2, 7)[:, None], [0.0, 1.0, 30.0])
    assert table.shape == (7, 3)
    assert table[3, 2] == pytest.approx(float(defocused_otf(1.0, 30.0)), abs=1e-9)


def test_pixel_mtf() -> None:
    assert np.allclose(pixel_mtf([0, 0.5, 1]), [1, 2 / math.pi, 0])


def test_numbers_of_the_default_station() -> None:
    optics = Optics(**STATION)
    assert optics.sample_pixel_um == pytest.approx(0.345)
    assert optics.depth_of_field_um == pytest.approx(0.55 / 0.09 + 0.345 / 0.3)
    assert optics.sampling_q == pytest.approx(0.345 / (0.55 / 1.2))
    assert optics.cutoff_per_um == pytest.approx(0.6 / 0.55)


def test_defocus_converts_both_ways_and_to_waves() -> None:
    optics = Optics(0.8, 0.6, 40, 6.5, 1.33)
    u = np.linspace(-100, 100, 9)
    z = optics.defocus_um(u)
    assert np.allclose(optics.defocus_dof(z), u)
    assert np.allclose(optics.defocus_waves(u), z * 0.8**2 / (2 * 1.33 * 0.6))


@pytest.mark.parametrize("q", [0.6, 0.7527, 1.0, 2.0, 3.0])
def test_sharpness_round_trip(q: float) -> None:
    curve = sharpness_curve(q)
    u = np.geomspace(0.5, 100, 3001)
    sharpness = curve.sharpness(u)
    assert np.all(np.diff(sharpness) < 0)
    assert np.abs(curve.distance_dof(sharpness) / u - 1).max() < 1e-3


def test_sharpness_is_one_in_the_depth_of_field_and_zero_at_the_end() -> None:
    optics = Optics(**STATION)
    assert np.all(optics.sharpness(np.linspace(-0.5, 0.5, 11)) == 1)
    assert optics.sharpness(0.51) < 1
    assert np.all(optics.sharpness([100.0, -100.0, 1e9]) == pytest.approx(0, abs=1e-12))
    assert np.allclose(optics.distance_dof([1.0, 2.0, 0.0, -1.0]), [0.5, 0.5, 100, 100])


@pytest.mark.parametrize("q", [0.6, 1.0, 2.5])
@pytest.mark.parametrize("u", [0.5, 3.0])
def test_energy_is_what_survives_on_the_frequency_grid_of_a_frame(q: float, u: float) -> None:
    f = np.fft.fftfreq(144)
    fx, fy = np.meshgrid(f, f)
    s = np.hypot(fx, fy) * 4 / q
    pixel = pixel_mtf(fx) * pixel_mtf(fy)

    def energy(u_dof: float) -> float:
        return float(np.sum((defocused_otf(s, u_dof * (0.5 + q / 8)) * pixel) ** 2))

    assert sharpness_curve(q).energy(u) == pytest.approx(energy(u) / energy(0), rel=5e-3)


def test_one_percent_of_sharpness_is_some_five_percent_of_distance() -> None:
    curve = sharpness_curve(1.0)
    u = np.array([1.0, 3.0, 10.0, 30.0, 80.0])
    ratio = curve.distance_dof(curve.sharpness(u) - 0.01) / u
    assert np.all((ratio > 1.03) & (ratio < 1.07))


@pytest.mark.parametrize("name", [*STATION, "refractive_index"])
@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, -1.0, "0.5", None, True, 1e9])
def test_each_parameter_is_checked(name: str, value: object) -> None:
    with pytest.raises(OpticsError, match=rf"{name} is .+\. (Give|The|Lower)"):
        Optics(**{**STATION, name: value})  # pyright: ignore[reportArgumentType]


def test_aperture_must_fit_the_medium() -> None:
    with pytest.raises(OpticsError, match=r"1\.2; it must be below the refractive index 1"):
        Optics(1.2, 0.55, 60, 6.5)
    assert Optics(1.2, 0.55, 60, 6.5, 1.33).depth_of_field_um < 1
    with pytest.raises(OpticsError, match="no medium has less than 1"):
        Optics(0.3, 0.55, 10, 3.45, 0.9)


def test_wavelength_in_nanometres_is_refused() -> None:
    with pytest.raises(OpticsError, match="in µm, such as 0.55"):
        Optics(0.3, 550, 10, 3.45)


@given(
    na=st.floats(0.02, 0.95),
    wavelength=st.floats(0.2, 2),
    magnification=st.floats(1, 100),
    u=st.floats(-100, 100),
)
def test_blur_depends_on_distance_in_dof_and_sampling_alone(
    na: float, wavelength: float, magnification: float, u: float
) -> None:
    optics = Optics(na, wavelength, magnification, 5.0)
    waves = float(optics.defocus_um(u)) * na**2 / (2 * wavelength)
    assert float(optics.defocus_waves(u)) == pytest.approx(waves, rel=1e-9, abs=1e-12)
    assert waves == pytest.approx(u * (4 + optics.sampling_q) / 8, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("q", [0.5, 1.0, 3.0])
def test_optics_of_a_sampling_have_it(q):
    assert optics_of_sampling(q).sampling_q == pytest.approx(q)


def test_optics_that_nobody_samples_so_are_refused():
    with pytest.raises(OpticsError, match="pixel_um"):
        optics_of_sampling(0.0)
