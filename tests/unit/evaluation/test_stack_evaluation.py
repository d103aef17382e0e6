"""From estimates to what they say about a stack."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from bluesky_autofocus.evaluation import Place, Sampling, evaluate_planes
from bluesky_autofocus.measures import MEASURES

Z = np.linspace(-20, 20, 21)
DOF = 4.0
FOCUS = 1.3


@pytest.fixture
def evaluate(make_stack, readings, hand_made):
    """Evaluate a stack with these distances (depths of field) and some invalid planes."""

    def run(distances, *, z=Z, focus=FOCUS, unit="um", invalid=(), **options):
        estimates = [
            hand_made(d, 0.1 * d + 0.05, "no_texture" if index in invalid else "good")
            for index, d in enumerate(distances)
        ]
        stack = make_stack(z.tolist(), focus=focus, unit=unit)
        return evaluate_planes(stack, readings(z.tolist(), estimates, focus=focus), **options)

    return run


def true(z=Z, focus=FOCUS):
    return np.abs(z - focus) / DOF


def test_exact_estimates_against_a_given_focus(evaluate):
    found = evaluate(true(), depth_of_field=DOF, reference=FOCUS)
    assert found.name == "sample/sweep"
    assert (found.reference.z, found.reference.source) == (FOCUS, "given")
    assert (found.scale.value, found.scale.fitted, found.scale.known) == (DOF, False, DOF)
    assert found.focus is not None
    assert found.focus.z == pytest.approx(FOCUS, abs=0.05)
    assert found.focus.error == pytest.approx(found.focus.z - FOCUS)
    assert found.focus.error_dof == pytest.approx(found.focus.error / DOF)
    assert found.focus.place is Place.INSIDE
    assert found.rho == pytest.approx(1)
    assert found.relative_error == pytest.approx(0, abs=1e-9)
    assert found.far_planes == np.count_nonzero(true() > 0.5)
    assert found.valid_planes == 21
    assert found.notes == ()


def test_relative_error_is_the_median_outside_the_depth_of_field(evaluate):
    errors = np.where(true() > 0.5, np.linspace(-0.5, 0.3, Z.size), 9.0)
    found = evaluate(true() * (1 + errors), depth_of_field=DOF, reference=FOCUS)
    assert found.relative_error == pytest.approx(np.median(np.abs(errors[true() > 0.5])))
    assert 0 < found.far_planes < Z.size


def test_ranks_are_those_of_all_planes_and_of_the_valid_ones(evaluate):
    distances = true()
    distances[[3, 17]] = 0.01
    found = evaluate(distances, invalid=(3, 17), depth_of_field=DOF, reference=FOCUS)
    assert found.rho == pytest.approx(spearmanr(distances, np.abs(Z - FOCUS))[0])
    assert found.rho < 0.9
    assert found.rho_valid == pytest.approx(1)
    assert found.valid_planes == 19
    assert found.far_planes_valid == found.far_planes - 2
    assert found.relative_error_valid == pytest.approx(0, abs=1e-9)
    (note,) = found.notes
    assert note.startswith("2 of 21 planes do not tell their distance: no_texture 2.")


def test_invalid_planes_do_not_enter_the_focus_position(evaluate):
    distances = true(focus=12.0)
    distances[:13] = true(focus=-10.0)[:13]
    found = evaluate(distances, focus=12.0, invalid=range(13), depth_of_field=DOF)
    assert found.focus is not None
    assert found.focus.z == pytest.approx(12.0, abs=0.2)


def test_each_measure_has_its_peak_and_rank(evaluate):
    found = evaluate(true(), depth_of_field=DOF, reference=FOCUS)
    assert list(found.measures) == list(MEASURES)
    for result in found.measures.values():
        assert result.focus is not None
        assert result.focus.z == pytest.approx(FOCUS)
        assert result.focus.error_dof == pytest.approx(0)
        assert result.rho == pytest.approx(1)


def test_without_a_focus_the_reference_is_the_peak_of_a_measure_and_says_so(evaluate):
    found = evaluate(true(), depth_of_field=DOF)
    assert found.reference.z == pytest.approx(FOCUS)
    assert found.reference.source == "peak of blurred_gradient"
    assert not found.reference.given
    assert any("a measurement and not the truth" in note for note in found.notes)


def test_without_optics_the_scale_is_fitted_and_says_so(evaluate):
    found = evaluate(true(), sampling=Sampling(1.0, 1), reference=FOCUS)
    assert found.scale.fitted
    assert found.scale.known is None
    assert found.scale.value == pytest.approx(DOF, rel=0.02)
    assert found.scale.std is not None
    assert found.focus is not None
    assert found.focus.z == pytest.approx(FOCUS, abs=0.05)
    assert found.focus.error_dof is None
    assert found.relative_error == pytest.approx(0, abs=0.02)
    said = " ".join(found.notes)
    assert "a sampling of q = 1 was fitted" in said
    assert "4 um per depth of field, was fitted" in said


@pytest.mark.parametrize(
    ("focus", "place", "said"),
    [
        (-20.0, Place.LOW_END, "at the low end of the stack: one side"),
        (20.0, Place.HIGH_END, "at the high end of the stack: one side"),
        (-32.0, Place.BEYOND_LOW_END, "beyond low end of the stack: its position is extrapolated"),
        (33.0, Place.BEYOND_HIGH_END, "beyond high end of the stack: its position is extrapol"),
    ],
)
def test_one_sided_stack_says_so(evaluate, focus, place, said):
    found = evaluate(true(focus=focus), focus=focus, depth_of_field=DOF)
    assert found.focus is not None
    assert found.focus.place is place
    assert found.focus.z == pytest.approx(focus, abs=0.5)
    assert any(said in note for note in found.notes)
    end = Z[0] if focus < 0 else Z[-1]
    assert found.reference.z == pytest.approx(end)


def test_stack_that_shows_nothing(evaluate, make_stack, hand_made):
    found = evaluate(np.full(21, 30.0), invalid=range(21), focus=1e9)
    assert found.focus is None
    assert found.scale.value is None
    assert np.isnan(found.rho)
    assert np.isnan(found.rho_valid)
    assert np.isnan(found.relative_error)
    assert any("do not tell where focus is" in note for note in found.notes)
    assert any("no_texture 21" in note for note in found.notes)


def test_measures_that_never_change_have_no_peak(make_stack, readings, hand_made):
    z = [0.0, 1.0, 2.0, 3.0]
    planes = readings(z, [hand_made(20.0)] * 4, focus=0.0)
    flat = [
        type(plane)(plane.file, plane.z, plane.estimate, dict.fromkeys(MEASURES, 3.0))
        for plane in planes
    ]
    found = evaluate_planes(make_stack(z, focus=0.0), flat)
    assert found.reference.z is None
    assert found.reference.source == "none: no peak of blurred_gradient"
    assert all(result.focus is None for result in found.measures.values())
    assert any("no reference to compare with" in note for note in found.notes)


def test_planes_left_out_are_named(evaluate, make_stack, readings, hand_made):
    stack = make_stack([0.0, 1.0, 2.0, 2.0], focus=1.0)
    planes = readings([0.0, 1.0, 2.0], [hand_made(d) for d in (1.0, 0.1, 1.0)], focus=1.0)
    assert any("3.png" in note for note in evaluate_planes(stack, planes).notes)
