"""The belief: frames at stage positions become a probability of each focus position."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import SearchError
from .grid import FocusGrid, focus_grid
from .observation import Observation
from .posterior import Posterior
from .single_frame import BIAS_LOG_PRIOR, single_frame_log_likelihood
from .spectral_ratio import Explanation, RatioTerm, explanation, ratio_log_likelihood
from .transfer_table import transfer_table

__all__ = ["FocusBelief", "SeenFrame"]

# Cells that hold most of the probability are looked into: a frame near focus knows it better than
# a cell is wide.
FINE_CELLS = 24
FINE_PARTS = 5


@dataclass(frozen=True, eq=False)
class SeenFrame:
    """A frame, and what it says of the cells of the grid.

    Parameters
    ----------
    position_dof : float
        Where the stage was, depths of field.
    observation : Observation
        What was measured.
    transfer : numpy.ndarray
        Share of the power that is left if focus is in each cell, shape (cells, bands).
    log_likelihood : numpy.ndarray
        Of each texture bias and cell, by this frame alone, shape (biases, cells).
    """

    position_dof: float
    observation: Observation
    transfer: NDArray[np.float32]
    log_likelihood: NDArray[np.float64]

    @classmethod
    def at(
        cls, position_dof: float, observation: Observation, focus_dof: NDArray[np.float64]
    ) -> Self:
        """Say what a frame means for focus positions.

        Parameters
        ----------
        position_dof : float
            Where the stage was.
        observation : Observation
            What was measured.
        focus_dof : numpy.ndarray
            Focus positions, shape (cells,).

        Returns
        -------
        SeenFrame
            The frame.
        """
        distance = position_dof - focus_dof
        table = transfer_table(observation.spectrum.layout, observation.sampling_q)
        single = single_frame_log_likelihood(
            observation.probabilities,
            distance,
            observation.saturated_fraction,
            signal=observation.spectrum.has_signal,
        )
        return cls(position_dof, observation, table.power(distance), single)


@dataclass(frozen=True, eq=False)
class FocusBelief:
    """What is known of the focus position, as an immutable value.

    Parameters
    ----------
    low_dof, high_dof : float
        Ends of the allowed travel, depths of field in stage coordinates, low < high.
    frames : tuple of SeenFrame
        Frames so far.
    """

    low_dof: float
    high_dof: float
    frames: tuple[SeenFrame, ...] = ()

    @property
    def grid(self) -> FocusGrid:
        """Cells of the focus position."""
        return focus_grid(self.low_dof, self.high_dof)

    def ingest(self, position_dof: float, observation: Observation) -> Self:
        """Return the belief after one more frame.

        Parameters
        ----------
        position_dof : float
            Where the stage was.
        observation : Observation
            What was measured there.

        Returns
        -------
        FocusBelief
            A new belief; this one is unchanged.

        Raises
        ------
        SearchError
            If the frame has not the shape and sampling of those before, or anything is no number.
        """
        if not (isfinite(position_dof) and observation.is_number):
            raise SearchError(
                f"The frame at {position_dof:g} depths of field has no finite position, spectrum "
                "or distribution. Leave it out."
            )
        if self.frames:
            first = self.frames[0].observation
            if (first.spectrum.layout, first.sampling_q) != (
                observation.spectrum.layout,
                observation.sampling_q,
            ):
                raise SearchError(
                    f"The frame has the shape {observation.spectrum.layout} and the sampling "
                    f"{observation.sampling_q:g}, the first one {first.spectrum.layout} and "
                    f"{first.sampling_q:g}. Keep region and binning during a search."
                )
        seen = SeenFrame.at(position_dof, observation, self.grid.position_dof)
        return replace(self, frames=(*self.frames, seen))

    @cached_property
    def posterior(self) -> Posterior:
        """Probability of each focus position, finer where it is high."""
        grid = self.grid
        log_mass = grid.log_prior + _log_likelihood(self.frames)
        if not self.frames:
            return Posterior(grid.position_dof, _normalised(log_mass), grid.width_dof)
        top = np.sort(np.argpartition(-log_mass, FINE_CELLS - 1)[:FINE_CELLS])
        offsets = (np.arange(FINE_PARTS) + 0.5) / FINE_PARTS - 0.5
        fine = (grid.position_dof[top, None] + grid.width_dof[top, None] * offsets).ravel()
        frames = [SeenFrame.at(f.position_dof, f.observation, fine) for f in self.frames]
        fine_mass = np.repeat(grid.log_prior[top] - np.log(FINE_PARTS), FINE_PARTS)
        fine_mass += _log_likelihood(frames)
        rest = np.ones(log_mass.size, dtype=bool)
        rest[top] = False
        position = np.concatenate([grid.position_dof[rest], fine])
        width = np.concatenate(
            [grid.width_dof[rest], np.repeat(grid.width_dof[top] / FINE_PARTS, FINE_PARTS)]
        )
        order = np.argsort(position, kind="stable")
        mass = _normalised(np.concatenate([log_mass[rest], fine_mass])[order])
        return Posterior(position[order], mass, width[order])

    def misfit(self, focus_dof: float) -> float:
        """How badly one texture in focus at a position explains all frames.

        Parameters
        ----------
        focus_dof : float
            Focus position.

        Returns
        -------
        float
            Minus the log-likelihood by the spectra, for each frame but one; 0 for a perfect fit.
        """
        return self._explanation(focus_dof).misfit if len(self.frames) > 1 else 0.0

    def signal_share(self, frame: SeenFrame, focus_dof: float) -> float:
        """Share of a frame's bands that hold more than noise, by all frames.

        Parameters
        ----------
        frame : SeenFrame
            One of the frames.
        focus_dof : float
            Focus position.

        Returns
        -------
        float
            As `FrameSpectrum.signal_share`, over smoothed noise where that explains the frames
            better than white noise.
        """
        spectrum = frame.observation.spectrum
        if len(self.frames) < 2:
            return spectrum.signal_share()
        return spectrum.signal_share(self._explanation(focus_dof).noise.power)

    def _explanation(self, focus_dof: float) -> Explanation:
        at = np.array([focus_dof])
        return explanation(
            _terms([SeenFrame.at(f.position_dof, f.observation, at) for f in self.frames])
        )


def _terms(frames: "tuple[SeenFrame, ...] | list[SeenFrame]") -> list[RatioTerm]:
    return [
        RatioTerm(f.observation.spectrum, f.transfer, f.observation.saturated_fraction)
        for f in frames
    ]


def _log_likelihood(
    frames: "tuple[SeenFrame, ...] | list[SeenFrame]",
) -> NDArray[np.float64] | float:
    """Log-likelihood by all frames together, the texture bias averaged over."""
    if not frames:
        return 0.0
    single = BIAS_LOG_PRIOR[:, None] + sum(f.log_likelihood for f in frames)
    top = single.max(axis=0)
    return top + np.log(np.exp(single - top).sum(axis=0)) + ratio_log_likelihood(_terms(frames))


def _normalised(log_mass: NDArray[np.float64]) -> NDArray[np.float64]:
    mass = np.exp(log_mass - log_mass.max())
    return mass / mass.sum()
