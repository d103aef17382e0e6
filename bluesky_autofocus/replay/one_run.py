"""Estimate the frames of one stored run again."""

from typing import Any

from ..catalog import Catalog, Run, load_run
from ..errors import ReplayError
from ..processor import SharpnessProcessor
from ..processor.settings import SENSOR, SharpnessSettings, recorded_sensor
from .comparison import FIELDS, compare_estimates
from .derived_store import find_derived, publish
from .stored_documents import stored_descriptor, stored_documents
from .task import ReplayedFrame, ReplayedRun, ReplayTask

__all__ = ["position_of", "replay_run"]

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
    run = load_run(catalog, task.uid)
    if "raw_uid" in run.start:
        raise ReplayError(
            f"Run {run.uid[:8]} is itself derived from run {run.start['raw_uid'][:8]}. Replay that."
        )
    documents: list[tuple[str, dict[str, Any]]] = []
    processor = SharpnessProcessor(
        lambda name, document: documents.append((name, document)),
        optics=task.optics,
        weights=task.weights,
    )
    descriptor = stored_descriptor(run)
    settings = processor.settings(run.start, descriptor)
    if settings is None:
        raise ReplayError(
            f"Run {run.uid[:8]} has no frames in its stream 'primary'. Give a run that took some."
        )
    estimator = settings.estimator()
    uid, _ = settings.derived_run(run.uid, estimator)
    derived = find_derived(catalog, uid)
    done_before = derived is not None
    if derived is None:
        _estimate(run, descriptor, settings, processor)
        if documents[-1][1]["exit_status"] != "success":
            raise ReplayError(
                f"Run {run.uid[:8]} cannot be estimated: {documents[-1][1]['reason']}"
            )
        publish(catalog, documents)
        replayed = [document["data"] for name, document in documents if name == "event"]
    else:
        replayed = derived.events()
    return _compared(run, descriptor, uid, estimator.weights_sha256, done_before, replayed)


def _estimate(
    run: Run,
    descriptor: dict[str, Any],
    settings: SharpnessSettings,
    processor: SharpnessProcessor,
) -> None:
    for name, document in stored_documents(run, descriptor, settings.key):
        processor(name, document)


def _compared(
    run: Run,
    descriptor: dict[str, Any],
    derived_uid: str,
    weights_sha256: str,
    done_before: bool,
    replayed: list[dict[str, Any]],
) -> ReplayedRun:
    sensor = recorded_sensor(descriptor)
    events = run.events()
    key, unit = position_of(run, descriptor)
    now = [_fields(data, SENSOR) for data in replayed]
    before = [_fields(data, sensor["name"]) for data in events] if sensor else None
    return ReplayedRun(
        uid=run.uid,
        derived_uid=derived_uid,
        unit=unit,
        recorded_weights_sha256=sensor.get("weights_sha256"),
        weights_sha256=weights_sha256,
        done_before=done_before,
        frames=tuple(
            ReplayedFrame(
                seq_num=int(data["raw_seq_num"]),
                position=float(event[key]) if key in event else None,
                recorded=_shown(before[index]) if before else None,
                replayed=_shown(now[index]),
            )
            for index, (event, data) in enumerate(zip(events, replayed, strict=True))
        ),
        comparison=compare_estimates(before, now) if before else None,
    )


def position_of(run: Run, descriptor: dict[str, Any]) -> tuple[str, str]:
    """Return data key and unit of the stage's readback.

    Parameters
    ----------
    run : Run
        A stored run.
    descriptor : dict
        Of its stream with the frames.

    Returns
    -------
    key, unit : str
        Both empty if the run names no stage.
    """
    dimensions = run.start.get("hints", {}).get("dimensions") or []
    key = str(dimensions[0][0][0]) if dimensions else next(iter(run.start.get("motors", [])), "")
    return key, str(descriptor["data_keys"].get(key, {}).get("units") or "")


def _fields(data: dict[str, Any], sensor: str) -> dict[str, Any]:
    return {field: data[f"{sensor}_{field}"] for field in FIELDS}


def _shown(fields: dict[str, Any]) -> dict[str, Any]:
    shown = {field: fields[field] for field in SHOWN}
    return {**shown, "in_focus": bool(shown["in_focus"]), "validity": str(shown["validity"])}
