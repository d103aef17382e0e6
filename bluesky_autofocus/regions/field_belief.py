"""The belief over a field: where each cell of it comes into focus, by frames at stage positions."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..belief import FrameSpectrum, Posterior
from ..belief.single_frame import BIAS_LOG_PRIOR, single_frame_log_likelihood
from ..errors import SearchError
from .cell_ratio import cell_log_likelihood
from .cell_spectra import CellGrid
from .field_observation import FieldObservation

__all__ = ["FieldBelief", "FieldFrame"]

# Places on the focus axis: near to one another beside a frame, farther apart far from all frames.
STEP_DOF, GROWTH = 0.2, 0.05
# The distributions that the estimator gives neighbouring cells err alike: each counts for less, and
# all of them together for no more than a few. With a single frame there is nothing else.
CELL_SHARE, ONLY_SHARE, MOST_CELLS = 0.1, 1.0, 4.0
# So many cells share what the windows of their spectra see.
OVERLAP = 4.0
# One cell in so many has another altitude than its surroundings, or none.
ODD = 0.02
NARROW_OVERLAP, NARROW_ODD = 2.0, 0.05
# Cells that show nothing are as usual as those of any altitude: noise fits every position that has
# not been looked at, and is no reason to believe in one.
BLANK_SHARE = 0.4


@dataclass(frozen=True, eq=False)
class FieldFrame:
    """A frame of a field, and where it was taken.

    Parameters
    ----------
    position_dof : float
        Where the stage was, depths of field.
    observation : FieldObservation
        What was measured.
    """

    position_dof: float
    observation: FieldObservation


@dataclass(frozen=True, eq=False)
class FieldBelief:
    """What is known of the focus position of each cell, as an immutable value.

    Parameters
    ----------
    low_dof, high_dof : float
        Ends of what is considered, depths of field in stage coordinates, low < high.
    frames : tuple of FieldFrame
        Frames so far.
    """

    low_dof: float
    high_dof: float
    frames: tuple[FieldFrame, ...] = ()

    def ingest(self, position_dof: float, observation: FieldObservation) -> Self:
        """Return the belief after one more frame.

        Parameters
        ----------
        position_dof : float
            Where the stage was.
        observation : FieldObservation
            What was measured there.

        Returns
        -------
        FieldBelief
            A new belief; this one is unchanged.

        Raises
        ------
        SearchError
            If the frame has not the shape and sampling of those before, or anything is no number.
        """
        if not (np.isfinite(position_dof) and observation.is_number):
            raise SearchError(
                f"The frame at {position_dof:g} depths of field has no finite position, spectrum "
                "or distribution. Leave it out."
            )
        if self.frames:
            first = self.frames[0].observation
            if (first.grid, first.sampling_q) != (observation.grid, observation.sampling_q):
                raise SearchError(
                    f"The frame has {observation.grid} and the sampling "
                    f"{observation.sampling_q:g}, the first one {first.grid} and "
                    f"{first.sampling_q:g}. Keep region and binning during a search."
                )
        return replace(self, frames=(*self.frames, FieldFrame(position_dof, observation)))

    @property
    def grid(self) -> CellGrid:
        """Where the cells of the field lie; there is one frame at least."""
        return self.frames[0].observation.grid

    @cached_property
    def position_dof(self) -> NDArray[np.float64]:
        """Focus positions that are told apart, ascending, shape (n,)."""
        taken = np.sort([frame.position_dof for frame in self.frames])
        out = [self.low_dof]
        while out[-1] < self.high_dof:
            near = float(np.abs(taken - out[-1]).min(initial=np.inf))
            ahead = taken[taken > out[-1]]
            # Steps shrink towards the next frame as they grow behind the last one.
            to_next = float(ahead[0] - out[-1]) / (1 + GROWTH) if ahead.size else np.inf
            out.append(out[-1] + max(STEP_DOF, GROWTH * min(near, to_next)))
        return np.array(out)

    @cached_property
    def width_dof(self) -> NDArray[np.float64]:
        """How much of the axis each focus position stands for, shape (n,)."""
        return np.gradient(self.position_dof)

    @cached_property
    def _likelihood(self) -> NDArray[np.float64]:
        spectra = [frame.observation.spectra for frame in self.frames]
        return self._compared(spectra, self.position_dof)

    @cached_property
    def by_spectra(self) -> NDArray[np.float64]:
        """Logarithm of each cell's density by what frames have in common, shape (rows, cols, n)."""
        return self._normalised(self._likelihood[..., :-2])

    @cached_property
    def blank(self) -> NDArray[np.float64]:
        """Probability that a cell shows nothing that changes with focus, shape (rows, cols)."""
        top = self._likelihood.max(axis=-1, keepdims=True)
        likelihood = np.exp(self._likelihood - top)
        share = self.width_dof / self.width_dof.sum()
        some = (1 - BLANK_SHARE) * (likelihood[..., :-2] * share).sum(axis=-1)
        nothing = BLANK_SHARE * likelihood[..., -2:].mean(axis=-1)
        return nothing / (nothing + some)

    @cached_property
    def by_maps(self) -> NDArray[np.float32]:
        """Log-likelihood of each cell by the estimator, shape (biases, rows, cols, n)."""
        rows, cols = self.grid.shape
        out = np.zeros((BIAS_LOG_PRIOR.size, rows, cols, self.position_dof.size), np.float32)
        for frame in self.frames:
            distance, seen = frame.position_dof - self.position_dof, frame.observation
            out += single_frame_log_likelihood(
                seen.probabilities, distance, seen.saturated_fraction
            )
        return out

    @cached_property
    def evidence(self) -> NDArray[np.float64]:
        """What each cell adds to the score of each focus position, shape (rows, cols, n).

        The logarithm of its density over an even one, less for windows that overlap; a single cell
        cannot rule out what all others say.
        """
        share = CELL_SHARE if len(self.frames) > 1 else ONLY_SHARE
        maps = share * self.by_maps + BIAS_LOG_PRIOR[:, None, None, None]
        return self._robust(self._normalised(self.by_spectra + _log_sum(maps)), self.blank)

    @cached_property
    def cell_mass(self) -> NDArray[np.float64]:
        """Probability of each focus position in each cell by itself, shape (rows, cols, n)."""
        share = CELL_SHARE if len(self.frames) > 1 else ONLY_SHARE
        maps = share * self.by_maps + BIAS_LOG_PRIOR[:, None, None, None]
        mass = np.exp(self._normalised(self.by_spectra + _log_sum(maps))) * self.width_dof
        return np.asarray(mass / mass.sum(axis=-1, keepdims=True))

    def posterior(self, cells: NDArray[np.bool_]) -> Posterior:
        """Probability of each focus position, if some cells have the same.

        Parameters
        ----------
        cells : numpy.ndarray of bool
            Which, shape (rows, cols).

        Returns
        -------
        Posterior
            Over `position_dof`.
        """
        total = self._robust(self.by_spectra[cells], self.blank[cells]).sum(axis=0)
        # A texture unlike those of the training misleads all cells alike.
        count = max(int(cells.sum()), 1)
        share = min(count / OVERLAP, MOST_CELLS) / count
        total += _log_sum(share * self.by_maps[:, cells].sum(axis=1) + BIAS_LOG_PRIOR[:, None])
        mass = np.exp(total - total.max()) * self.width_dof
        return Posterior(self.position_dof, mass / mass.sum(), self.width_dof)

    def narrow_evidence(self, focus_dof: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say what each cell by itself tells for each of some focus positions.

        Parameters
        ----------
        focus_dof : numpy.ndarray
            Focus positions, shape (k,).

        Returns
        -------
        numpy.ndarray
            Shape (rows, cols, k), at most 0; nearly the same for all of them where a cell tells
            nothing.
        """
        spectra = [frame.observation.narrow_spectra for frame in self.frames]
        out = self._compared(spectra, focus_dof)[..., :-2]
        out -= out.max(axis=-1, keepdims=True)
        odd = np.log(NARROW_ODD)
        return np.logaddexp(np.log(1 - NARROW_ODD) + out, odd) / NARROW_OVERLAP

    def _compared(
        self, spectra: list[list[list[FrameSpectrum]]], focus_dof: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return cell_log_likelihood(
            spectra,
            sampling_q=self.frames[0].observation.sampling_q,
            distance_dof=[frame.position_dof - focus_dof for frame in self.frames],
            saturated=[frame.observation.saturated_fraction for frame in self.frames],
        )

    def _normalised(self, log_density: NDArray[np.float64]) -> NDArray[np.float64]:
        out = log_density - log_density.max(axis=-1, keepdims=True)
        return out - np.log((np.exp(out) * self.width_dof).sum(axis=-1, keepdims=True))

    def _robust(
        self, log_density: NDArray[np.float64], blank: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        even = -np.log(self.position_dof[-1] - self.position_dof[0])
        odd = np.clip(blank, ODD, 1 - ODD)[..., None]
        both = np.logaddexp(np.log1p(-odd) + log_density, np.log(odd) + even)
        return (both - even) / OVERLAP


def _log_sum(log_values: NDArray[np.floating]) -> NDArray[np.float64]:
    top = log_values.max(axis=0)
    return np.asarray(top + np.log(np.exp(log_values - top).sum(axis=0)), dtype=np.float64)
