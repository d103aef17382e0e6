"""Where each cell of a field comes into focus, whether or not altitudes repeat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .field_belief import FieldBelief
from .field_evidence import FieldEvidence

__all__ = ["Relief", "relief_of"]

# A cell is known if half of its probability lies within so much of one place.
KNOWN_REACH_DOF, KNOWN_MASS = 1.0, 0.5
# What shows nothing but noise, with this probability, has no focus position.
MOST_BLANK = 0.5


@dataclass(frozen=True, eq=False)
class Relief:
    """Focus positions of the cells of a field.

    Parameters
    ----------
    position_dof : numpy.ndarray
        Focus positions that are told apart, ascending, shape (n,).
    mass : numpy.ndarray
        Probability of each in every cell, about its most probable one, shape (rows, cols, n).
    focus_dof : numpy.ndarray
        Most probable focus position of each cell, shape (rows, cols).
    known : numpy.ndarray of bool
        Which cells tell it, shape (rows, cols).
    blank : numpy.ndarray of bool
        Which of the others show nothing that changes with focus.
    """

    position_dof: NDArray[np.float64]
    mass: NDArray[np.float64]
    focus_dof: NDArray[np.float64]
    known: NDArray[np.bool_]
    blank: NDArray[np.bool_]

    @property
    def known_fraction(self) -> float:
        """Share of the cells that tell where they are in focus."""
        return float(self.known.mean())

    @property
    def undecided_fraction(self) -> float:
        """Share of the cells that change with focus and do not tell where they are in focus."""
        return float((~self.known & ~self.blank).mean())

    def cells_within(
        self, places_dof: NDArray[np.float64], reach_dof: float
    ) -> NDArray[np.float64]:
        """Return how many of the known cells are in focus near some places.

        Parameters
        ----------
        places_dof : numpy.ndarray
            The places, shape (k,).
        reach_dof : float
            How near.

        Returns
        -------
        numpy.ndarray
            Shape (k,): expected numbers. All 0 if no cell is known.
        """
        total = np.concatenate([[0.0], np.cumsum(self.mass[self.known].sum(axis=0))])
        after = np.searchsorted(self.position_dof, places_dof + reach_dof, side="right")
        first = np.searchsorted(self.position_dof, places_dof - reach_dof, side="left")
        return np.asarray(total[after] - total[first])

    def cells_near(self, place_dof: float, reach_dof: float) -> NDArray[np.bool_]:
        """Return the known cells that are in focus near a place.

        Parameters
        ----------
        place_dof : float
            The place.
        reach_dof : float
            How near.

        Returns
        -------
        numpy.ndarray of bool
            Shape (rows, cols).
        """
        return self.known & (np.abs(self.focus_dof - place_dof) <= reach_dof)


def relief_of(belief: FieldBelief) -> Relief:
    """Read a belief over a field cell by cell.

    Parameters
    ----------
    belief : FieldBelief
        What is known, by one frame at least.

    Returns
    -------
    Relief
        Of all cells, each by itself.
    """
    places, mass = belief.position_dof, FieldEvidence(belief).cell_mass
    total = np.concatenate([np.zeros((*mass.shape[:2], 1)), np.cumsum(mass, axis=-1)], axis=-1)
    after = np.searchsorted(places, places + KNOWN_REACH_DOF, side="right")
    first = np.searchsorted(places, places - KNOWN_REACH_DOF, side="left")
    around = total[..., after] - total[..., first]
    # Of the stretch with most of the probability, the middle of what it holds.
    best = around.argmax(axis=-1)
    inside = np.abs(places - places[best][..., None]) <= KNOWN_REACH_DOF
    held = np.where(inside, mass, 0.0)
    # What else is possible would ask for planes everywhere.
    held /= held.sum(axis=-1, keepdims=True)
    blank = belief.blank > MOST_BLANK
    known = (around.max(axis=-1) >= KNOWN_MASS) & ~blank
    return Relief(places, held, (held * places).sum(axis=-1), known, blank)
