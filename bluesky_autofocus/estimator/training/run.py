"""A whole training: examples, three networks, calibration, weights and their card."""

import platform
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import torch
from torch import nn

from ... import __version__
from ...errors import TrainingError
from ..map_network import MapNet
from ..networks import SummaryNet
from ..pair_network import PairNet
from ..weights import save_weights
from .calibrate import calibrate
from .dataset import Dataset
from .end_to_end import BATCH, fit_end_to_end, save_end_to_end
from .figures import map_figures, parameters_of, summary_figures
from .fit_maps import fit_maps
from .fit_pairs import fit_pairs
from .fit_settings import FitSettings
from .fit_summary import fit_summary
from .folder import TrainingFolder
from .generate import generate, joined_examples
from .options import TrainingOptions
from .processes import Processes, joined
from .scene_sets import shards_of
from .shards import read_shard, read_small_shard

__all__ = ["Networks", "Progress", "TrainingResult", "train"]

Progress = Callable[[str, int, int, float | None], None]
"""Called with a stage, what is done of it, what there is to do, and the loss if there is one."""

# The longest that one process makes one shard.
SHARD_PATIENCE_S = 900.0


@dataclass(frozen=True)
class Networks:
    """The estimator's three networks.

    Parameters
    ----------
    summary, maps, pairs : torch.nn.Module
        In evaluation mode.
    """

    summary: SummaryNet
    maps: MapNet
    pairs: PairNet

    def items(self) -> tuple[tuple[str, nn.Module], ...]:
        """Name them."""
        return (("summary", self.summary), ("maps", self.maps), ("pairs", self.pairs))


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
                card = _completed(place, options, processes, networks, progress)
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
    data = processes.everywhere(lambda: _data(place, options, "training", processes.device))

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


def _completed(
    place: TrainingFolder,
    options: TrainingOptions,
    processes: Processes,
    networks: Networks,
    progress: Progress | None,
) -> dict[str, Any]:
    """Do what one process does alone: the end-to-end network, calibration, weights."""

    def report(stage: str, done: int) -> None:
        if progress is not None:
            progress(stage, done, 1, None)

    end_to_end = None
    if options.end_to_end:
        with place.timed("end to end"):
            end_to_end = _end_to_end(place, options, progress)
    report("calibration", 0)
    with place.timed("calibration"):
        varied, plain = (_data(place, options, name) for name in ("varied", "plain"))
        calibration = calibrate(networks.summary, networks.maps, networks.pairs, varied, plain)
        t = calibration.summary_temperature
        figures = {
            "summary": {
                "varied": summary_figures(networks.summary, varied, temperature=t),
                "plain": summary_figures(networks.summary, plain, temperature=t),
            },
            "maps": {
                "varied": map_figures(
                    networks.maps,
                    varied,
                    temperature=calibration.map_temperature,
                    certain_std=calibration.map_certain_std,
                )
            },
        }
    report("calibration", 1)
    version = f"{__version__}, seed {options.seed}, {options.scenes} scenes"
    digest = save_weights(
        place.weights,
        networks.summary,
        networks.maps,
        networks.pairs,
        widths=options.widths,
        calibration=calibration,
        version=version,
    )
    card = {
        "version": version,
        "sha256": digest,
        "options": options.as_dict(),
        "processes": processes.world,
        "device": processes.device,
        "versions": versions(),
        "seconds": place.seconds,
        "parameters": parameters_of(**dict(networks.items())),
        "calibration": vars(calibration),
        # On the families that confidence was scaled on; held-out ones are the benchmark's.
        "figures_on_calibration_families": figures,
        "end_to_end": end_to_end,
    }
    place.write_card(card)
    return card


def versions() -> dict[str, str]:
    """Return the versions of all that decides the weights.

    Returns
    -------
    dict
        By name.
    """
    return {
        "bluesky_autofocus": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def _end_to_end(
    place: TrainingFolder, options: TrainingOptions, progress: Progress | None
) -> dict[str, Any] | None:
    shards = shards_of(place.examples("training"), options.sets["training"])
    examples = joined_examples(
        [read_small_shard(s.small_path, s.origin) for s in shards if s.small_path is not None]
    )
    if len(examples.images) < BATCH:
        return None

    def report(share: float, loss: float) -> None:
        if progress is not None:
            progress("end to end", round(share * epochs), epochs, loss)

    epochs = options.end_to_end_epochs
    network = fit_end_to_end(examples, epochs=epochs, seed=options.seed, progress=report)
    card = {"frames": len(examples.images), "epochs": epochs, "seed": options.seed}
    return {"sha256": save_end_to_end(network, place.end_to_end, **card), **card}


def _data(
    place: TrainingFolder, options: TrainingOptions, name: str, device: str = "cpu"
) -> Dataset:
    shards = shards_of(place.examples(name), options.sets[name])
    return Dataset((read_shard(shard.path, shard.origin) for shard in shards), device)
