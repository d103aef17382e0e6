"""Transfer table, single-frame and ratio likelihood against rendered frames and by themselves."""

import numpy as np
import pytest

from bluesky_autofocus.belief import SpectrumLayout, frame_spectrum
from bluesky_autofocus.belief.single_frame import BIAS_LOG_PRIOR, single_frame_log_likelihood
from bluesky_autofocus.belief.spectral_ratio import RatioTerm, change, ratio_log_likelihood
from bluesky_autofocus.belief.transfer_table import LARGEST_DOF, TransferTable, transfer_table
from bluesky_autofocus.estimator.distribution import BINS, GRID_Y
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics, defocused_otf, in_focus_otf
from bluesky_autofocus.optics.axis import to_y

OPTICS = Optics(0.3, 0.5, 10.0, 4.0)
Q = OPTICS.sampling_q
LAYOUT = SpectrumLayout(512, 512)
GRID = np.arange(-60, 60.01, 0.1)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    texture = procedural_object("grain", (640, 640), seed=3)
    return Renderer(texture, OPTICS, frame_shape=(512, 512))


def test_table_is_the_transfer_function_where_bands_are_narrow() -> None:
    middle = (LAYOUT.low_per_px + LAYOUT.high_per_px) / 2
    left = transfer_table(LAYOUT, Q).power(np.zeros(1))[0]
    fine = (middle > 0.02) & (4 * middle / Q < 1.7)
    np.testing.assert_allclose(left[fine], in_focus_otf(4 * middle[fine] / Q) ** 2, rtol=0.03)


def test_a_band_holds_what_leaks_from_its_neighbours() -> None:
    u = 50.0
    waves = float(OPTICS.defocus_waves(u))
    lowest = np.linspace(LAYOUT.low_per_px[0], LAYOUT.high_per_px[0], 50)
    alone = float(np.mean(defocused_otf(4 * lowest / Q, waves) ** 2))
    around = np.linspace(lowest[0] - LAYOUT.step_per_px[0], lowest[-1] + LAYOUT.step_per_px[0], 150)
    below, above = (
        float(np.mean(defocused_otf(4 * part / Q, waves) ** 2))
        for part in (around[:50], around[100:])
    )
    expected = (below + 4 * alone + above) / 6
    got = float(transfer_table(LAYOUT, Q).power(np.array([u]))[0, 0])
    assert got == pytest.approx(expected, rel=0.1)
    assert abs(alone / expected - 1) > 0.2


def test_table_is_alike_on_both_sides_and_falls() -> None:
    table = TransferTable(LAYOUT, Q)
    u = np.array([0.0, 0.5, 1.0, 3.0, 10.0, 50.0, 399.0, 1e6])
    left = table.power(u)
    np.testing.assert_array_equal(left, table.power(-u))
    assert np.all(np.diff(left[:7].sum(axis=1)) < 0)
    np.testing.assert_allclose(left[-1], table.power(np.array([LARGEST_DOF]))[0], rtol=1e-3)


@pytest.mark.parametrize("u", [1.0, 4.0, 15.0])
def test_table_agrees_with_rendered_frames(renderer: Renderer, u: float) -> None:
    sharp, blurred = (frame_spectrum(renderer.image(v)) for v in (0.0, u))
    left = transfer_table(LAYOUT, Q).power(np.array([0.0, u]))
    known = (left[1] > 1e-4) & (LAYOUT.modes > 20) & (left[0] > 0.01)
    ratio = np.log(blurred.power / sharp.power) - np.log(left[1] / left[0])
    assert np.count_nonzero(known) > 3
    assert np.abs(np.median(ratio[known])) < 0.1
    assert np.quantile(np.abs(ratio[known]), 0.9) < 0.6


