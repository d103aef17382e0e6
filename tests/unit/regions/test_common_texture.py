"""What cells seen in focus tell of those that are not: rendered fields, one texture all over."""

import numpy as np
import pytest

from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import optics_of_sampling
from bluesky_autofocus.regions import UNKNOWN, FieldBelief, FieldEvidence, observe_field
from bluesky_autofocus.regions.common_texture import CommonTexture, by_common_texture
from bluesky_autofocus.regions.spread import own_share, spread

SIDE = 512
OPTICS = optics_of_sampling(1.0)
SEEN_DOF, FAR_DOF = 0.0, 25.0
PLACES_DOF = (0.0, 3.0, 12.0)
LEFT = np.arange(8) < 4
INNER = (slice(None), slice(6, 8))


def belief_of(
    *, blank: bool = False, other: str | None = None, right_dof: float = FAR_DOF
) -> FieldBelief:
    """Take frames of a field whose left half is in focus at 0, the right one elsewhere, or blank.

    Where another family is given, the right half is of that texture.
    """
    left, of_right = (
        Renderer(
            procedural_object(family, (SIDE + 64, SIDE + 64), seed=2),
            OPTICS,
            frame_shape=(SIDE, SIDE),
        )
        for family in ("grain", other or "grain")
    )
    estimator = SharpnessEstimator(OPTICS, full_scale=255)
    right = np.broadcast_to(np.arange(SIDE) >= SIDE // 2, (SIDE, SIDE))
    focus = np.where(right, right_dof, SEEN_DOF).astype(np.float32)
    belief = FieldBelief(-40.0, 40.0)
    for k, place in enumerate(PLACES_DOF):
        away = np.float32(place) - focus
        image = np.where(right, of_right.image(away), left.image(away))
        if blank:
            image[right] = image[~right].mean()
        frame = expose(image * np.float32(0.4), Sensor(bits=8), seed=[5, k])
        belief = belief.ingest(place, observe_field(frame, estimator))
    return belief


def told_of(belief: FieldBelief, labels: np.ndarray, *seen_dof: float) -> CommonTexture | None:
    return by_common_texture(belief.frames, belief.position_dof, labels, np.array(seen_dof))


@pytest.fixture(scope="module")
def labels():
    return np.broadcast_to(np.where(LEFT, 0, UNKNOWN), (8, 8))


def test_a_part_that_is_blurred_in_all_frames_is_told_from_what_it_lost(labels):
    belief = belief_of(blank=False)
    told = told_of(belief, labels, SEEN_DOF)
    assert told
    total = told.log_likelihood[INNER].mean(axis=(0, 1))
    assert belief.position_dof[total.argmax()] == pytest.approx(FAR_DOF, abs=6.0)
    # Windows by themselves tell less.
    alone = FieldEvidence(belief).places(np.broadcast_to(~LEFT, (8, 8)))
    both = FieldEvidence(belief, told).places(np.broadcast_to(~LEFT, (8, 8)))
    near = np.abs(belief.position_dof - FAR_DOF) < 6
    assert both[near].sum() > alone[near].sum() + 0.1


def test_a_blank_part_is_told_from_one_that_is_far_from_focus(labels):
    odds = {}
    for blank in (False, True):
        belief = belief_of(blank=blank)
        told = told_of(belief, labels, SEEN_DOF)
        assert told
        odds[blank] = float(np.median(told.log_odds_blank[INNER]))
    assert odds[True] > 0 > odds[False]


def test_altitudes_of_unlike_texture_tell_nothing_of_a_third(labels):
    # Both halves have been seen in focus, the right one in the last frame.
    labels = np.where(labels == UNKNOWN, 1, labels)
    seen_dof = SEEN_DOF, PLACES_DOF[-1]
    like = belief_of(right_dof=PLACES_DOF[-1])
    unlike = belief_of(right_dof=PLACES_DOF[-1], other="beads")
    assert told_of(like, labels, *seen_dof) is not None
    assert told_of(unlike, labels, *seen_dof) is None


def test_power_is_spread_but_not_lost():
    cells = np.zeros((11, 21, 21))
    cells[:, 10, 10] = 1.0
    out = spread(cells)
    np.testing.assert_allclose(out.sum(axis=(1, 2)), 1.0)
    np.testing.assert_allclose(out[:, 10, 10], own_share(11))
    np.testing.assert_allclose(out, out[:, ::-1, ::-1], atol=1e-6)
    assert out[10, 10, 10] == 1.0
    # Coarser bands reach farther.
    assert (np.diff(own_share(11)) > 0).all()
