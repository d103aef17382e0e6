"""What a replay is asked to do, checked before anything starts."""

from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Self

from bluesky_autofocus.errors import ReplayError, SearchError
from bluesky_autofocus.estimator import load_weights
from bluesky_autofocus.evaluation import read_optics_file
from bluesky_autofocus.replay import ReplayTask
from bluesky_autofocus.search import SEARCHES

__all__ = ["ReplayRequest"]


@dataclass(frozen=True)
class ReplayRequest:
    """A replay that can be run.

    Parameters
    ----------
    tasks : tuple of ReplayTask
        The runs, each once.
    workers : int
        Processes.
    scheduler : str or None
        Address of a Dask scheduler, if its workers are to do it.
    """

    tasks: tuple[ReplayTask, ...]
    workers: int
    scheduler: str | None

    @classmethod
    def checked(
        cls,
        *,
        uids: list[str],
        weights: Path | None,
        optics: Path | None,
        search: str | None,
        tolerance: float,
        workers: int,
        scheduler: str | None,
    ) -> Self:
        """Check the options of the command.

        Parameters
        ----------
        uids, weights, optics, search, tolerance, workers, scheduler
            The options as given.

        Returns
        -------
        ReplayRequest
            What to run.

        Raises
        ------
        AutofocusError
            What is wrong, with the value, the limit and what to do.
        """
        if weights is not None:
            load_weights(weights, "cpu")
        if search is not None and search not in SEARCHES:
            raise SearchError(
                f"There is no search {search!r}. Choose one of: {', '.join(SEARCHES)}."
            )
        if not 0 < tolerance < inf:
            raise ReplayError(
                f"--tolerance {tolerance:g} is no distance. Give a positive number of depths of "
                "field."
            )
        if scheduler is not None and workers != 1:
            raise ReplayError(
                f"--workers {workers} and --scheduler {scheduler} were both given. Give one of "
                "them: a scheduler has workers of its own."
            )
        task = ReplayTask(
            "",
            optics=None if optics is None else read_optics_file(optics),
            weights=None if weights is None else weights.absolute(),
            search=search,
            tolerance_dof=tolerance,
        )
        tasks = tuple(replace(task, uid=uid) for uid in dict.fromkeys(uids))
        return cls(tasks, workers, scheduler)
