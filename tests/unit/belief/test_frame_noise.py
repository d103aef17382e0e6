"""Noise that a colour camera smooths: what the belief makes of it, on rendered frames."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import convolve

from bluesky_autofocus.belief import (
    MOST_MISFIT,
    FocusBelief,
    Observation,
    SpectrumLayout,
    frame_spectrum,
)
from bluesky_autofocus.belief.frame_noise import coloured_noise, white_noise
from bluesky_autofocus.belief.spectral_ratio import RatioTerm, explanation
from bluesky_autofocus.belief.transfer_table import transfer_table
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.3, 0.5, 10.0, 4.0)
Q = OPTICS.sampling_q
LEVEL = np.float32(0.2)
FAR_DOF, BROAD = 8.0, 0.75
LUMA = (0.299, 0.587, 0.114)
# Weights with which bilinear interpolation fills a channel that one pixel in four or two has.
QUARTER = np.outer([1, 2, 1], [1, 2, 1]) / 4
HALF = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4


def grey(frame: NDArray[np.unsignedinteger]) -> NDArray[np.float64]:
    """Luma of what a colour camera with an RGGB mosaic makes of grey light."""
    rows, cols = np.indices(frame.shape) % 2
    masks = ((rows + cols == 0), (rows + cols == 1), (rows + cols == 2))
    planes = [
        convolve(frame * mask.astype(float), kernel, mode="wrap")
        for mask, kernel in zip(masks, (QUARTER, HALF, QUARTER), strict=True)
    ]
    return np.tensordot(LUMA, planes, axes=1)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(procedural_object("grain", (640, 640), seed=3), OPTICS, frame_shape=(512, 512))


def frame(renderer: Renderer, u_dof: float, *, colour: bool) -> NDArray[np.number]:
    taken = expose(renderer.image(u_dof) * LEVEL, Sensor(bits=12), seed=round(abs(u_dof) * 10))
    return grey(taken) if colour else taken


def observation(pixels: NDArray[np.number]) -> Observation:
    """Without a word of the estimator."""
    return Observation(sharpness=0.5, spectrum=frame_spectrum(pixels), sampling_q=Q)


def believed(renderer: Renderer, positions: tuple[float, ...], *, colour: bool) -> FocusBelief:
    belief = FocusBelief(-50.0, 50.0)
    for position in positions:
        belief = belief.ingest(position, observation(frame(renderer, position, colour=colour)))
    return belief


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("positions", [(-15.0, 0.5, 3.0), (30.0, -6.0, 1.0)])
def test_frames_of_either_camera_agree_on_where_focus_is(
    renderer: Renderer, positions: tuple[float, ...], colour: bool
) -> None:
    belief = believed(renderer, positions, colour=colour)
    assert abs(belief.posterior.best_dof) < 0.5
    assert belief.misfit(belief.posterior.best_dof) < MOST_MISFIT


@pytest.mark.parametrize("colour", [False, True])
def test_the_likelier_noise_is_that_of_the_camera(renderer: Renderer, colour: bool) -> None:
    positions = (-20.0, 2.0, 0.0)
    spectra = [frame_spectrum(frame(renderer, c, colour=colour)) for c in positions]
    transfer = transfer_table(spectra[0].layout, Q).power(np.array(positions))[:, None]
    terms = [RatioTerm(s, t) for s, t in zip(spectra, transfer, strict=True)]
    power = explanation(terms).noise.power
    assert bool(np.ptp(power) > power.min()) is colour


def test_power_is_told_from_smoothed_noise(renderer: Renderer) -> None:
    belief = believed(renderer, (-FAR_DOF, FAR_DOF, -3 * FAR_DOF, 0.0), colour=True)
    blurred, sharp = belief.frames[0], belief.frames[-1]
    assert blurred.observation.spectrum.signal_share() > BROAD
    assert belief.signal_share(blurred, 0.0) < BROAD < belief.signal_share(sharp, 0.0)


def test_smoothed_noise_falls_with_frequency_as_it_does_in_an_empty_frame() -> None:
    light = np.full((512, 512), LEVEL, dtype=np.float32)
    spectrum = frame_spectrum(grey(expose(light, Sensor(bits=12), seed=1)))
    noise = coloured_noise([spectrum])
    assert noise is not None
    told = (spectrum.layout.modes > 100) & (spectrum.layout.high_per_px < 0.45)
    assert np.abs(np.log(noise.power / spectrum.power)[told]).max() < 0.7
    assert noise.power[told][0] > 4 * noise.power[told][-1]


def test_white_noise_is_not_taken_for_smoothed_noise() -> None:
    light = np.full((512, 512), LEVEL, dtype=np.float32)
    spectrum = frame_spectrum(expose(light, Sensor(), seed=1))
    assert coloured_noise([spectrum]) is None
    assert np.ptp(white_noise([spectrum]).power) == 0
    assert spectrum.layout == SpectrumLayout(512, 512)
