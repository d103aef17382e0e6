"""What one process does at the end of a training: calibration, weights and their card."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import torch
from torch import nn

from ... import __version__
from ..map_network import MapNet
from ..networks import SummaryNet
from ..pair_network import PairNet
from ..weights import save_weights
from .calibrate import calibrate
from .dataset import Dataset
from .end_to_end import BATCH, fit_end_to_end, save_end_to_end
from .figures import map_figures, parameters_of, summary_figures
from .folder import TrainingFolder
from .generate import joined_examples
from .options import TrainingOptions
from .processes import Processes
from .scene_sets import shards_of
from .shards import read_shard, read_small_shard

__all__ = ["Networks", "Progress", "completed", "examples_of", "versions"]

Progress = Callable[[str, int, int, float | None], None]
"""Called with a stage, what is done of it, what there is to do, and the loss if there is one."""


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


def completed(
    place: TrainingFolder,
    options: TrainingOptions,
    processes: Processes,
    networks: Networks,
    progress: Progress | None,
) -> dict[str, Any]:
    """Fit the end-to-end network, calibrate, and write weights and card.

    Parameters
    ----------
    place : TrainingFolder
        Where they go.
    options : TrainingOptions
        What was asked.
    processes : Processes
        Those that trained.
    networks : Networks
        What they fitted.
    progress : callable, optional
        See `run.train`.

    Returns
    -------
    dict
        The model card.
    """

    def report(stage: str, done: int) -> None:
        if progress is not None:
            progress(stage, done, 1, None)

    end_to_end = None
    if options.end_to_end:
        with place.timed("end to end"):
            end_to_end = _end_to_end(place, options, progress)
    report("calibration", 0)
    with place.timed("calibration"):
        varied, plain = (examples_of(place, options, name) for name in ("varied", "plain"))
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


def examples_of(
    place: TrainingFolder, options: TrainingOptions, name: str, device: str = "cpu"
) -> Dataset:
    """Read the examples of a set.

    Parameters
    ----------
    place : TrainingFolder
        Where they are.
    options : TrainingOptions
        Of the training.
    name : str
        Of the set.
    device : str, default "cpu"
        Where batches shall be.

    Returns
    -------
    Dataset
        All of them.
    """
    shards = shards_of(place.examples(name), options.sets[name])
    return Dataset((read_shard(shard.path, shard.origin) for shard in shards), device)


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
