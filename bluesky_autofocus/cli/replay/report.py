"""What a replay has to say, for programs."""

from dataclasses import asdict, dataclass
from typing import Any

from bluesky_autofocus.replay import FailedRun, ReplayedRun, WhatIfRun

__all__ = ["ReplayReport"]


@dataclass(frozen=True)
class ReplayReport:
    """What a replay has to say.

    Parameters
    ----------
    runs : tuple of ReplayedRun or WhatIfRun
        Those that were replayed.
    failed : tuple of FailedRun
        Those that were not.
    seconds : float
        How long it took.
    """

    runs: tuple[ReplayedRun | WhatIfRun, ...]
    failed: tuple[FailedRun, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Whether all were replayed, and the same weights gave the same estimates."""
        return not self.failed and all(run.as_expected for run in self.estimated)

    @property
    def estimated(self) -> list[ReplayedRun]:
        """The runs whose frames were estimated."""
        return [run for run in self.runs if isinstance(run, ReplayedRun)]

    @property
    def tried(self) -> list[WhatIfRun]:
        """The runs on whose frames another search was tried."""
        return [run for run in self.runs if isinstance(run, WhatIfRun)]

    @property
    def frames(self) -> int:
        """Frames estimated, or given to a search."""
        return sum(len(run.frames) for run in self.estimated) + sum(
            len(run.positions) for run in self.tried
        )

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
            "frames": self.frames,
            "seconds": round(self.seconds, 3),
        }
