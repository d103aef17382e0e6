"""What became of a recorded run."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["RecordedRun", "RunState"]


class RunState(StrEnum):
    """Where a run's documents are."""

    PENDING = "pending"
    """The run goes on, or its last documents are on their way into the catalog."""
    WRITTEN = "written"
    """In the catalog, complete."""
    BACKED_UP = "backed_up"
    """Not in the catalog; every document is in the backup file."""
    LOST = "lost"
    """Neither: the backup file could not be written."""


@dataclass(frozen=True)
class RecordedRun:
    """What became of a recorded run.

    Parameters
    ----------
    uid : str
        The run's unique identifier.
    state : RunState
        Where its documents are.
    documents : int
        Number of documents received.
    backup : Path
        The backup file; gone once the run is written.
    error : str
        Why the run is not in the catalog; empty if it is.
    """

    uid: str
    state: RunState
    documents: int
    backup: Path
    error: str = ""

    @property
    def message(self) -> str:
        """A sentence for people: where the run is, and what to do if not in the catalog."""
        name = f"Run {self.uid[:8]} ({self.documents} documents)"
        match self.state:
            case RunState.WRITTEN:
                return f"{name} is in the catalog."
            case RunState.PENDING:
                return f"{name} is not yet in the catalog; its documents are in {self.backup}."
            case RunState.BACKED_UP:
                return (
                    f"{name} is not in the catalog: {self.error} All its documents are in "
                    f"{self.backup}. When the catalog works again: from bluesky_autofocus.catalog "
                    f"import open_catalog, replay_backup; "
                    f'replay_backup("{self.backup}", open_catalog())'
                )
            case RunState.LOST:
                return (
                    f"{name} is neither in the catalog nor wholly in {self.backup}: {self.error} "
                    "Check the disk, and take the run again."
                )
