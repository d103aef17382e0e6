"""A whole training: examples, three networks, and what `completion` makes of them."""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import TrainingError
from .completion import Networks, Progress, completed, examples_of
from .fit_maps import fit_maps
from .fit_pairs import fit_pairs
from .fit_settings import FitSettings
from .fit_summary import fit_summary
from .folder import TrainingFolder
from .generate import generate
from .options import TrainingOptions
from .processes import Processes, joined
from .scene_sets import shards_of

__all__ = ["TrainingResult", "train"]

# The longest that one process makes one shard.
SHARD_PATIENCE_S = 900.0


@dataclass(frozen=True)
class TrainingResult:
    """What a training left in its folder.

    Parameters
    ----------
    weights : Path
        The estimator's weights.
    card : dict
        The model card, plain values; it lies beside them.
    """

    weights: Path
    card: dict[str, Any]


def train(
    folder: Path,
    options: TrainingOptions,
    *,
    workers: int = 1,
    device: str = "cpu",
    progress: Progress | None = None,
) -> TrainingResult | None:
    """Make the estimator's weights from nothing.

    A call that was interrupted is gone on with by the same call. Several processes may train
    together: start each with `torchrun`, with one folder that all see; they share the making of
    examples and the batches, and end with the same weights.

    Parameters
    ----------
    folder : Path
        Where to put examples, checkpoints, ``estimator.safetensors`` and ``estimator.json``.
    options : TrainingOptions
        What to do.
    workers : int, default 1
        Processes that make examples, for each process that trains.
    device : str, default "cpu"
        Where to fit: ``cpu`` or ``cuda``.
    progress : callable, optional
        Called as the stages go on, in the first process only.

    Returns
    -------
    TrainingResult or None
        None in all processes but the first, which writes the weights.

    Raises
    ------
    TrainingError
        If the folder is of another training, or something that it needs is damaged or missing.
    """
    if workers < 1:
        raise TrainingError(f"There are to be {workers} workers; give at least 1.")
    place = TrainingFolder(folder)
    with joined(device) as processes, ExitStack() as stack:

        def claim() -> dict[str, Any] | None:
            if processes.rank:
                return None
            # With another number of processes a checkpoint's steps would mean something else.
            asked = options.as_dict() | {"processes": processes.world}
            stack.enter_context(place.claimed(asked))
            return place.finished()

        card = processes.everywhere(claim)
        if not any(processes.gathered(card is not None)):
            heard = None if processes.rank else progress
            networks = _networks(place, options, processes, workers, heard)
            if processes.rank == 0:
                card = completed(place, options, processes, networks, progress)
        return None if card is None else TrainingResult(place.weights, card)


def _networks(
    place: TrainingFolder,
    options: TrainingOptions,
    processes: Processes,
    workers: int,
    progress: Progress | None,
) -> Networks:
    """Make the examples and fit the networks, together with all processes."""

    def timed(stage: str) -> AbstractContextManager[None]:
        return nullcontext() if processes.rank else place.timed(stage)

    for name, scenes in options.sets.items():
        shards = shards_of(place.examples(name), scenes)

        def report(done: int, of: int, name: str = name) -> None:
            if progress is not None:
                progress(f"{name} scenes", done, of, None)

        with timed(f"{name} scenes"):
            generate(
                place.examples(name),
                scenes,
                workers=workers,
                share=(processes.rank, processes.world),
                on_shard=report,
            )
            processes.wait_for([shard.path for shard in shards], SHARD_PATIENCE_S)
    data = processes.everywhere(lambda: examples_of(place, options, "training", processes.device))

    def settings(network: str) -> FitSettings:
        def report(step: int, of: int, loss: float) -> None:
            if progress is not None:
                progress(network, step, of, loss)

        return FitSettings(
            options.widths,
            options.schedule(network),
            options.seed,
            place.checkpoint(network),
            report,
        )

    with timed("summary"):
        summary = fit_summary(data, settings("summary"))
    with timed("maps"):
        maps = fit_maps(data, settings("maps"))
    with timed("pairs"):
        pairs = fit_pairs(data, maps, settings("pairs"))
    networks = Networks(summary, maps, pairs)
    for name, net in networks.items():
        processes.same(net.cpu(), name)
    return networks