@pytest.mark.parametrize("positions", [(-40.0, 3.0), (-20.0, -6.0), (8.0, -5.0, 1.0)])
def test_frames_agree_on_where_focus_is(renderer: Renderer, positions: tuple[float, ...]) -> None:
    frames = [
        expose(renderer.image(c) * np.float32(0.3), Sensor(), seed=k)
        for k, c in enumerate(positions)
    ]
    table = transfer_table(LAYOUT, Q)
    terms = [
        RatioTerm(frame_spectrum(f), table.power(c - GRID))
        for f, c in zip(frames, positions, strict=True)
    ]
    log = ratio_log_likelihood(terms)
    at_truth = log[np.argmin(np.abs(GRID))]
    assert log.max() - at_truth < 4
    assert np.mean(log > at_truth) < 0.15
    assert at_truth > -15 * (len(positions) - 1)


def test_one_frame_has_nothing_to_be_compared_with(renderer: Renderer) -> None:
    term = RatioTerm(frame_spectrum(renderer.image(3.0)), transfer_table(LAYOUT, Q).power(GRID))
    assert not ratio_log_likelihood([term]).any()
    assert ratio_log_likelihood([]).size == 0


def test_flicker_hardly_matters(renderer: Renderer) -> None:
    table = transfer_table(LAYOUT, Q)
    a, b = (frame_spectrum(renderer.image(c)) for c in (-10.0, 2.0))
    brighter = frame_spectrum(renderer.image(2.0) * np.float32(1.5))
    transfers = [table.power(c - GRID) for c in (-10.0, 2.0)]
    logs = [
        ratio_log_likelihood([RatioTerm(a, transfers[0]), RatioTerm(other, transfers[1])])
        for other in (b, brighter)
    ]
    np.testing.assert_allclose(logs[0], logs[1], atol=0.01)


def test_clipped_pixels_widen_the_likelihood(renderer: Renderer) -> None:
    table = transfer_table(LAYOUT, Q)
    spectra = [frame_spectrum(renderer.image(c)) for c in (-10.0, 2.0)]
    spread = []
    for clipped in (0.0, 0.3):
        terms = [
            RatioTerm(s, table.power(c - GRID), clipped if c == 2.0 else 0.0)
            for s, c in zip(spectra, (-10.0, 2.0), strict=True)
        ]
        log = ratio_log_likelihood(terms)
        spread.append(log.max() - np.median(log))
    assert spread[1] < 0.35 * spread[0]


def test_change_tells_noise_from_defocus(renderer: Renderer) -> None:
    def frame(u: float, seed: int):
        light = renderer.image(u) * np.float32(0.3)
        return frame_spectrum(expose(light, Sensor(), seed=seed))

    assert change(frame(3.0, 1), frame(3.0, 2)) < 1
    assert change(frame(0.0, 1), frame(0.5, 2)) > 4


def peaked(u: float, std: float = 0.1) -> np.ndarray:
    p = np.exp(-0.5 * ((GRID_Y - to_y(u)) / std) ** 2)
    return p / p.sum()


def test_one_frame_knows_the_distance_and_not_the_side() -> None:
    log = single_frame_log_likelihood(peaked(10.0), GRID)
    np.testing.assert_allclose(log, log[:, ::-1], atol=1e-9)
    unbiased = log[BIAS_LOG_PRIOR.size // 2]
    assert abs(abs(GRID[np.argmax(unbiased)]) - 10) < 0.5
    assert np.isfinite(log).all()


def test_a_texture_bias_moves_far_frames_more_than_near_ones() -> None:
    u = np.arange(0, 60, 0.05)

    def shift(distance: float) -> float:
        log = single_frame_log_likelihood(peaked(distance, 0.05), u)
        best = to_y(u[np.argmax(log, axis=1)])
        return float(best[0] - best[-1])

    assert shift(30.0) > 0.6
    assert 0 < shift(1.0) < 0.6 * shift(30.0)


@pytest.mark.parametrize("spoiled", [{"saturated_fraction": 0.2}, {"signal": False}])
def test_a_spoiled_frame_says_less(spoiled: dict) -> None:
    clean, poor = (single_frame_log_likelihood(peaked(10.0), GRID, **k) for k in ({}, spoiled))
    assert np.ptp(poor) < 0.7 * np.ptp(clean)


def test_an_estimate_that_says_nothing_prefers_nothing() -> None:
    log = single_frame_log_likelihood(np.full(BINS, 1 / BINS), GRID)
    assert np.ptp(log) < 1e-9
