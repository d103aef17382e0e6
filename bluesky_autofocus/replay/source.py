"""A stored run from which another one is to be derived."""

from dataclasses import dataclass
from typing import Any, Self

from ..catalog import Catalog, Run, load_run
from ..errors import ReplayError
from ..processor import SharpnessProcessor, SharpnessSettings
from .stored_documents import stored_descriptor
from .task import ReplayTask

__all__ = ["ReplaySource"]


@dataclass(frozen=True)
class ReplaySource:
    """A stored run with frames.

    Parameters
    ----------
    run : Run
        The run.
    descriptor : dict
        Of its stream with the frames.
    settings : SharpnessSettings
        With which the frames are estimated.
    """

    run: Run
    descriptor: dict[str, Any]
    settings: SharpnessSettings

    @classmethod
    def find(cls, catalog: Catalog, task: ReplayTask) -> Self:
        """Find the run of a task.

        Parameters
        ----------
        catalog : Catalog
            Where it is.
        task : ReplayTask
            Which one.

        Returns
        -------
        ReplaySource
            The run; its frames are not read yet.

        Raises
        ------
        AutofocusError
            If it is missing, not over, derived itself, has no frames, or nobody knows its optics.
        """
        run = load_run(catalog, task.uid)
        if "raw_uid" in run.start:
            raise ReplayError(
                f"Run {run.uid[:8]} is itself derived from run {run.start['raw_uid'][:8]}. "
                "Replay that."
            )
        descriptor = stored_descriptor(run)
        asked = SharpnessProcessor(print, optics=task.optics, weights=task.weights)
        settings = asked.settings(run.start, descriptor)
        if settings is None:
            raise ReplayError(
                f"Run {run.uid[:8]} has no frames in its stream {descriptor['name']!r}. Give a run "
                "that took some."
            )
        return cls(run, descriptor, settings)

    @property
    def position(self) -> tuple[str, str]:
        """Data key and unit of the stage's readback; both empty if the run names no stage."""
        dimensions = self.run.start.get("hints", {}).get("dimensions") or []
        motors = list(self.run.start.get("motors") or [])
        key = str(dimensions[0][0][0]) if dimensions else next(iter(motors), "")
        return key, str(self.descriptor["data_keys"].get(key, {}).get("units") or "")
