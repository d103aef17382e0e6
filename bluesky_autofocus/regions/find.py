"""From what is known of a field to regions of one altitude each."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening

from ..belief import Posterior
from .altitudes import APART_DOF, Altitudes, find_altitudes, smoothed_labels
from .common_texture import by_common_texture
from .field_belief import FieldBelief
from .field_evidence import FieldEvidence
from .field_regions import FieldRegions
from .one_frame import one_frame_labels
from .region import UNKNOWN, Altitude
from .seen import is_seen

__all__ = ["field_evidence", "field_regions"]

# A cell belongs to an altitude if it says so much for it by itself.
LEAST_EVIDENCE = 0.3
# Cells on a border look like an altitude between: one has blocks of two by two cells, and so many.
BLOCK = np.ones((2, 2), dtype=bool)
LEAST_CELLS = 6
NARROW_BORDER_COST = 0.3


def field_evidence(belief: FieldBelief) -> FieldEvidence:
    """Put together what is known of a field.

    Parameters
    ----------
    belief : FieldBelief
        What frames say, one at least.

    Returns
    -------
    FieldEvidence
        Once altitudes have been seen in focus, with what their texture tells of the other cells.
    """
    alone = FieldEvidence(belief)
    if len(belief.frames) < 2:
        return alone
    _, altitudes = _found(alone)
    seen = [altitude for altitude in altitudes if is_seen(belief, altitude)]
    if not seen:
        return alone
    labels = np.full(belief.grid.shape, UNKNOWN)
    for k, altitude in enumerate(seen):
        labels[altitude.cells] = k
    focus = np.array([altitude.focus_dof for altitude in seen])
    texture = by_common_texture(belief.frames, belief.position_dof, labels, focus)
    return FieldEvidence(belief, texture)


def field_regions(evidence: FieldEvidence) -> FieldRegions:
    """Divide a field into regions of one altitude each.

    Parameters
    ----------
    evidence : FieldEvidence
        What is known of each cell.

    Returns
    -------
    FieldRegions
        Without any altitude if no cell tells of one. From one frame alone the side on which an
        altitude lies cannot be told, and altitudes are rough.
    """
    if len(evidence.belief.frames) == 1:
        return _of_one_frame(evidence)
    found, altitudes = _found(evidence)
    return _numbered(evidence.belief, found, altitudes)


def _found(evidence: FieldEvidence) -> tuple[Altitudes, list[Altitude]]:
    """Find altitudes, and those of them that are more than a border."""
    found = find_altitudes(evidence.cells, evidence.position_dof)
    telling = found.own > LEAST_EVIDENCE
    altitudes = []
    for k in range(found.focus_dof.size):
        mine = found.labels == k
        if binary_opening(mine, BLOCK).sum() < LEAST_CELLS or not (mine & telling).any():
            continue
        others = np.delete(found.focus_dof, k)
        posterior = _away_from(others, evidence.posterior(mine & telling))
        altitudes.append(Altitude(k, posterior, mine & telling))
    return found, altitudes


def _of_one_frame(evidence: FieldEvidence) -> FieldRegions:
    """Divide a field by the spectra of one frame; the map says how far away each region is."""
    belief = evidence.belief
    parts = one_frame_labels(belief.frames[0].observation)
    masks = [parts == k for k in range(int(parts.max()) + 1)]
    posteriors = [evidence.posterior(mask) for mask in masks]
    order = sorted(range(len(masks)), key=lambda k: posteriors[k].best_dof)
    labels = np.full(parts.shape, UNKNOWN)
    for label, k in enumerate(order):
        labels[masks[k]] = label
    return FieldRegions(
        belief.grid,
        labels,
        tuple(Altitude(label, posteriors[k], masks[k]) for label, k in enumerate(order)),
    )


def _away_from(others_dof: NDArray[np.float64], posterior: Posterior) -> Posterior:
    """Return a distribution without the places of other altitudes."""
    near = np.abs(posterior.position_dof[:, None] - others_dof) <= APART_DOF
    mass = np.where(near.any(axis=1), 0.0, posterior.mass)
    return replace(posterior, mass=mass / mass.sum()) if mass.sum() > 0 else posterior


def _numbered(
    belief: FieldBelief,
    found: Altitudes,
    altitudes: Sequence[Altitude],
) -> FieldRegions:
    """Give every cell that tells something the altitude that its own window says."""
    if not altitudes:
        return FieldRegions(belief.grid, np.full(found.labels.shape, UNKNOWN), ())
    telling = found.own > LEAST_EVIDENCE
    kept = [altitude.label for altitude in altitudes]
    place = np.full(found.focus_dof.size, UNKNOWN)
    place[kept] = np.arange(len(kept))
    labels = place[found.labels]
    if len(kept) > 1 and len(belief.frames) > 1:
        focus = np.array([altitude.focus_dof for altitude in altitudes])
        start = np.where(labels == UNKNOWN, 0, labels)
        narrow = belief.narrow_evidence(focus)
        labels = smoothed_labels(narrow, start, border_cost=NARROW_BORDER_COST)
        second, first = np.sort(narrow, axis=-1)[..., -2:].transpose(2, 0, 1)
        # On a border the wide window sees two altitudes; elsewhere one may just be less wrong.
        border = np.asarray(binary_dilation(telling), dtype=bool)
        telling = telling | ((first - second > LEAST_EVIDENCE) & border)
    labels = np.where(telling, labels, UNKNOWN)
    return FieldRegions(
        belief.grid,
        labels,
        tuple(replace(altitude, label=k) for k, altitude in enumerate(altitudes)),
    )
