"""Measured stacks whose numbers are known, without any frame."""

from collections.abc import Callable

import numpy as np
import pytest

from bluesky_autofocus.optics import Optics
from bluesky_autofocus.studies import SIMULATED_FOCUS, MeasuredStack, StackSource

OPTICS = Optics(numerical_aperture=0.30, wavelength_um=0.55, magnification=10.0, pixel_um=3.45)
U_DOF = np.array([-30.0, -10.0, -3.0, -1.0, -0.3, 0.0, 0.3, 1.0, 3.0, 10.0, 30.0])


@pytest.fixture
def made_stack() -> Callable[..., MeasuredStack]:
    """Return what makes a stack measured without error, in a light of some strength."""

    def make(
        sample: str = "one",
        light: str = "normal",
        strength: float = 1.0,
        factor: float = 1.0,
        **more: np.ndarray,
    ) -> MeasuredStack:
        true = OPTICS.sharpness(U_DOF)
        source = StackSource(
            sample, light, "um", OPTICS.depth_of_field_um, OPTICS, 0.0, SIMULATED_FOCUS, True
        )
        fields = {
            "sharpness": factor * true,
            "sharpness_unclipped": factor * OPTICS.curve.unclipped(U_DOF),
            "distance_dof": np.abs(U_DOF),
            "distance_std_dof": np.full(U_DOF.size, 0.1),
            "good": np.ones(U_DOF.size, bool),
            "squared_gradient": 50 * strength**2 * true,
            "end_to_end_dof": U_DOF.copy(),
        }
        return MeasuredStack(source, U_DOF, **{**fields, **more})

    return make


@pytest.fixture
def stacks(made_stack: Callable[..., MeasuredStack]) -> list[MeasuredStack]:
    """Return two samples in three lights; the sharpness of one light is half a per cent off."""
    lights = {"bright": (1.4, 1.0), "normal": (1.0, 1.005), "dark": (0.7, 1.0)}
    return [
        made_stack(sample, light, strength, factor)
        for sample in ("one", "two")
        for light, (strength, factor) in lights.items()
    ]
