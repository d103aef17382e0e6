"""What an autofocus run hands back."""

from dataclasses import dataclass

from .verdict import Side, Verdict

__all__ = ["AltitudeResult", "FocusResult", "RegionsResult"]


@dataclass(frozen=True)
class FocusResult:
    """How an autofocus run ended, in stage units.

    Parameters
    ----------
    verdict : Verdict
        The kind of end; only `Verdict.IN_FOCUS` is success.
    message : str
        What was seen and what to do.
    position : float
        Where the stage is now, or was last seen. Not in focus: where it started, if it could be
        brought back.
    focus_position : float or None
        Best estimate of the focus position, whether or not the stage is there.
    expected_error : float or None
        Standard error of `focus_position`.
    start : float
        Where the stage was.
    unit : str
        The stage's engineering unit, in which all of these are.
    frames : int
        Frames taken, confirmation included.
    side : Side or None
        With `out_of_range`: the end of the window beyond which focus seems to lie.
    uid : str
        The run's uid in the catalog.
    """

    verdict: Verdict
    message: str
    position: float
    focus_position: float | None
    expected_error: float | None
    start: float
    unit: str
    frames: int
    side: Side | None
    uid: str

    @property
    def in_focus(self) -> bool:
        """Whether the sample is in focus."""
        return self.verdict is Verdict.IN_FOCUS

    def __str__(self) -> str:
        """Say the verdict in one line."""
        return (
            f"{self.verdict}: stage at {self.position:.6g} {self.unit} after {self.frames} frames. "
            f"{self.message}"
        )


@dataclass(frozen=True)
class AltitudeResult:
    """One altitude of a field, in stage units.

    Parameters
    ----------
    label : int
        Its label in the field, from 0 in order of position.
    focus_position : float
        Where it is in focus.
    expected_error : float
        Standard error of that.
    probability : float
        Probability that focus is within half a depth of field of there.
    area_fraction : float
        Share of the field.
    boxes : tuple of (int, int, int, int)
        Row, column, rows and columns of each of its regions in the frame, the largest first.
    """

    label: int
    focus_position: float
    expected_error: float
    probability: float
    area_fraction: float
    boxes: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class RegionsResult(FocusResult):
    """How a run over all altitudes of a field ended.

    Parameters
    ----------
    altitudes : tuple of AltitudeResult
        Those that have been seen in focus, in order of position.
    unknown_fraction : float
        Share of the field that tells of none of them.
    """

    altitudes: tuple[AltitudeResult, ...] = ()
    unknown_fraction: float = 1.0
