"""Regions told from one frame: terraces, one altitude, nothing at all; and what that is made of."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.estimator.distribution import GRID_U_DOF
from bluesky_autofocus.estimator.validity import Validity, code_of
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import optics_of_sampling
from bluesky_autofocus.regions import (
    UNKNOWN,
    CellGrid,
    FieldBelief,
    FieldObservation,
    field_evidence,
    field_observation_of,
    field_regions,
    observe_field,
)
from bluesky_autofocus.regions.frame_bands import fit_texture, frame_bands
from bluesky_autofocus.regions.local_power import local_power, transfer
from bluesky_autofocus.regions.one_frame import one_frame_labels
from bluesky_autofocus.regions.potts import border_length, probabilities

SIDE = 768
OPTICS = optics_of_sampling(1.0)
HALVES = np.where(np.arange(SIDE) < SIDE // 2, 0, 1) * np.ones((SIDE, 1), dtype=int)
CELL_HALVES = np.arange(12) >= 6


@pytest.fixture(scope="module")
def estimator() -> SharpnessEstimator:
    return SharpnessEstimator(OPTICS, full_scale=255)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    radiance = procedural_object("grain", (SIDE + 96, SIDE + 96), seed=5)
    return Renderer(radiance, OPTICS, frame_shape=(SIDE, SIDE))


def seen(
    image: NDArray[np.floating], estimator: SharpnessEstimator, seed: int = 1
) -> FieldObservation:
    frame = expose((image * 0.4).astype(np.float32), Sensor(bits=8), seed=[3, seed])
    return observe_field(frame, estimator)


@pytest.fixture(scope="module")
def step(renderer, estimator) -> FieldObservation:
    """Left half 4 depths of field from focus, right half 14."""
    u = np.where(HALVES == 0, 4.0, -14.0).astype(np.float32)
    return seen(renderer.image(u), estimator)


def test_two_terraces_are_told_from_one_frame(step):
    field = field_regions(field_evidence(FieldBelief(-30.0, 30.0).ingest(2.0, step)))
    assert len(field.altitudes) == 2
    left, right = field.at(SIDE / 2, SIDE / 4), field.at(SIDE / 2, 3 * SIDE / 4)
    assert left != right
    # The sharper half reaches a little into cells on the border.
    assert (field.labels[:, :6] == left).all()
    assert (field.labels[:, 7:] == right).all()
    for altitude in field.altitudes:
        assert np.array_equal(altitude.cells, field.labels == altitude.label)
        assert altitude.posterior.mass.sum() == pytest.approx(1.0)


def test_the_same_frame_gives_the_same_labels(step):
    assert np.array_equal(one_frame_labels(step), one_frame_labels(step))


@pytest.mark.parametrize("u_dof", [0.0, 5.0, 20.0])
def test_one_altitude_stays_one(renderer, estimator, u_dof):
    shading = np.linspace(0.85, 1.15, SIDE) * np.ones((SIDE, 1))
    labels = one_frame_labels(seen(renderer.image(u_dof) * shading, estimator))
    assert (labels == 0).all()


def test_a_blank_field_has_no_region(estimator):
    observation = seen(np.ones((SIDE, SIDE)), estimator)
    assert (one_frame_labels(observation) == UNKNOWN).all()
    field = field_regions(field_evidence(FieldBelief(-30.0, 30.0).ingest(0.0, observation)))
    assert field.altitudes == ()


def test_a_blank_part_of_a_field_has_no_region(renderer, estimator):
    image = np.where(HALVES == 0, renderer.image(1.0), 1.0)
    labels = one_frame_labels(seen(image, estimator))
    assert (labels[:, :5] == 0).all()
    assert (labels[:, 7:] == UNKNOWN).all()


def test_a_frame_of_one_cell_is_one_region(renderer, estimator):
    frame = expose((renderer.image(1.0)[:64, :64] * 0.4).astype(np.float32), Sensor(8), seed=[1])
    assert one_frame_labels(observe_field(frame, estimator)).shape == (1, 1)


def test_white_noise_has_the_same_power_in_all_coarse_bands():
    noise = 1 + 0.05 * np.random.default_rng(0).normal(size=(1024, 1024))
    found = local_power(noise * np.linspace(0.8, 1.2, 1024), CellGrid(1024, 1024))
    assert found.power[..., 3:].mean(axis=(0, 1)) == pytest.approx(0.05**2, rel=0.15)
    assert found.power[..., :3].mean(axis=(0, 1)) == pytest.approx(0.05**2, rel=0.6)
    assert found.light[8, [0, 15]] == pytest.approx([0.81, 1.19], abs=0.01)


def test_less_is_left_farther_away_and_of_finer_structure():
    left = transfer(1.0, (0.0, 3.0, 10.0, 40.0))
    assert (np.diff(left, axis=0) < 0).all()
    assert (np.diff(left[0]) < 0).all()


def test_texture_and_distances_explain_a_step(step):
    bands = frame_bands(step)
    places = np.searchsorted(GRID_U_DOF, [4.0, 14.0])
    left = bands.transfer[places[(np.ones((12, 1)) * CELL_HALVES).astype(int).ravel()]]
    evidence = bands.log_likelihood(fit_texture(bands, left, None, rounds=8))
    evidence = evidence.reshape(12, 12, -1)
    near = [int(evidence[:, part].sum(axis=(0, 1)).argmax()) for part in (slice(5), slice(7, 12))]
    assert near == pytest.approx(list(places), abs=2)


def test_cells_with_noise_follow_their_neighbours():
    labels = np.zeros((8, 8), dtype=int)
    labels[:, 4:] = 1
    said = np.stack([labels == k for k in range(2)], axis=-1).astype(float)
    said[2, 1] = said[2, 1, ::-1]
    chances = probabilities(said, border_cost=1.0)
    assert chances.sum(axis=-1) == pytest.approx(1.0)
    assert np.array_equal(chances.argmax(axis=-1), labels)
    assert np.array_equal(probabilities(said, border_cost=0.0).argmax(axis=-1)[2, :3], [0, 1, 0])


def test_borders_are_counted():
    labels = np.zeros((4, 4), dtype=int)
    assert border_length(labels) == 0.0
    labels[:, 2:] = 1
    assert border_length(labels) == pytest.approx(4 + 0.7 * 6)


def test_the_map_counts_less_where_it_is_uncertain(renderer, estimator):
    frame = expose((renderer.image(3.0) * 0.4).astype(np.float32), Sensor(bits=8), seed=[3, 2])
    said, even = estimator(frame), 1 / GRID_U_DOF.size
    counts = {Validity.GOOD: 1.0, Validity.UNCERTAIN: 0.5}
    codes = np.resize([code_of(validity) for validity in counts], said.validity_codes.shape)
    said = replace(said, validity_codes=codes.astype(np.uint8))
    observed = field_observation_of(frame, said, OPTICS.sampling_q).probabilities
    for validity, share in counts.items():
        cells = codes == code_of(validity)
        wanted = share * (said.probabilities[cells] - even)
        assert observed[cells] - even == pytest.approx(wanted, abs=1e-6)
