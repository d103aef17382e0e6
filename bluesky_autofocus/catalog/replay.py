"""Put a run that only its backup file holds into the catalog."""

import json
import logging
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import CatalogError
from .journal import is_in_use
from .opening import Catalog
from .run_writer import tiled_writer

__all__ = ["replay_backup"]

logger = logging.getLogger(__name__)


def replay_backup(path: str | Path, catalog: Catalog) -> str:
    """Put a run that only its backup file holds into the catalog.

    What the catalog already has of the run is deleted first, unless it is complete. A run whose
    recording process died gets a stop document with exit status ``fail`` that says so: without
    one the catalog would not show its events. Afterwards the file is renamed to ``….jsonl.done``.

    Parameters
    ----------
    path : str or Path
        The backup file, as told by `Recorder.runs` or `unwritten_runs`.
    catalog : Catalog
        The open catalog.

    Returns
    -------
    str
        The run's uid.

    Raises
    ------
    CatalogError
        If the file is missing, malformed, or still being written, or the catalog refuses the run.
    """
    path = Path(path)
    documents = _read(path)
    uid = documents[0][1]["uid"]
    if documents[-1][0] != "stop":
        logger.warning("%s has no stop document: the run is marked as failed.", path)
        documents.append(("stop", _missing_stop(documents)))
    try:
        if not _is_complete(uid, catalog):
            write = tiled_writer(catalog)
            for name, document in documents:
                write(name, document)
    except Exception as error:
        raise CatalogError(
            f"The catalog refuses run {uid} from {path}: {type(error).__name__}: {error}. "
            "The file is left as it was; try again when the catalog works."
        ) from error
    path.rename(path.with_name(path.name + ".done"))
    return uid


def _read(path: Path) -> list[tuple[str, dict[str, Any]]]:
    if not path.is_file():
        raise CatalogError(f"There is no backup file {path}. Look in the catalog's backup folder.")
    if is_in_use(path):
        raise CatalogError(
            f"The run in {path} is still being recorded. Wait for its end, or end that process."
        )
    documents = list(_parse(path))
    if not documents or documents[0][0] != "start":
        raise CatalogError(f"{path} does not begin with a start document: it is no backup file.")
    return documents


def _parse(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            yield entry["name"], entry["doc"]
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) > 1:
                logger.warning("The last line of %s was cut off and is left out.", path)
                return
            raise CatalogError(
                f"Line {number} of {path} is not a document ({error}). Remove that line or "
                "restore the file."
            ) from error


def _missing_stop(documents: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    streams = {doc["uid"]: doc["name"] for name, doc in documents if name == "descriptor"}
    counts = dict.fromkeys(streams.values(), 0)
    for name, document in documents:
        if name == "event":
            counts[streams[document["descriptor"]]] += 1
    last_time = max((doc["time"] for _, doc in documents if "time" in doc), default=time.time())
    return {
        "uid": str(uuid.uuid4()),
        "time": last_time,
        "run_start": documents[0][1]["uid"],
        "exit_status": "fail",
        "reason": "The recording process ended before the run's stop document.",
        "num_events": counts,
    }


def _is_complete(uid: str, catalog: Catalog) -> bool:
    """Tell whether the catalog has the whole run; delete what it has of an incomplete one."""
    try:
        run: Any = catalog.client[uid]
    except KeyError:
        return False
    if run.metadata.get("stop"):
        return True
    # The run's own tables go with it; the camera's files belong to the camera and stay.
    run.delete(recursive=True, external_only=False)
    return False
