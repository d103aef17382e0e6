"""The sampling that fits a stack best, where nobody knows its optics.

The estimator must know how finely the frames are sampled: the same blur is more depths of field for
a smaller pixel. A stack tells it, up to a point: with the right sampling the distributions of its
planes agree best with distances that rise from one focus on either side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..optics.axis import to_y

__all__ = ["SAMPLINGS", "Distribution", "DistributionEstimator", "Sampling", "fit_sampling"]

# A distribution may be wrong altogether this often.
WRONG = 0.1
CENTRES, REACH = 121, 0.75
SCALES_DOF = np.geomspace(0.5, 250, 40)
MOST_PLANES = 40
SMALLEST_PX = 64
# Where the estimators' axis ends.
FARTHEST_DOF = 108.2


@dataclass(frozen=True)
class Sampling:
    """A guess at the sampling, and how frames are made fit for the estimator.

    Parameters
    ----------
    recorded_q : float
        Sample pixel of the frames as they are over ``λ / 4 NA``.
    binning : int
        Pixels along each axis that are averaged first.
    """

    recorded_q: float
    binning: int

    @property
    def sampling_q(self) -> float:
        """Sampling of the binned frames."""
        return self.recorded_q * self.binning

    def binned(self, frame: NDArray[np.number]) -> NDArray[np.number]:
        """Average pixels.

        Parameters
        ----------
        frame : numpy.ndarray
            Grey levels, shape (rows, cols).

        Returns
        -------
        numpy.ndarray
            Shape (rows // binning, cols // binning), float32; the frame itself without binning.
        """
        b = self.binning
        if b == 1:
            return frame
        rows, cols = frame.shape[0] // b, frame.shape[1] // b
        blocks = frame[: rows * b, : cols * b].reshape(rows, b, cols, b)
        return blocks.mean(axis=(1, 3), dtype=np.float32)


SAMPLINGS: tuple[Sampling, ...] = (
    *(Sampling(q, 1) for q in (1.0, 0.7, 1.4, 2.0, 2.8)),
    *(Sampling(q, 2) for q in (0.5, 0.35)),
    *(Sampling(q, 4) for q in (0.25, 0.175)),
)
"""What is tried; of equals the first, which is what most microscopes have."""


class Planes(Protocol):
    """Frames at rising stage positions; `bluesky_autofocus.focal_stack.FocalStack` is one."""

    def __len__(self) -> int: ...

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of every frame."""
        ...

    @property
    def positions(self) -> NDArray[np.float64]:
        """Stage position of each frame."""
        ...

    def plane(self, index: int) -> NDArray[np.unsignedinteger]:
        """Return a frame.

        Parameters
        ----------
        index : int
            Its number.

        Returns
        -------
        numpy.ndarray
            Grey levels, shape (rows, cols).
        """
        ...


class Distribution(Protocol):
    """What one frame says of its distance."""

    @property
    def probabilities(self) -> NDArray[np.floating]:
        """Over equal steps of `optics.axis.to_y`, from 0 to 108 depths of field."""
        ...


class DistributionEstimator(Protocol):
    """What tells a distribution; `bluesky_autofocus.estimator.SharpnessEstimator` does."""

    def summary(self, frame: NDArray[np.number]) -> Distribution:
        """Estimate one frame.

        Parameters
        ----------
        frame : numpy.ndarray
            Grey levels, shape (rows, cols).

        Returns
        -------
        Distribution
            What it says.
        """
        ...


def fit_sampling(
    stack: Planes,
    estimator_of: Callable[[float], DistributionEstimator],
    *,
    samplings: Sequence[Sampling] = SAMPLINGS,
) -> Sampling:
    """Find the sampling with which the predicted distances fit one focus best.

    At most 40 planes, evenly spread over the stack, are looked at.

    Parameters
    ----------
    stack : Planes
        The stack.
    estimator_of : callable
        Makes the estimator for a sampling q.
    samplings : sequence of Sampling, optional
        What to try. Those that leave a frame of less than 64 pixels are left out.

    Returns
    -------
    Sampling
        The best one; the first of those tried where the stack does not tell.
    """
    count = min(len(stack), MOST_PLANES)
    some = np.unique(np.linspace(0, len(stack) - 1, count).round().astype(int))
    smallest = min(stack.shape)
    tried = [s for s in samplings if smallest // s.binning >= SMALLEST_PX]
    estimators = [estimator_of(sampling.sampling_q) for sampling in tried]
    said: list[list[NDArray]] = [[] for _ in tried]
    for index in some:
        frame = stack.plane(int(index))
        for answers, sampling, estimator in zip(said, tried, estimators, strict=True):
            answers.append(estimator.summary(sampling.binned(frame)).probabilities)
    z = np.asarray(stack.positions)[some]
    evidence = [_v_evidence(z, np.stack(answers)) for answers in said]
    return tried[int(np.argmax(evidence))] if tried else samplings[0]


def _v_evidence(z: ArrayLike, probabilities: NDArray[np.floating]) -> float:
    """Say how much better distances that rise from a focus explain the planes than equal ones.

    The logarithm of the ratio of the likelihoods, each at its best; about 0 if there is no focus.
    """
    at = np.asarray(z, dtype=float)
    x = (at - at[0]) / max(float(at[-1] - at[0]), 1e-300) - 0.5
    planes, bins = probabilities.shape
    likelihood = np.log((1 - WRONG) * probabilities + WRONG / bins)
    step = float(to_y(FARTHEST_DOF)) / (bins - 1)
    best = -np.inf
    for centre in np.linspace(-REACH, REACH, CENTRES):
        place = to_y(np.abs(x - centre) * SCALES_DOF[:, None]) / step
        low = np.clip(place.astype(int), 0, bins - 2)
        share = np.clip(place - low, 0, 1)
        rows = np.arange(planes)
        here = (1 - share) * likelihood[rows, low] + share * likelihood[rows, low + 1]
        best = max(best, float(here.sum(axis=1).max()))
    return best - float(likelihood.sum(axis=0).max())
