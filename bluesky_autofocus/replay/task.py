"""One run to be replayed, and what came of it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..optics import Optics
from .comparison import Comparison

__all__ = ["FailedRun", "ReplayTask", "ReplayedFrame", "ReplayedRun"]


TOLERANCE_DOF = 0.5


@dataclass(frozen=True)
class ReplayTask:
    """A run to be replayed.

    Parameters
    ----------
    uid : str
        As `load_run` takes it.
    optics : Optics or None
        The imaging system; None takes what the run says.
    weights : pathlib.Path or None
        Weights of the estimator; None takes those shipped.
    search : str or None
        Search whose decisions are tried on the stored frames; None estimates the frames.
    tolerance_dof : float
        With a search: how far the nearest stored frame may be from where it asks for one.
    """

    uid: str
    optics: Optics | None = None
    weights: Path | None = None
    search: str | None = None
    tolerance_dof: float = TOLERANCE_DOF


@dataclass(frozen=True)
class FailedRun:
    """A run that could not be replayed.

    Parameters
    ----------
    uid : str
        As given.
    error : str
        Why, and what to do.
    """

    uid: str
    error: str


@dataclass(frozen=True)
class ReplayedFrame:
    """One frame, recorded and replayed.

    Parameters
    ----------
    seq_num : int
        Number of the event.
    position : float or None
        Readback of the stage, in its unit; None if the run names no stage.
    recorded, replayed : dict
        ``sharpness``, ``distance_dof``, ``distance_std_dof``, ``validity`` and ``in_focus``;
        recorded is None where no estimator looked at it.
    """

    seq_num: int
    position: float | None
    recorded: dict[str, Any] | None
    replayed: dict[str, Any]


@dataclass(frozen=True)
class ReplayedRun:
    """What came of a run's replay.

    Parameters
    ----------
    uid, derived_uid : str
        The run, and the one derived from it; both in the catalog.
    unit : str
        Of the positions.
    recorded_weights_sha256 : str or None
        Weights with which it was estimated while it was recorded; None if it was not.
    weights_sha256 : str
        Weights of the replay.
    done_before : bool
        Whether the derived run was in the catalog already.
    frames : tuple of ReplayedFrame
        In order.
    comparison : Comparison or None
        With the recorded estimates; None if there are none.
    """

    uid: str
    derived_uid: str
    unit: str
    recorded_weights_sha256: str | None
    weights_sha256: str
    done_before: bool
    frames: tuple[ReplayedFrame, ...]
    comparison: Comparison | None

    @property
    def same_weights(self) -> bool:
        """Whether it was recorded with the weights of the replay."""
        return self.recorded_weights_sha256 == self.weights_sha256

    @property
    def as_expected(self) -> bool:
        """Whether the same weights gave the same estimates; nothing is expected of others."""
        return not self.same_weights or (
            self.comparison is not None and self.comparison.is_identical
        )

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of this run.

        Returns
        -------
        dict
            Plain values.
        """
        return {**asdict(self), "same_weights": self.same_weights}
