"""Another search on the frames of one stored run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..catalog import Catalog
from ..measurement import Measurement
from ..processor import DerivedRun
from .derived_store import find_derived, publish
from .ending import Ending, ending_of, outcome_data
from .source import ReplaySource
from .sweep_source import Look, SweepSource
from .task import ReplayTask
from .what_if import search_stored

__all__ = ["WhatIfRun", "what_if_run"]


@dataclass(frozen=True)
class WhatIfRun:
    """What another search would have made of a stored run.

    Parameters
    ----------
    uid, derived_uid : str
        The run, and the one derived from it; both in the catalog.
    unit : str
        Of the positions.
    depth_of_field : float
        In that unit.
    done_before : bool
        Whether the derived run was in the catalog already.
    recorded, what_if : Ending
        How the run ended, and how the search does.
    message : str
        What the search saw, and what to do.
    positions : tuple of float
        Where the frames were taken that the search got.
    """

    uid: str
    derived_uid: str
    unit: str
    depth_of_field: float
    done_before: bool
    recorded: Ending
    what_if: Ending
    message: str
    positions: tuple[float, ...]

    @property
    def difference_dof(self) -> float | None:
        """From the recorded focus position to that of the search, in depths of field."""
        before, now = self.recorded.focus_position, self.what_if.focus_position
        return None if before is None or now is None else (now - before) / self.depth_of_field

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of this run.

        Returns
        -------
        dict
            Plain values.
        """
        return {**asdict(self), "difference_dof": self.difference_dof}


def what_if_run(catalog: Catalog, task: ReplayTask, search: str) -> WhatIfRun:
    """Let another search decide on the frames of a stored sweep, and publish the derived run.

    Parameters
    ----------
    catalog : Catalog
        Where the run is, and where the derived run goes.
    task : ReplayTask
        Which run, and how.
    search : str
        Name of the search.

    Returns
    -------
    WhatIfRun
        How it ends, beside how the run ended.

    Raises
    ------
    AutofocusError
        If the run, its frames or its optics are missing, its frames lie too far apart, or the
        catalog does not take the derived run.
    """
    source = ReplaySource.find(catalog, task)
    sweep = SweepSource.find(source, task.tolerance_dof)
    estimator = source.settings.estimator()
    uid, metadata = source.settings.derived_run(
        source.run.uid,
        estimator,
        purpose="what_if",
        what_if=sweep.metadata(search, task.tolerance_dof),
    )
    derived = find_derived(catalog, uid)
    if derived is None:
        look = sweep.look(search, estimator)
        documents = _decided(source, sweep, search, look, uid, metadata)
        publish(catalog, documents)
        *primary, ended = [document["data"] for name, document in documents if name == "event"]
    else:
        primary, ended = derived.events(), derived.outcome or {}
    start = source.run.start.get("autofocus", {})
    return WhatIfRun(
        uid=source.run.uid,
        derived_uid=uid,
        unit=sweep.unit,
        depth_of_field=sweep.scale.depth_of_field,
        done_before=derived is not None,
        recorded=ending_of(start.get("search"), source.run.outcome or {}),
        what_if=ending_of(search, ended),
        message=str(ended["outcome_message"]),
        positions=tuple(float(data[sweep.key]) for data in primary),
    )


def _decided(
    source: ReplaySource,
    sweep: SweepSource,
    search: str,
    look: Look,
    uid: str,
    metadata: Mapping[str, Any],
) -> list[tuple[str, dict[str, Any]]]:
    """Return the documents of the run in which the search decides."""
    documents: list[tuple[str, dict[str, Any]]] = []
    frames = source.run.frames(source.settings.stream, source.settings.key)
    seen: list[dict[str, Any]] = []

    def measure(index: int) -> Measurement:
        data, measurement = look(source.settings.seen(frames[index]))
        seen.append(data)
        return measurement

    scale = sweep.scale
    outcome, steps = search_stored(sweep.search(search), sweep.planes, measure)
    run = DerivedRun(lambda name, document: documents.append((name, document)), uid, metadata)
    for number, (step, data) in enumerate(zip(steps, seen, strict=True), start=1):
        run.event(
            {
                "raw_seq_num": sweep.seq_nums[step.index],
                sweep.key: scale.to_stage(step.position_dof),
                "step_number": number,
                "step_reason": step.reason,
                "step_target": scale.to_stage(step.target_dof),
                **data,
            },
            units={sweep.key: sweep.unit, "step_target": sweep.unit},
        )
    run.event(outcome_data(outcome, len(steps), scale), stream="outcome")
    run.stop()
    return documents
