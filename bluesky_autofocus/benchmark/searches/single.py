"""The belief without its comparison of spectra: what single frames alone can do."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ...belief import ENOUGH_MASS, Observation, Posterior, next_position
from ...belief.grid import focus_grid
from ...belief.single_frame import BIAS_LOG_PRIOR, single_frame_log_likelihood
from ...measurement import Measurement
from ...search import Move, Window
from ...verdict import Outcome, Verdict

__all__ = ["SingleFrameSearch"]

MOST_FRAMES = 27
TOLERANCE_DOF = 0.25


@dataclass(frozen=True)
class SingleFrameSearch:
    """A search by the estimator's distributions alone.

    Parameters
    ----------
    window : Window
        Positions that may be suggested.
    start_dof : float
        Where the stage is.
    seen_dof : tuple of float
        Where frames were taken.
    log_likelihood : numpy.ndarray or None
        Of texture bias and focus position, by all frames.
    """

    window: Window
    start_dof: float
    seen_dof: tuple[float, ...] = ()
    log_likelihood: NDArray[np.float64] | None = None

    def ingest(self, position_dof: float, measurement: Measurement) -> Self:
        """Return the search after one more frame.

        Parameters
        ----------
        position_dof : float
            Where it was taken.
        measurement : Measurement
            An `Observation`.

        Returns
        -------
        SingleFrameSearch
            A new search.

        Raises
        ------
        TypeError
            If it is not an `Observation`.
        """
        if not isinstance(measurement, Observation):
            raise TypeError(f"An Observation is needed, not {type(measurement).__name__}.")
        grid = focus_grid(self.window.low_dof, self.window.high_dof)
        said = single_frame_log_likelihood(
            measurement.probabilities,
            position_dof - grid.position_dof,
            measurement.saturated_fraction,
            signal=measurement.spectrum.has_signal,
        )
        total = said if self.log_likelihood is None else self.log_likelihood + said
        return replace(self, seen_dof=(*self.seen_dof, position_dof), log_likelihood=total)

    @cached_property
    def posterior(self) -> Posterior:
        """Probability of each focus position."""
        grid = focus_grid(self.window.low_dof, self.window.high_dof)
        log_mass = grid.log_prior
        if self.log_likelihood is not None:
            each = BIAS_LOG_PRIOR[:, None] + self.log_likelihood
            log_mass = log_mass + np.log(np.exp(each - each.max()).sum(axis=0) + 1e-300)
        mass = np.exp(log_mass - log_mass.max())
        return Posterior(grid.position_dof, mass / mass.sum(), grid.width_dof)

    def suggest(self) -> Move | Outcome:
        """Return the next position, or how the search ended.

        Returns
        -------
        Move or Outcome
            In focus once enough probability is where the last frame was taken.
        """
        if not self.seen_dof:
            return Move(self.start_dof, "start")
        best = self.posterior.best_dof
        if self.posterior.best_mass >= ENOUGH_MASS:
            if abs(self.seen_dof[-1] - best) <= TOLERANCE_DOF:
                return Outcome(Verdict.IN_FOCUS, position_dof=best)
            return Move(self.window.clip(best), "confirm")
        if len(self.seen_dof) >= MOST_FRAMES:
            return Outcome(Verdict.NOT_CONVERGED)
        chosen = next_position(
            self.posterior, self.window.low_dof, self.window.high_dof, self.seen_dof
        )
        return Move(chosen.position_dof, "tells most")
