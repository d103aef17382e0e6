"""What one run for a focal stack knows while it runs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.result import StackResult

from .field_run import FieldRun
from .readouts import Readout, Value

if TYPE_CHECKING:
    from bluesky_autofocus.search.stack_search import StackSearch

__all__ = ["StackRun"]

NAN = float("nan")


class StackRun(FieldRun):
    """The state of one run for a focal stack; see `FocusRun`."""

    @property
    def _stack(self) -> "StackSearch":
        return cast("StackSearch", self.search)

    def _fields(self) -> dict[str, str]:
        unit = self.station.scale.unit
        planes = {"planes": "", "lowest": unit, "highest": unit, "unknown_fraction": ""}
        return super()._fields() | planes

    def heights_dof(self) -> NDArray[np.floating] | None:
        """Say the height of the cells; see `FieldRun.heights_dof`."""
        relief = self._stack.relief
        return None if relief is None else np.where(relief.known, relief.focus_dof, np.nan)

    def _believed(self) -> dict[str, Value]:
        planes, scale = self._stack.planes_dof, self.station.scale
        return {
            **super()._believed(),
            "planes": len(planes),
            "lowest": scale.to_stage(planes[0]) if planes else NAN,
            "highest": scale.to_stage(planes[-1]) if planes else NAN,
            "unknown_fraction": self._unknown_fraction,
        }

    @property
    def _unknown_fraction(self) -> float:
        relief = self._stack.relief
        return 1.0 if relief is None else 1.0 - relief.known_fraction

    def findings(self) -> Iterator[tuple[str, Readout]]:
        """Publish which frames make the stack; see `FocusRun`."""
        result, unit = self.result(), self.station.scale.unit
        if not result.planes:
            return
        readout = Readout(
            "stack", {"frames": "", "positions": unit, "spacing": unit, "unknown_fraction": ""}
        )
        readout.publish(
            frames=np.array(result.plane_frames, dtype=np.int64),
            positions=np.array(result.planes),
            spacing=self.station.scale.to_stage(self._stack.spacing_dof),
            unknown_fraction=result.unknown_fraction,
        )
        yield "stack", readout

    def result(self) -> StackResult:
        """Return the outcome in the stage's unit; see `FocusRun.result`."""
        search, scale = self._stack, self.station.scale
        frames = search.stack_frames
        return StackResult(
            **vars(super().result()),
            planes=tuple(scale.to_stage(search.history[k].position_dof) for k in frames),
            plane_frames=tuple(k + 1 for k in frames),
            unknown_fraction=self._unknown_fraction,
        )
