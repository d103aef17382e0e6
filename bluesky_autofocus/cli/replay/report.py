"""What a replay has to say, for programs."""

from dataclasses import asdict, dataclass
from typing import Any

from bluesky_autofocus.replay import FailedRun, ReplayedRun

__all__ = ["ReplayReport"]


@dataclass(frozen=True)
class ReplayReport:
    """What a replay has to say.

    Parameters
    ----------
    runs : tuple of ReplayedRun
        Those that were replayed.
    failed : tuple of FailedRun
        Those that were not.
    seconds : float
        How long it took.
    """

    runs: tuple[ReplayedRun, ...]
    failed: tuple[FailedRun, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Whether all were replayed, and the same weights gave the same estimates."""
        return not self.failed and all(run.as_expected for run in self.runs)

    def to_json(self) -> dict[str, Any]:
        """Return the one object that ``--json`` prints.

        Returns
        -------
        dict
            Plain values.
        """
        return {
            "runs": [run.to_json() for run in self.runs],
            "failed": [asdict(run) for run in self.failed],
            "frames": sum(len(run.frames) for run in self.runs),
            "seconds": round(self.seconds, 3),
        }
