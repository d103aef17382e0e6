"""The belief over a field: where each cell of it comes into focus, by frames at stage positions."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..belief import FrameSpectrum
from ..belief.single_frame import BIAS_LOG_PRIOR, single_frame_log_likelihood
from ..errors import SearchError
from .cell_ratio import cell_log_likelihood
from .cell_spectra import CellGrid
from .field_observation import FieldObservation

__all__ = ["FieldBelief", "FieldFrame"]

# Places on the focus axis: near to one another beside a frame, farther apart far from all frames.
STEP_DOF, GROWTH = 0.2, 0.05
# One cell in so many has another altitude than its surroundings, or none.
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
        """Log-likelihood of each cell by what frames have in common, shape (rows, cols, n)."""
        out = self._likelihood[..., :-2]
        return out - out.max(axis=-1, keepdims=True)

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
