"""How far a sample has moved along the focus axis while frames were taken."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from ..belief import FrameSpectrum
from ..belief.band_fit import MODEL_STD, either_noise, noise_fits
from ..belief.transfer_table import TransferTable, transfer_table
from ..regions import FieldObservation
from .field_frames import usable_field
from .steps import Sample

__all__ = ["REACH_DOF", "SampleMotion", "SamplePart", "sample_motion"]

REACH_DOF = 20.0
"""Farther from focus a frame tells of no motion."""

# Motions that are told apart: tenths of a depth of field, and by the same factor far out.
STEP_DOF, EVEN_DOF, GROWTH, FARTHEST_DOF = 0.1, 2.0, 1.1, 40.0
# The focus of a part when it was seen: what is tried, and how well it is known if the sample moves.
FOCUS_DOF, FOCUS_STD_DOF = np.linspace(-1.5, 1.5, 31), 0.8
# The play of the stage in each frame is no motion, nor is the model's own error, a share of the
# distance. Both change all bands together: a little more than they are makes up for that.
PLAY_DOF, RELATIVE_STD = 0.15, 0.05
# Blur may change fastest a little farther from focus than a frame seems to be.
BESIDE_DOF = 0.4
# What is farther than this from a steady sample is a motion that has to be ruled out.
LARGE_DOF = 1.0
# Cells on a border see two parts; of a small part there are no others.
NEIGHBOURS, LEAST_CELLS = np.ones((3, 3), dtype=bool), 4


@dataclass(frozen=True, eq=False)
class SamplePart:
    """Cells of one height, and the frame by which it is known.

    Parameters
    ----------
    cells : numpy.ndarray of bool
        Which, shape (rows, cols).
    focus_dof : float
        Where they were in focus then, depths of field.
    frame : int
        Number of the frame that is nearest to there, from 0.
    """

    cells: NDArray[np.bool_]
    focus_dof: float
    frame: int


@dataclass(frozen=True)
class SampleMotion:
    """What frames tell of a sample's motion at an even rate.

    Parameters
    ----------
    moved_dof : float
        Likeliest motion between the first and the last frame near focus, depths of field.
    evidence : float
        Natural logarithm of how much better it explains the frames than a steady sample does.
    ruled_out : float
        Natural logarithm of how much better they are explained by some motion than by any of a
        depth of field or more; 0 where frames cannot tell.
    """

    moved_dof: float = 0.0
    evidence: float = 0.0
    ruled_out: float = 0.0


def sample_motion(samples: Sequence[Sample], parts: Sequence[SamplePart]) -> SampleMotion:
    """Measure how far a sample has moved along the focus axis while frames were taken.

    The mean spectra of each part in frames near its focus are compared as those of a cell are: one
    texture, and what defocus leaves of it. Distances are those of a sample that moves by the same
    amount from frame to frame; noise and a texture that shifts sideways do not change them.

    Parameters
    ----------
    samples : sequence of Sample
        Frames of one field, in order of time; those without good light are left out.
    parts : sequence of SamplePart
        Parts of one height each.

    Returns
    -------
    SampleMotion
        Nothing but zeros if no part has two frames within `REACH_DOF` of its focus.
    """
    near = [_near(samples, part) for part in parts]
    told = [(part, frames) for part, frames in zip(parts, near, strict=True) if len(frames) > 1]
    if not told:
        return SampleMotion()
    span = max(frames[-1] for _, frames in told) - min(frames[0] for _, frames in told)
    motions = _motions()
    score = np.zeros(motions.size)
    for part, frames in told:
        score += _score(samples, part, frames, motions / span)
    best = int(np.argmax(score))
    steady = score[np.abs(motions).argmin()]
    large = score[np.abs(motions) >= LARGE_DOF].max()
    return SampleMotion(
        float(motions[best]), float(score[best] - steady), float(score[best] - large)
    )


def _motions() -> NDArray[np.float64]:
    """Return the motions that are told apart, ascending, 0 among them."""
    even = np.arange(0, EVEN_DOF, STEP_DOF)
    count = int(np.ceil(np.log(FARTHEST_DOF / EVEN_DOF) / np.log(GROWTH)))
    out = np.concatenate([even, EVEN_DOF * GROWTH ** np.arange(count + 1)])
    return np.concatenate([-out[:0:-1], out])


def _near(samples: Sequence[Sample], part: SamplePart) -> list[int]:
    """Numbers of the frames near a part's focus."""
    return [
        k
        for k, sample in enumerate(samples)
        if abs(sample.position_dof - part.focus_dof) <= REACH_DOF
        and usable_field(sample.position_dof, sample.measurement)
    ]


def _score(
    samples: Sequence[Sample], part: SamplePart, frames: list[int], rates: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log-likelihood of rates, depths of field a frame, with the focus that suits each best."""
    observed = [_observed(samples[k]) for k in frames]
    layout = observed[0].spectra[0][0].layout
    table = transfer_table(layout, observed[0].sampling_q)
    focus = part.focus_dof + FOCUS_DOF[:, None]
    transfer = np.stack(
        [
            table.power((samples[k].position_dof - focus - (k - part.frame) * rates).ravel())
            for k in frames
        ]
    )
    cells = _inner(part.cells)
    spectra = [FrameSpectrum(layout, frame.power[cells].mean(axis=0)) for frame in observed]
    clipped = np.array([frame.saturated_fraction for frame in observed])
    distance = np.array([samples[k].position_dof - part.focus_dof for k in frames])
    fit = either_noise(noise_fits(transfer, spectra, clipped, _model_std(table, distance)))
    likely = -0.5 * (FOCUS_DOF / FOCUS_STD_DOF)[:, None] ** 2
    return np.asarray((likely + fit.reshape(FOCUS_DOF.size, rates.size)).max(axis=0))


def _model_std(table: TransferTable, distance_dof: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of the logarithm of power, shape (frames, bands)."""
    away = np.abs(distance_dof) + np.array([[0.0], [BESIDE_DOF]])
    error = np.hypot(PLAY_DOF, RELATIVE_STD * away)
    change = np.log(table.power((away + error).ravel()) / table.power(away.ravel()))
    largest = np.abs(change).reshape(*away.shape, -1).max(axis=0)
    return np.hypot(MODEL_STD, largest)


def _inner(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    inner = np.asarray(binary_erosion(cells, NEIGHBOURS, border_value=1), dtype=bool)
    return inner if inner.sum() >= LEAST_CELLS else cells


def _observed(sample: Sample) -> FieldObservation:
    assert isinstance(sample.measurement, FieldObservation)
    return sample.measurement
