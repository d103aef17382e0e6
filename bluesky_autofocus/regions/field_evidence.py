"""All that is known of the focus position of each cell, put together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ..belief import Posterior
from ..belief.single_frame import BIAS_LOG_PRIOR
from .common_texture import CommonTexture
from .field_belief import FieldBelief

__all__ = ["FieldEvidence"]

# The distributions that the estimator gives neighbouring cells err alike: each counts for less, and
# all of them together for no more than a few. With a single frame there is nothing else.
CELL_SHARE, ONLY_SHARE, MOST_CELLS = 0.1, 1.0, 4.0
# So does what cells have in common with those that are known.
TEXTURE_SHARE = 0.5
# So many cells share what the windows of their spectra see.
OVERLAP = 4.0
MOST_BLANK = 0.98
# One cell in so many has another altitude than its surroundings, or none.
ODD = 0.02


@dataclass(frozen=True, eq=False)
class FieldEvidence:
    """What frames have in common, what the estimator says, and what cells have in common.

    Parameters
    ----------
    belief : FieldBelief
        What frames say, one at least.
    by_texture : CommonTexture, optional
        What the texture of cells that have been seen in focus tells; default: none has.
    """

    belief: FieldBelief
    by_texture: CommonTexture | None = None

    @property
    def position_dof(self) -> NDArray[np.float64]:
        """Focus positions that are told apart, ascending, shape (n,)."""
        return self.belief.position_dof

    @cached_property
    def blank(self) -> NDArray[np.float64]:
        """Probability that a cell shows nothing that changes with focus, shape (rows, cols)."""
        blank = self.belief.blank
        if self.by_texture is None:
            return blank
        # What is blank to a window in all frames may still be seen in what is coarser.
        blank = np.clip(blank, 1 - MOST_BLANK, MOST_BLANK)
        return np.asarray(expit(logit(blank) + self.by_texture.log_odds_blank))

    @cached_property
    def cells(self) -> NDArray[np.float64]:
        """What each cell adds to the score of each focus position, shape (rows, cols, n).

        The logarithm of its density over an even one, less for windows that overlap; a single cell
        cannot rule out what all others say.
        """
        return self._robust(self._of_cells, self.blank)

    @cached_property
    def cell_mass(self) -> NDArray[np.float64]:
        """Probability of each focus position in each cell by itself, shape (rows, cols, n)."""
        mass = np.exp(self._of_cells) * self.belief.width_dof
        return np.asarray(mass / mass.sum(axis=-1, keepdims=True))

    def places(self, cells: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Share of some cells that are in focus at each position, if each is by itself.

        Parameters
        ----------
        cells : numpy.ndarray of bool
            Which, shape (rows, cols).

        Returns
        -------
        numpy.ndarray
            Shape (n,), sum 1. What may show nothing may be anywhere.
        """
        blank = self.blank[cells][:, None]
        even = self.belief.width_dof / self.belief.width_dof.sum()
        return np.asarray(((1 - blank) * self.cell_mass[cells] + blank * even).mean(axis=0))

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
        belief = self.belief
        spectra = self._normalised(belief.by_spectra[cells])
        total = self._robust(spectra, self.blank[cells]).sum(axis=0)
        # A texture unlike those of the training misleads all cells alike.
        count = max(int(cells.sum()), 1)
        share = min(count / OVERLAP, MOST_CELLS) / count
        total += _log_sum(share * belief.by_maps[:, cells].sum(axis=1) + BIAS_LOG_PRIOR[:, None])
        if self.by_texture is not None:
            total += share * self.by_texture.log_likelihood[cells].sum(axis=0)
        mass = np.exp(total - total.max()) * belief.width_dof
        return Posterior(belief.position_dof, mass / mass.sum(), belief.width_dof)

    @cached_property
    def _of_cells(self) -> NDArray[np.float64]:
        """Logarithm of each cell's density, shape (rows, cols, n)."""
        share = CELL_SHARE if len(self.belief.frames) > 1 else ONLY_SHARE
        maps = share * self.belief.by_maps + BIAS_LOG_PRIOR[:, None, None, None]
        total = self._normalised(self.belief.by_spectra) + _log_sum(maps)
        if self.by_texture is not None:
            total += TEXTURE_SHARE * self.by_texture.log_likelihood
        return self._normalised(total)

    def _normalised(self, log_density: NDArray[np.float64]) -> NDArray[np.float64]:
        out = log_density - log_density.max(axis=-1, keepdims=True)
        return out - np.log((np.exp(out) * self.belief.width_dof).sum(axis=-1, keepdims=True))

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
