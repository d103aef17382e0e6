"""What is the same for every part of the benchmark."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from ..workers import each

__all__ = ["Conditions", "Track", "untracked"]

Task = TypeVar("Task")
Result = TypeVar("Result")
Item = TypeVar("Item")


class Track(Protocol):
    """Shows progress while something is worked through."""

    def __call__(self, items: Iterable[Item], total: int, description: str) -> Iterable[Item]:
        """Hand on the items, and show how many of `total` are done."""
        ...


def untracked(items: Iterable[Item], total: int, description: str) -> Iterable[Item]:
    """Hand on the items and show nothing.

    Parameters
    ----------
    items : iterable
        Anything.
    total : int
        How many there will be.
    description : str
        What they are.

    Returns
    -------
    iterable
        `items`.
    """
    return items


@dataclass(frozen=True)
class Conditions:
    """Under which everything is measured.

    Parameters
    ----------
    seed : int, default 0
        Of all scenes and all noise.
    weights : Path, optional
        Weights of the estimator; default: those of the package.
    workers : int, default 1
        Processes that render and estimate.
    track : callable, optional
        Shows progress; default: nothing is shown.
    """

    seed: int = 0
    weights: Path | None = None
    workers: int = 1
    track: Track = untracked

    def each(
        self, function: Callable[[Task], list[Result]], tasks: Sequence[Task], description: str
    ) -> list[Result]:
        """Apply a function to every task and join the lists that it returns.

        Parameters
        ----------
        function : callable
            Of one task; a module's own function, so that another process finds it.
        tasks : sequence
            Its arguments.
        description : str
            What is being done, for the progress.

        Returns
        -------
        list
            All results, in the order of the tasks.
        """
        done = self.track(each(function, tasks, self.workers), len(tasks), description)
        return [result for part in done for result in part]
