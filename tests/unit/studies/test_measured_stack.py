"""From frames and positions to what is said of each plane."""

from dataclasses import replace

import numpy as np
import pytest

from bluesky_autofocus.errors import CalibrationError, StudyError
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.estimator.end_to_end import EndToEndDistance
from bluesky_autofocus.imaging import Illumination, Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.studies import CLASSICAL_PEAK, SIMULATED_FOCUS, StackSource, measure_stack

OPTICS = Optics(numerical_aperture=0.30, wavelength_um=0.55, magnification=10.0, pixel_um=3.45)
DOF_UM, FOCUS_UM = OPTICS.depth_of_field_um, 120.0
U_DOF = (4.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 8.0, -8.0)


@pytest.fixture(scope="module")
def planes():
    renderer = Renderer(procedural_object("grain", (192, 192), seed=1), OPTICS)
    light = Illumination().field((192, 192))
    return [
        (FOCUS_UM + u * DOF_UM, expose(renderer.image(u) * light, Sensor(), seed=k))
        for k, u in enumerate(U_DOF)
    ]


@pytest.fixture(scope="module")
def estimator():
    return SharpnessEstimator(OPTICS, full_scale=255.0)


SOURCE = StackSource("grain", "normal", "um", DOF_UM, OPTICS, FOCUS_UM, SIMULATED_FOCUS, True)


def test_planes_are_sorted_and_held_against_the_known_focus(planes, estimator):
    stack = measure_stack(planes, SOURCE, estimator, EndToEndDistance(OPTICS))
    assert stack.u_dof == pytest.approx(sorted(U_DOF))
    assert stack.name == "grain, normal"
    assert abs(stack.u_dof[np.argmax(stack.squared_gradient)]) <= 1
    assert stack.sharpness == pytest.approx(stack.true_sharpness, abs=0.1)
    assert np.isfinite(stack.end_to_end_dof).all()


def test_without_a_known_focus_the_classical_peak_is_the_truth(planes, estimator):
    source = replace(SOURCE, focus=None, truth=CLASSICAL_PEAK)
    stack = measure_stack(planes, source, estimator)
    assert stack.source.focus == pytest.approx(FOCUS_UM, abs=0.5 * DOF_UM)
    assert np.isnan(stack.end_to_end_dof).all()


def test_what_has_no_focus_or_no_planes_is_refused(planes, estimator):
    source = replace(SOURCE, focus=None)
    with pytest.raises(CalibrationError, match="at least 7"):
        measure_stack(planes[:4], source, estimator)
    with pytest.raises(StudyError, match="has no plane"):
        measure_stack([], source, estimator)


def test_a_frame_of_one_grey_level_has_no_end_to_end_distance(estimator):
    flat = [(FOCUS_UM, np.full((128, 128), 90, np.uint8))]
    stack = measure_stack(flat, SOURCE, estimator, EndToEndDistance(OPTICS))
    assert np.isnan(stack.end_to_end_dof).all() and not stack.good.any()
