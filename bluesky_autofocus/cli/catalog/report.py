"""What a copy has to say."""

from dataclasses import dataclass
from typing import Any

from bluesky_autofocus.catalog import CopiedRun, CopyState

__all__ = ["CopyReport"]


@dataclass(frozen=True)
class CopyReport:
    """What a copy has to say.

    Parameters
    ----------
    runs : tuple of CopiedRun
        All that were asked for.
    seconds : float
        How long it took.
    """

    runs: tuple[CopiedRun, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Whether all that were asked for are in the other catalog."""
        return not self.of(CopyState.FAILED)

    @property
    def without_frames(self) -> list[CopiedRun]:
        """Runs that were copied after some of their frames had been deleted."""
        return [run for run in self.runs if run.files_gone]

    @property
    def sentence(self) -> str:
        """What came of it, for people."""
        gone = self.without_frames
        return (
            f"{len(self.of(CopyState.COPIED))} runs copied in {self.seconds:.1f} s, "
            f"{len(self.of(CopyState.ALREADY_THERE))} were there already, "
            f"{len(self.of(CopyState.FAILED))} failed."
            + (f" Frames of {len(gone)} of them were gone before." if gone else "")
        )

    def of(self, state: CopyState) -> list[CopiedRun]:
        """Return the runs that ended in one way.

        Parameters
        ----------
        state : CopyState
            How.

        Returns
        -------
        list of CopiedRun
            In the order in which they were asked for.
        """
        return [run for run in self.runs if run.state is state]

    def to_json(self) -> dict[str, Any]:
        """Return the one object that ``--json`` prints.

        Returns
        -------
        dict
            Plain values.
        """
        return {
            "copied": [run.uid for run in self.of(CopyState.COPIED)],
            "already_there": [run.uid for run in self.of(CopyState.ALREADY_THERE)],
            "failed": [{"uid": run.uid, "error": run.error} for run in self.of(CopyState.FAILED)],
            "files_gone": {run.uid: list(run.files_gone) for run in self.without_frames},
            "seconds": round(self.seconds, 3),
        }
