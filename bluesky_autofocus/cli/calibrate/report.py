"""What a calibration reports, as a table and as JSON."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bluesky_autofocus.calibration import BlurRate, Calibration, Play, Scatter

from .changes import Change

__all__ = ["CalibrateReport"]


@dataclass(frozen=True)
class CalibrateReport:
    """A calibration beside a station file.

    Parameters
    ----------
    source : str
        The run or stack.
    station : pathlib.Path
        The station file.
    calibration : Calibration
        What the sweep says.
    changes : tuple of Change
        Every value, old and new.
    written : bool
        Whether the file was changed.
    """

    source: str
    station: Path
    calibration: Calibration
    changes: tuple[Change, ...]
    written: bool = False

    @property
    def told(self) -> bool:
        """Whether the blur rate was told."""
        return isinstance(self.calibration.blur_rate, BlurRate)

    @property
    def to_write(self) -> tuple[Change, ...]:
        """What differs from the station file."""
        return tuple(change for change in self.changes if change.changes)

    @property
    def ending(self) -> str:
        """What became of the station file."""
        if self.written:
            return f"Written to {self.station}."
        if not self.to_write:
            return f"{self.station} is left as it is: nothing to change."
        return f"{self.station} is left as it is. Give --write to change it."

    def print_to(self, console: Console) -> None:
        """Print what was seen, and old beside new.

        Parameters
        ----------
        console : rich.console.Console
            Where to.
        """
        for what, said in self._seen():
            console.print(f"{what:>14}  ", style="dim", end="")
            console.print(said, markup=False, soft_wrap=True)
        table = Table(box=None, header_style="dim", pad_edge=False)
        for head in ("station file", "old", "new", "±", ""):
            table.add_column(head, justify="left" if head in ("station file", "") else "right")
        for row in self.changes:
            table.add_row(
                row.key,
                _said(row.old),
                _said(row.new) if row.changes else "as it is",
                "" if row.std is None else f"{row.std:.2g}",
                row.note,
                style="bold" if row.changes else "",
            )
        console.print(table)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values.

        Returns
        -------
        dict
            For ``--json``.
        """
        found = self.calibration
        return {
            "source": self.source,
            "station": str(self.station),
            "unit": found.unit,
            "frames": found.frames,
            "peak": found.peak,
            "blur_rate": _blur_rate(found.blur_rate),
            "backlash": asdict(found.play) if isinstance(found.play, Play) else None,
            "noise": asdict(found.scatter) if isinstance(found.scatter, Scatter) else None,
            "exposure": asdict(found.exposure),
            "changes": [asdict(row) for row in self.changes],
            "written": self.written,
            "error": None,
        }

    def _seen(self) -> list[tuple[str, str]]:
        found, unit = self.calibration, self.calibration.unit
        rate, play, scatter = found.blur_rate, found.play, found.scatter
        said = [("frames", f"{found.frames} of {self.source}, sharpest at {found.peak:.5g} {unit}")]
        if isinstance(rate, BlurRate):
            said += [
                (
                    "blur rate",
                    f"{rate.pixels_per_unit:.3g} ± {rate.pixels_per_unit_std:.2g} pixels/{unit}",
                ),
                (
                    "depth of field",
                    f"{rate.depth_of_field:.3g} ± {rate.depth_of_field_std:.2g} {unit} at "
                    f"q = {rate.sampling.recorded_q:g}",
                ),
            ]
        if isinstance(play, Play):
            said.append(("backlash", f"{play.value:.3g} ± {play.std:.2g} {unit}"))
        if isinstance(scatter, Scatter):
            said.append(
                (
                    "position noise",
                    f"{scatter.carriage:.2g} ± {scatter.carriage_std:.1g} {unit} by the frames, "
                    f"{scatter.readback:.2g} by the readback",
                )
            )
        return [*said, ("exposure", found.exposure.said)]


def _blur_rate(rate: BlurRate | str) -> dict[str, Any] | None:
    if isinstance(rate, str):
        return None
    return {
        "pixels_per_unit": rate.pixels_per_unit,
        "pixels_per_unit_std": rate.pixels_per_unit_std,
        "depth_of_field": rate.depth_of_field,
        "depth_of_field_std": rate.depth_of_field_std,
        "sampling_q": rate.sampling.recorded_q,
        "focus": rate.focus,
        "focus_std": rate.focus_std,
    }


def _said(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"
