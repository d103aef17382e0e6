"""What one run over the altitudes of a field knows while it runs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.result import AltitudeResult, RegionsResult

from .field_run import FieldRun
from .readouts import Readout, Value

if TYPE_CHECKING:
    from bluesky_autofocus.search.region_search import RegionSearch

__all__ = ["RegionsRun"]


class RegionsRun(FieldRun):
    """The state of one run over the altitudes of a field; see `FocusRun`."""

    @property
    def _regions(self) -> "RegionSearch":
        return cast("RegionSearch", self.search)

    def heights_dof(self) -> NDArray[np.floating] | None:
        """Say the altitude of the cells; see `FieldRun.heights_dof`."""
        field = self._regions.field
        if field is None:
            return None
        # The last place is that of unknown cells, whose label is -1.
        return np.array([*(a.focus_dof for a in field.altitudes), np.nan])[field.labels]

    def _believed(self) -> dict[str, Value]:
        field, scale = self._regions.field, self.station.scale
        if field is None:
            return {**super()._believed(), "altitudes": "", "unknown_fraction": 1.0}
        return {
            **super()._believed(),
            "altitudes": "; ".join(
                f"{scale.to_stage(a.focus_dof):.6g} ({a.probability:.2f})" for a in field.altitudes
            ),
            "unknown_fraction": field.unknown_fraction,
        }

    def _fields(self) -> dict[str, str]:
        return {**super()._fields(), "altitudes": "", "unknown_fraction": ""}

    def findings(self) -> Iterator[tuple[str, Readout]]:
        """Publish the altitudes, one an event, and the labels of the cells; see `FocusRun`."""
        seen, unit = self._regions.seen, self.station.scale.unit
        if seen is None:
            return
        readout = Readout(
            "altitude",
            {
                "label": "",
                "focus_position": unit,
                "expected_error": unit,
                "probability": "",
                "area_fraction": "",
                "regions": "",
                "box": "px",
            },
        )
        for altitude in self.altitudes():
            values = asdict(altitude)
            boxes = values.pop("boxes")
            largest = np.array(boxes[0] if boxes else (0, 0, 0, 0), dtype=np.int64)
            readout.publish(**values, regions=len(boxes), box=largest)
            yield "altitudes", readout
        field = Readout("field", {"labels": "", "row": "px", "column": "px"})
        field.publish(
            labels=seen.labels.astype(np.int64), row=seen.grid.row_px, column=seen.grid.col_px
        )
        yield "field", field

    def altitudes(self) -> tuple[AltitudeResult, ...]:
        """Return the altitudes that have been seen in focus, in the stage's unit."""
        seen, scale = self._regions.seen, self.station.scale
        if seen is None:
            return ()
        return tuple(
            AltitudeResult(
                label=altitude.label,
                focus_position=scale.to_stage(altitude.focus_dof),
                expected_error=scale.to_stage(altitude.sigma_dof),
                probability=altitude.probability,
                area_fraction=float((seen.labels == altitude.label).mean()),
                boxes=tuple(r.box_px for r in seen.regions if r.altitude == altitude.label),
            )
            for altitude in seen.altitudes
        )

    def result(self) -> RegionsResult:
        """Return the outcome in the stage's unit; see `FocusRun.result`."""
        seen = self._regions.seen
        found = self.altitudes()
        result = super().result()
        return RegionsResult(
            **{**vars(result), "message": f"{_listed(found, result.unit)}{result.message}"},
            altitudes=found,
            unknown_fraction=1.0 if seen is None else seen.unknown_fraction,
        )


def _listed(altitudes: tuple[AltitudeResult, ...], unit: str) -> str:
    places = ", ".join(f"{a.focus_position:.6g} ({a.area_fraction:.0%})" for a in altitudes)
    return f"In focus at {places} {unit}. " if len(altitudes) > 1 else ""
