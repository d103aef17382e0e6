"""What a replay is asked to do, checked before anything starts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bluesky_autofocus.estimator import load_weights
from bluesky_autofocus.evaluation import read_optics_file
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.replay import ReplayTask

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
    """

    tasks: tuple[ReplayTask, ...]
    workers: int

    @classmethod
    def checked(
        cls,
        *,
        uids: list[str],
        weights: Path | None,
        optics: Path | None,
        workers: int,
    ) -> Self:
        """Check the options of the command.

        Parameters
        ----------
        uids, weights, optics, workers
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
        known: Optics | None = None if optics is None else read_optics_file(optics)
        path = None if weights is None else weights.absolute()
        unique = dict.fromkeys(uids)
        return cls(tuple(ReplayTask(uid, optics=known, weights=path) for uid in unique), workers)
