"""An evaluation as JSON: plain, finite, and never a fitted length as a measured one."""

import json

import numpy as np
import pytest

from bluesky_autofocus.evaluation import Sampling, evaluate_planes, evaluation_to_json

Z = [-8.0, -4.0, -1.0, 2.0, 6.0, 9.0, 14.0]


@pytest.fixture
def report(make_stack, readings, hand_made):
    def make(distances, **options):
        planes = readings(Z, [hand_made(d, 0.1) for d in distances], focus=1.0)
        stack = make_stack(Z, focus=1.0)
        return evaluation_to_json(evaluate_planes(stack, planes, **options))

    return make


def true_distances():
    return (np.abs(np.array(Z) - 1.0) / 2.0).tolist()


def test_known_scale_gives_lengths(report):
    said = report(true_distances(), depth_of_field=2.0, reference=1.0)
    first = said["planes"][0]
    assert (first["file"], first["z"], first["validity"]) == ("0.png", -8.0, "good")
    assert first["distance_dof"] == 4.5
    assert (first["distance"], first["distance_std"]) == (9.0, 0.2)
    assert first["interval_90"] == [
        pytest.approx(2 * end, rel=1e-5) for end in first["interval_90_dof"]
    ]
    assert said["scale"] == {"value": 2.0, "std": None, "fitted": False}
    assert said["reference"] == {"z": 1.0, "source": "given"}
    assert said["focus"]["place"] == "inside"
    assert abs(said["focus"]["error_dof"]) < 0.05
    assert said["measures"]["blurred_gradient"]["rho"] == pytest.approx(1)
    assert set(first["measures"]) == set(said["measures"])


def test_fitted_scale_gives_none(report):
    said = report(true_distances(), sampling=Sampling(1.0, 1))
    assert said["scale"]["fitted"] is True
    assert said["scale"]["value"] == pytest.approx(2.0, rel=0.05)
    for plane in said["planes"]:
        assert plane["distance"] is plane["distance_std"] is plane["interval_90"] is None
    assert said["focus"]["error_dof"] is None


def test_numbers_that_are_undefined_are_null(report):
    said = report([float("nan")] * 7)
    json.dumps(said, allow_nan=False)
    assert said["focus"] is None
    assert said["rho"] is None
    assert said["median_relative_error"] is None
    assert said["planes"][0]["distance_dof"] is None
