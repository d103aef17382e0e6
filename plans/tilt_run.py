"""What one measurement of a tilt knows while it runs."""

from collections.abc import Iterator
from math import atan, degrees
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.result import TiltResult
from bluesky_autofocus.verdict import Verdict

from .field_run import FieldRun
from .readouts import Readout, Value

if TYPE_CHECKING:
    from bluesky_autofocus.search.tilt_search import TiltSearch

__all__ = ["TiltRun"]

NAN = float("nan")
# First and last row, first and last column, as shares of the frame from its middle.
CORNERS = ((-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5))


class TiltRun(FieldRun):
    """The state of one measurement of a tilt; see `FocusRun`."""

    @property
    def _tilt(self) -> "TiltSearch":
        return cast("TiltSearch", self.search)

    def _fields(self) -> dict[str, str]:
        unit = self.station.scale.unit
        return {**super()._fields(), "middle": unit, "row_slope": unit, "column_slope": unit}

    def heights_dof(self) -> NDArray[np.floating] | None:
        """Say the plane at the cells; see `FieldRun.heights_dof`."""
        plane, known = self._tilt.plane, self._tilt.known
        if plane is None or known is None:
            return None
        rows, cols = known.grid.row_px / known.grid.rows_px, known.grid.col_px / known.grid.cols_px
        return plane.at(rows[:, None] - 0.5, cols - 0.5)

    def _believed(self) -> dict[str, Value]:
        plane, scale, field = self._tilt.plane, self.station.scale, super()._believed()
        if plane is None:
            return {**field, "middle": NAN, "row_slope": NAN, "column_slope": NAN}
        return {
            **field,
            "middle": scale.to_stage(plane.centre_dof),
            "row_slope": scale.to_stage(plane.row_slope_dof),
            "column_slope": scale.to_stage(plane.column_slope_dof),
        }

    def findings(self) -> Iterator[tuple[str, Readout]]:
        """Publish the plane; see `FocusRun`."""
        outcome = self.outcome
        if self._tilt.plane is None or outcome is None:
            return
        if outcome.verdict is not Verdict.IN_FOCUS:
            return
        result, unit = self.result(), self.station.scale.unit
        readout = Readout(
            "tilt",
            {
                "row_deg": "deg",
                "row_std_deg": "deg",
                "column_deg": "deg",
                "column_std_deg": "deg",
                "corners": unit,
            },
        )
        readout.publish(
            row_deg=result.row_tilt_deg,
            row_std_deg=result.row_tilt_std_deg,
            column_deg=result.column_tilt_deg,
            column_std_deg=result.column_tilt_std_deg,
            corners=np.array(result.corners),
        )
        yield "tilt", readout

    def result(self) -> TiltResult:
        """Return the outcome in the stage's unit and in degrees; see `FocusRun.result`."""
        base = vars(super().result())
        plane, optics = self._tilt.plane, self.station.optics
        known, outcome = self._tilt.known, self.outcome
        measured = outcome is not None and outcome.verdict is Verdict.IN_FOCUS
        if not measured or plane is None or optics is None or known is None:
            return TiltResult(**base)
        scale, grid = self.station.scale, known.grid
        tall, wide = (n * optics.sample_pixel_um for n in (grid.rows_px, grid.cols_px))
        dof_um = optics.depth_of_field_um
        row_std, column_std = plane.slope_std_dof
        corners = tuple(
            scale.to_stage(float(plane.at(np.array(r), np.array(c))) - plane.centre_dof)
            for r, c in CORNERS
        )
        tilt = TiltResult(
            **base,
            row_tilt_deg=degrees(atan(plane.row_slope_dof * dof_um / tall)),
            row_tilt_std_deg=degrees(row_std * dof_um / tall),
            column_tilt_deg=degrees(atan(plane.column_slope_dof * dof_um / wide)),
            column_tilt_std_deg=degrees(column_std * dof_um / wide),
            corners=corners,
        )
        return TiltResult(**{**vars(tilt), "message": f"{tilt.advice} {base['message']}"})
