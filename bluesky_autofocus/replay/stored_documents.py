"""A stored run as documents that carry their frames."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..catalog import FrameStack, Run
from ..errors import CatalogError

__all__ = ["stored_descriptor", "stored_documents"]

# One request for many frames is quicker than many; memory is bounded all the same.
BLOCK_BYTES = 32 * 2**20


def stored_descriptor(run: Run, stream: str = "primary") -> dict[str, Any]:
    """Return the descriptor of a stream.

    Parameters
    ----------
    run : Run
        A stored run.
    stream : str
        The stream's name.

    Returns
    -------
    dict
        The descriptor.

    Raises
    ------
    CatalogError
        If the run is not over, or has no such stream.
    """
    if run.stop is None:
        raise CatalogError(
            f"Run {run.uid[:8]} is not over, or its end is missing from the catalog. Wait for its "
            "end, or replay its backup file with replay_backup."
        )
    if stream not in run.streams:
        raise CatalogError(
            f"Run {run.uid[:8]} has no stream {stream!r}; it has {list(run.streams)}. "
            "Give a run that took frames."
        )
    described = {**run.client[stream].metadata}
    return {"run_start": run.uid, "name": stream, "object_keys": {}, **described}


def stored_documents(
    run: Run, descriptor: dict[str, Any], key: str, events: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a run's documents with the frames of one stream in its events.

    Other streams are left out.

    Parameters
    ----------
    run : Run
        A stored run.
    descriptor : dict
        Of the stream; see `stored_descriptor`.
    key : str
        Data key of the frames.
    events : sequence of mapping
        The stream's `Run.events`.

    Yields
    ------
    (str, dict)
        Kind of document and document, one frame at a time.

    Raises
    ------
    CatalogError
        If there are not as many frames as events.
    """
    stream = descriptor["name"]
    stack = run.frames(stream, key)
    if len(events) != len(stack):
        raise CatalogError(
            f"Run {run.uid[:8]} has {len(events)} events and {len(stack)} frames in the stream "
            f"{stream!r}: some frame is missing or belongs to no event. It cannot be replayed."
        )
    assert run.stop is not None
    yield "start", run.start
    yield "descriptor", descriptor
    for said, frame in zip(events, _frames(stack), strict=True):
        data = {name: value for name, value in said.items() if name not in ("seq_num", "time")}
        data[key] = frame
        yield (
            "event",
            {
                "uid": f"{descriptor['uid']}/{said['seq_num']}",
                "descriptor": descriptor["uid"],
                "seq_num": said["seq_num"],
                "time": said["time"],
                "data": data,
                "timestamps": dict.fromkeys(data, said["time"]),
                "filled": {key: True},
            },
        )
    yield "stop", run.stop


def _frames(stack: FrameStack) -> Iterator[NDArray[Any]]:
    _, rows, columns = stack.shape
    size = max(1, BLOCK_BYTES // max(1, rows * columns * stack.dtype.itemsize))
    for first in range(0, len(stack), size):
        yield from np.asarray(stack[first : first + size])
