"""Make the examples of many scenes, in several processes, and go on where it was interrupted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from ...errors import TrainingError
from ...workers import each
from .end_to_end import EndToEndExamples, end_to_end_examples
from .examples import examples_of
from .scene_sets import Scenes, Shard, shards_of
from .scenes import TrainingFrame
from .shards import read_shard, read_small_shard, write_shard, write_small_shard

__all__ = ["generate", "joined_examples"]


def generate(
    folder: Path,
    scenes: Scenes,
    *,
    workers: int = 1,
    share: tuple[int, int] = (0, 1),
    on_shard: Callable[[int, int], None] | None = None,
) -> None:
    """Make the shards of a set of scenes that are not there yet, or damaged.

    What a shard holds does not depend on who makes it: any number of processes, of this call or on
    other nodes, may each make their share, and an interrupted call loses the shards it was at.

    Parameters
    ----------
    folder : Path
        Where to put them; made if need be.
    scenes : Scenes
        The set.
    workers : int, default 1
        Processes that make them, with one torch thread each; 1 for none beside this one.
    share : (int, int), default (0, 1)
        Make the shards k, k + n, k + 2 n, … of all.
    on_shard : callable, optional
        Called with the number of this share's shards that are there, and of all in the share.

    Raises
    ------
    TrainingError
        If a process died, or a shard of other scenes is in the folder under the same name.
    """
    which, of = share
    shards = shards_of(folder, scenes)[which::of]
    missing = [shard for shard in shards if not _there(shard)]
    done = len(shards) - len(missing)
    if on_shard is not None:
        on_shard(done, len(shards))
    for _ in _each(missing, max(1, min(workers, len(missing)))):
        done += 1
        if on_shard is not None:
            on_shard(done, len(shards))


def _there(shard: Shard) -> bool:
    """Tell whether a shard is there and whole; a damaged file is taken away."""
    files = [(shard.path, read_shard), (shard.small_path, read_small_shard)]
    for path, read in files:
        if path is None:
            continue
        if not path.exists():
            return False
        try:
            read(path)
        except TrainingError:
            path.unlink()
            return False
        read(path, shard.origin)
    return True


def _make(shard: Shard) -> None:
    small: list[EndToEndExamples] = []
    with _one_thread():
        frames = shard.frames()
        if shard.small_path is not None:
            frames = _noted(frames, small)
        examples = examples_of(frames)
    if shard.small_path is not None:
        write_small_shard(shard.small_path, joined_examples(small), shard.origin)
    write_shard(shard.path, examples, shard.origin)


def _noted(
    frames: Iterable[TrainingFrame], small: list[EndToEndExamples]
) -> Iterator[TrainingFrame]:
    """Hand frames on, and keep what the end-to-end network sees of them."""
    for frame in frames:
        small.append(end_to_end_examples([frame]))
        yield frame


def joined_examples(parts: Sequence[EndToEndExamples]) -> EndToEndExamples:
    """Join examples of the end-to-end network.

    Parameters
    ----------
    parts : sequence of EndToEndExamples
        At least one.

    Returns
    -------
    EndToEndExamples
        All, in that order.
    """
    return EndToEndExamples(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.sampling for part in parts]),
        np.concatenate([part.u_dof for part in parts]),
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch add up in one order, whatever the machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _each(tasks: Sequence[Shard], workers: int) -> Iterator[None]:
    try:
        yield from each(_make, tasks, workers)
    except BrokenProcessPool as error:
        raise TrainingError(
            "A process that makes examples died, perhaps for want of memory: each needs 0.5 GB. "
            "Start the same command again, with fewer --workers; it goes on where it was."
        ) from error
