"""Copy runs from one catalog to another, such as from the embedded one to a server."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import CatalogError
from .metadata import without_infinity
from .node_copy import copy_children, files_of, plain_container
from .opening import Catalog
from .run import Run, load_run

if TYPE_CHECKING:
    from bluesky_tiled_plugins.clients.bluesky_run import BlueskyRunV3

__all__ = ["CopiedRun", "CopyState", "copy_runs", "run_uids"]

_PAGE = 300


class CopyState(StrEnum):
    """What became of a run that was to be copied."""

    COPIED = "copied"
    """It is in the other catalog now."""
    ALREADY_THERE = "already_there"
    """It was there before, whole."""
    FAILED = "failed"
    """It is not there."""


@dataclass(frozen=True)
class CopiedRun:
    """What became of a run that was to be copied.

    Parameters
    ----------
    uid : str
        The run's unique identifier, or what was given for it.
    state : CopyState
        Whether it is there.
    error : str
        Why it is not; empty if it is.
    files_gone : tuple of str
        Files of frames that neither catalog can read: they were deleted before the run was copied.
    """

    uid: str
    state: CopyState
    error: str = ""
    files_gone: tuple[str, ...] = ()


def run_uids(catalog: Catalog) -> list[str]:
    """Return the uids of all runs of a catalog.

    Parameters
    ----------
    catalog : Catalog
        An open catalog.

    Returns
    -------
    list of str
        In the order in which they came in.
    """
    return _all_keys(catalog.client)


def copy_runs(source: Catalog, destination: Catalog, uids: Sequence[str]) -> Iterator[CopiedRun]:
    """Copy runs, whole, to another catalog; what is wrong with one is its own.

    Frames stay in their files: the other catalog must be allowed to read these where they are
    (``readable_storage``), which is tried for each run. A run gets its stop document last. So one
    that was cut off in the middle is known by its want, and is copied anew.

    Parameters
    ----------
    source : Catalog
        Where the runs are.
    destination : Catalog
        Where they go.
    uids : sequence of str
        The runs: whole uids, or their first five letters or more.

    Yields
    ------
    CopiedRun
        One for each, in the same order.

    Raises
    ------
    CatalogError
        If the other catalog does not answer any more.
    """
    from httpx import TransportError
    from tiled.queries import KeyPresent

    try:
        there = set(_all_keys(destination.client.search(KeyPresent("stop.uid"))))
        for uid in uids:
            if uid in there:
                yield CopiedRun(uid, CopyState.ALREADY_THERE)
                continue
            try:
                copied = _copy_run(load_run(source, uid), destination, there)
            except TransportError:
                raise
            except Exception as error:
                said = str(error) if isinstance(error, CatalogError) else f"{error!r}"
                copied = CopiedRun(uid, CopyState.FAILED, said)
            there.add(copied.uid)
            yield copied
    except TransportError as error:
        raise CatalogError(
            f"The server at {destination.client.context.api_uri} does not answer "
            f"({type(error).__name__}: {error}). Start it; the same command then goes on where "
            "this one stopped."
        ) from error


def _all_keys(client: Any) -> list[str]:
    # The largest page that Tiled gives: a third of the requests.
    return list(client.keys().page_size(_PAGE))


def _copy_run(run: Run, destination: Catalog, there: set[str]) -> CopiedRun:
    from httpx import TransportError

    if run.uid in there:
        return CopiedRun(run.uid, CopyState.ALREADY_THERE)
    stop = run.stop
    if stop is None:
        raise CatalogError(
            f"Run {run.uid[:8]} is not over, or its end is missing from the catalog. Wait for its "
            "end, or put its backup file into the catalog with replay_backup; then copy it."
        )
    if "verdict" not in stop and run.verdict is not None:
        stop["verdict"] = str(run.verdict)
    node = _new_run(run, destination)
    try:
        in_files = copy_children(plain_container(run.client), plain_container(node))
        gone = [file for pair in in_files for file in _unreadable(*pair)]
        notes = {key: value for key, value in run.metadata.items() if key not in ("start", "stop")}
        node.update_metadata(metadata={**notes, "stop": stop}, drop_revision=True)
    except TransportError:
        raise
    except Exception:
        _delete(node)
        raise
    return CopiedRun(run.uid, CopyState.COPIED, files_gone=tuple(gone))


def _new_run(run: Run, destination: Catalog) -> "BlueskyRunV3":
    """Make a run's node, in place of one that was left without an end."""
    client: Any = destination.client
    start = without_infinity(run.start)
    try:
        _delete(client[run.uid])
    except KeyError:
        pass
    return client.create_container(key=run.uid, metadata={"start": start}, specs=run.client.specs)


def _delete(node: Any) -> None:
    # The run's own tables go with it; the camera's files belong to the camera and stay.
    node.delete(recursive=True, external_only=False)


def _unreadable(source: Any, copy: Any) -> list[str]:
    """Return the files of an array if they are gone; refuse if only the copy cannot be read."""
    if not all(copy.shape) or _reads(copy):
        return []
    files = files_of(source)
    if _reads(source):
        raise CatalogError(
            f"The server cannot read the frames in {files[0]}. Give it the folder, at the same "
            "path, as readable_storage in its configuration, and copy the run again."
        )
    return files


def _reads(array: Any) -> bool:
    """Tell whether the first pixel can be read; Tiled's own client would ask for 25 s."""
    first = ",".join("0" * array.ndim)
    try:
        answer = array.context.http_client.get(
            array.item["links"]["full"],
            params={"slice": first},
            headers={"Accept": "application/octet-stream"},
        )
    except OSError:
        # From the embedded catalog, which runs in this process.
        return False
    return answer.is_success
