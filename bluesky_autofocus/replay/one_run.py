"""Estimate the frames of one stored run again."""

from typing import Any

from ..catalog import Catalog
from ..errors import ReplayError
from ..processor import SharpnessProcessor
from ..processor.settings import SENSOR, recorded_sensor
from .comparison import FIELDS, compare_estimates
from .derived_store import find_derived, publish
from .source import ReplaySource
from .stored_documents import stored_documents
from .task import ReplayedFrame, ReplayedRun, ReplayTask

__all__ = ["replay_run"]

SHOWN = ("sharpness", "distance_dof", "distance_std_dof", "validity", "in_focus")


def replay_run(catalog: Catalog, task: ReplayTask) -> ReplayedRun:
    """Estimate the frames of a stored run again, and publish the derived run.

    What a replay has done already, with the same weights, is only read.

    Parameters
    ----------
    catalog : Catalog
        Where the run is, and where the derived run goes.
    task : ReplayTask
        Which run, and how.

    Returns
    -------
    ReplayedRun
        The estimates beside those recorded.

    Raises
    ------
    AutofocusError
        If it is a derived run itself, the run, its frames or its optics are missing, a frame cannot
        be estimated, or the catalog does not take the derived run.
    """
    source = ReplaySource.find(catalog, task)
    estimator = source.settings.estimator()
    uid, _ = source.settings.derived_run(source.run.uid, estimator)
    derived = find_derived(catalog, uid)
    events = source.run.events(source.settings.stream)
    if derived is None:
        documents = _estimated(source, events)
        publish(catalog, documents)
        replayed = [document["data"] for name, document in documents if name == "event"]
    else:
        replayed = derived.events()
    return ReplayedRun(
        uid=source.run.uid,
        derived_uid=uid,
        unit=source.position[1],
        recorded_weights_sha256=recorded_sensor(source.descriptor).get("weights_sha256"),
        weights_sha256=estimator.weights_sha256,
        done_before=derived is not None,
        **_compared(source, events, replayed),
    )


def _estimated(
    source: ReplaySource, events: list[dict[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    documents: list[tuple[str, dict[str, Any]]] = []
    settings = source.settings
    processor = SharpnessProcessor(
        lambda name, document: documents.append((name, document)),
        optics=settings.optics,
        full_scale=settings.full_scale,
        weights=settings.weights,
        stream=settings.stream,
        key=settings.key,
    )
    raw = stored_documents(source.run, source.descriptor, settings.key, events)
    for name, document in raw:
        processor(name, document)
    stop = documents[-1][1]
    if stop["exit_status"] != "success":
        raise ReplayError(f"Run {source.run.uid[:8]} cannot be estimated: {stop['reason']}")
    return documents


def _compared(
    source: ReplaySource, events: list[dict[str, Any]], replayed: list[dict[str, Any]]
) -> dict[str, Any]:
    sensor = recorded_sensor(source.descriptor)
    key, _ = source.position
    now = [_fields(data, SENSOR) for data in replayed]
    before = [_fields(data, sensor["name"]) for data in events] if sensor else None
    frames = tuple(
        ReplayedFrame(
            seq_num=int(event["seq_num"]),
            position=float(event[key]) if key in event else None,
            recorded=_shown(before[index]) if before else None,
            replayed=_shown(now[index]),
        )
        for index, event in enumerate(events)
    )
    return {"frames": frames, "comparison": compare_estimates(before, now) if before else None}


def _fields(data: dict[str, Any], sensor: str) -> dict[str, Any]:
    return {field: data[f"{sensor}_{field}"] for field in FIELDS}


def _shown(fields: dict[str, Any]) -> dict[str, Any]:
    shown = {field: fields[field] for field in SHOWN}
    return {**shown, "in_focus": bool(shown["in_focus"]), "validity": str(shown["validity"])}
