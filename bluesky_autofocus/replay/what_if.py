"""The decisions of a search on frames that are there already."""

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import ReplayError
from ..measurement import Measurement
from ..search import Search
from ..verdict import Outcome
from .stored_planes import StoredPlanes

__all__ = ["Step", "search_stored"]

# More than any search here takes.
MOST_FRAMES = 500


@dataclass(frozen=True)
class Step:
    """One frame that a search asked for, and got from the store.

    Parameters
    ----------
    index : int
        Which stored frame.
    position_dof, target_dof : float
        Where it was taken, and where the search asked for it.
    reason : str
        Why it asked.
    """

    index: int
    position_dof: float
    target_dof: float
    reason: str


def search_stored(
    search: Search, planes: StoredPlanes, measure: Callable[[int], Measurement]
) -> tuple[Outcome, list[Step]]:
    """Let a search decide on stored frames as it would on a stage.

    Parameters
    ----------
    search : Search
        The search at its start.
    planes : StoredPlanes
        Where the frames were taken.
    measure : callable
        From the index of a frame to what it says.

    Returns
    -------
    outcome : Outcome
        How the search ended.
    steps : list of Step
        The frames it took.

    Raises
    ------
    ReplayError
        If it does not end.
    """
    steps: list[Step] = []
    while not isinstance(move := search.suggest(), Outcome):
        if len(steps) == MOST_FRAMES:
            raise ReplayError(f"The search has not ended after {MOST_FRAMES} frames.")
        index = planes.nearest(move.position_dof)
        position = float(planes.positions_dof[index])
        search = search.ingest(position, measure(index))
        steps.append(Step(index, position, move.position_dof, move.reason))
    return move, steps
