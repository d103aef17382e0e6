"""What a demo has to say at its end, for people and for programs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bluesky_autofocus.live import position_decimals
from bluesky_autofocus.result import FocusResult

from .reference import Reference
from .request import DemoRequest

__all__ = ["DemoReport"]


@dataclass(frozen=True)
class DemoReport:
    """How a demo ended.

    Parameters
    ----------
    request : DemoRequest
        What it was asked to do.
    result : FocusResult
        What the plan handed back.
    carriage : float or None
        Where the simulated carriage really is, backlash and all, in the stage's unit; None if the
        simulation has ended.
    reference : Reference
        What the error is measured against.
    depth_of_field : float or None
        In the stage's unit; None where the optics are unknown.
    scale : float
        What the search counted in, in the stage's unit: the depth of field, or the spacing of the
        planes that stands in for it.
    seconds : float
        Duration of the plan.
    figure : Path or None
        The picture; None if the run has no frame.
    how_to_read : str
        Lines of Python that read the run back.
    """

    request: DemoRequest
    result: FocusResult
    carriage: float | None
    reference: Reference
    depth_of_field: float | None
    scale: float
    seconds: float
    figure: Path | None
    how_to_read: str

    @property
    def error(self) -> float | None:
        """Distance from where the stage really is to the reference, in the stage's unit."""
        return None if self.carriage is None else self.carriage - self.reference.position

    def to_json(self) -> dict[str, Any]:
        """Return the one object that ``--json`` prints.

        Returns
        -------
        dict
            ``error_dof`` where the optics are known, else ``error_position`` with its unit.
        """
        result, unit = self.result, self.request.unit
        if self.depth_of_field is None:
            error = {"error_position": self.error, "error_unit": unit}
        else:
            error = {"error_dof": None if self.error is None else self.error / self.depth_of_field}
        return {
            "verdict": str(result.verdict),
            "frames": result.frames,
            **error,
            "error_against": self.reference.name,
            "reference": self.reference.position,
            "start": result.start,
            "final": result.position,
            "expected_error": result.expected_error,
            "unit": unit,
            "seconds": round(self.seconds, 3),
            "uid": result.uid,
            "search": self.request.search,
            "optics": self.request.how.source,
            "optics_note": self.request.how.note,
            "seed": self.request.seed,
            "sample": self.request.name,
            "message": result.message,
            "figure": None if self.figure is None else str(self.figure),
            "read_with": self.how_to_read,
        }

    def print(self, console: Console) -> None:
        """Tell a person.

        Parameters
        ----------
        console : rich.console.Console
            Where to.
        """
        result, unit = self.result, self.request.unit
        decimals = position_decimals(self.scale)
        colour = "green" if result.in_focus else "red"
        console.print()
        for what, said, style in (
            ("verdict", str(result.verdict), f"bold {colour}"),
            ("frames", str(result.frames), ""),
            ("from", f"{result.start:.{decimals}f} {unit}", ""),
            ("to", f"{result.position:.{decimals}f} {unit}", ""),
            ("error", self._error_said(), ""),
            (
                "against",
                f"{self.reference.name}: {self.reference.position:.{decimals}f} {unit}",
                "",
            ),
            ("time", f"{self.seconds:.1f} s", ""),
            ("run", result.uid, ""),
            ("figure", str(self.figure or "none: the run has no frame"), ""),
        ):
            console.print(f"{what:>8}  ", style="dim", end="")
            console.print(said, style=style, markup=False, soft_wrap=True)
        console.print("\nRead the run back, in any Python:", style="dim")
        console.print(self.how_to_read, markup=False, soft_wrap=True)

    def _error_said(self) -> str:
        if self.error is None:
            return "unknown: the simulation has ended"
        if self.depth_of_field is None:
            spacings = abs(self.error) / self.scale
            return f"{self.error:+.4g} {self.request.unit} ({spacings:.1f} plane spacings)"
        return f"{self.error / self.depth_of_field:+.3f} depths of field"
