"""The frames of a stored run that make a focal stack."""

import time
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..catalog import Catalog, FrameStack, Run, load_run
from ..errors import ReplayError
from ..fusion import Planes
from .stored_documents import stored_descriptor

__all__ = ["StackSource"]

STREAM = "stack"
FEWEST_PLANES = 2
WRITTEN_TIMEOUT_S, WRITTEN_POLL_S = 30.0, 0.05


@dataclass(frozen=True)
class StackSource:
    """Planes of a stored run, in order of position.

    Parameters
    ----------
    run : Run
        The run.
    key : str
        Data key of the frames.
    seq_nums : tuple of int
        Numbers of their events, in order of position.
    positions : numpy.ndarray
        Readbacks of the stage, rising.
    unit : str
        Of the positions.
    planes : Planes
        The frames; none is read yet.
    """

    run: Run
    key: str
    seq_nums: tuple[int, ...]
    positions: NDArray[np.float64]
    unit: str
    planes: Planes

    @classmethod
    def find(cls, catalog: Catalog, uid: str) -> Self:
        """Find the planes of a run: those that `focus_stack` says, or all of another run.

        Parameters
        ----------
        catalog : Catalog
            Where it is.
        uid : str
            Which run.

        Returns
        -------
        StackSource
            The planes; of several at one position the first.

        Raises
        ------
        AutofocusError
            If the run is missing, not over, derived itself, or has no frames at positions.
        """
        _wait_until_written(catalog, uid)
        run = load_run(catalog, uid)
        if "raw_uid" in run.start:
            raise ReplayError(
                f"Run {run.uid[:8]} is itself derived from run {run.start['raw_uid'][:8]}. "
                "Fuse that."
            )
        descriptor = stored_descriptor(run)
        keys = descriptor["data_keys"]
        images = [name for name, key in keys.items() if len(key.get("shape", ())) >= 2]
        motors = [d[0][0] for d in run.start.get("hints", {}).get("dimensions") or [] if d[0]]
        motors += list(run.start.get("motors") or [])
        stage = next((key for key in motors if key in keys), None)
        if len(images) != 1 or stage is None:
            raise ReplayError(
                f"Run {run.uid[:8]} cannot be fused: it has {len(images)} image keys and "
                f"{'no' if stage is None else 'a'} stage. Give a run of one camera and one stage."
            )
        events = run.events()
        if STREAM in run.streams:
            wanted = set(np.asarray(run.events(STREAM)[-1]["stack_frames"]).tolist())
            events = [event for event in events if event.get("step_number") in wanted]
        places: dict[float, int] = {}
        for event in events:
            places.setdefault(float(event[stage]), int(event["seq_num"]))
        if len(places) < FEWEST_PLANES:
            raise ReplayError(
                f"Run {run.uid[:8]} has {len(places)} planes; at least {FEWEST_PLANES} are needed "
                "to fuse. Give a run of focus_stack, or a sweep."
            )
        positions = np.array(sorted(places))
        numbers = tuple(places[z] for z in positions)
        every = run.frames("primary", images[0])
        order = [event["seq_num"] for event in run.events()]
        planes = _Chosen(every, [order.index(number) for number in numbers])
        unit = str(keys[stage].get("units") or "")
        return cls(run, images[0], numbers, positions, unit, planes)

    def describe(self) -> dict[str, Any]:
        """Return what decides a fused stack, plain values."""
        return {"key": self.key, "raw_seq_nums": list(self.seq_nums)}


def _wait_until_written(catalog: Catalog, uid: str) -> None:
    """Wait for a run that a session has just ended: it is written behind the plan's back."""
    backup = catalog.storage.backup / f"{uid}.jsonl"
    deadline = time.monotonic() + WRITTEN_TIMEOUT_S
    while backup.exists() and time.monotonic() < deadline:
        time.sleep(WRITTEN_POLL_S)


class _Chosen:
    """Some of the frames of a run."""

    def __init__(self, frames: FrameStack, rows: list[int]) -> None:
        self._frames, self._rows = frames, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> NDArray[Any]:
        return self._frames[self._rows[index]]
