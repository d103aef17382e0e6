"""What an autofocus run hands back."""

from dataclasses import dataclass

from .focus_surface import FocusSurface
from .verdict import Side, Verdict

__all__ = [
    "AltitudeResult",
    "FocusMapResult",
    "FocusResult",
    "MappedPoint",
    "RegionsResult",
    "StackResult",
    "TiltResult",
]


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


@dataclass(frozen=True)
class TiltResult(FocusResult):
    """How a measurement of a tilt ended; the numbers are NaN unless it is `in_focus`.

    Parameters
    ----------
    row_tilt_deg, column_tilt_deg : float
        Angle along the rows' direction, from the first row to the last, and along the columns',
        from the first column to the last: positive where the stage must go up.
    row_tilt_std_deg, column_tilt_std_deg : float
        Their standard deviations.
    corners : tuple of float
        Where the corners come into focus less where the middle does, in the stage's unit: first
        row and first column, first and last, last and first, last and last.
    """

    row_tilt_deg: float = float("nan")
    row_tilt_std_deg: float = float("nan")
    column_tilt_deg: float = float("nan")
    column_tilt_std_deg: float = float("nan")
    corners: tuple[float, ...] = ()

    @property
    def advice(self) -> str:
        """Say the tilt, and what it means on the station's own axis."""
        if not self.corners:
            return ""
        first, right, down, last = self.corners
        return (
            f"The sample is tilted by {self.row_tilt_deg:.3f} ± {self.row_tilt_std_deg:.3f}° along "
            f"the rows and {self.column_tilt_deg:.3f} ± {self.column_tilt_std_deg:.3f}° along the "
            f"columns: its last row is in focus {down - first:+.4g} {self.unit} from its first, "
            f"its last column {right - first:+.4g}, its corners within "
            f"{max(self.corners) - min(self.corners):.4g}."
        )


@dataclass(frozen=True)
class StackResult(FocusResult):
    """How a run for a focal stack ended.

    Parameters
    ----------
    planes : tuple of float
        Where the frames of the stack were taken, in the stage's unit, ascending; frames that were
        only taken to find the sample are not among them.
    plane_frames : tuple of int
        Their numbers in the run, from 1.
    unknown_fraction : float
        Share of the field that does not tell where it is in focus.
    """

    planes: tuple[float, ...] = ()
    plane_frames: tuple[int, ...] = ()
    unknown_fraction: float = 1.0


@dataclass(frozen=True)
class MappedPoint:
    """A place on the sample and its focus.

    Parameters
    ----------
    x, y : float
        The place, in the units of its axes.
    focus, error : float or None
        Where it is in focus and the standard error of that, in the focus stage's unit.
    measured : bool
        Whether it was brought into focus; if not, the surface says so.
    frames : int
        Frames taken there.
    uid : str
        Of its run; empty without one.
    """

    x: float
    y: float
    focus: float | None
    error: float | None
    measured: bool
    frames: int
    uid: str = ""


@dataclass(frozen=True)
class FocusMapResult:
    """Where the stage is in focus over the sample.

    Parameters
    ----------
    surface : FocusSurface
        Smooth surface through the measured points; called with x and y.
    points : tuple of MappedPoint
        In the order in which they were visited.
    unit : str
        The focus stage's unit.
    """

    surface: FocusSurface
    points: tuple[MappedPoint, ...]
    unit: str

    @property
    def frames(self) -> int:
        """Frames taken in all."""
        return sum(point.frames for point in self.points)

    def __str__(self) -> str:
        """Say what was mapped in one line."""
        measured = sum(point.measured for point in self.points)
        kind = ("constant", "plane", "quadratic")[self.surface.degree]
        return (
            f"{len(self.points)} points, {measured} of them measured with {self.frames} frames: a "
            f"{kind}, {self.surface.residual_std:.3g} {self.unit} off on average."
        )
