"""How a network is fitted, and what it is told of its features beforehand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ..networks import SpectrumCode, Widths
from .trainer import Schedule, train_network

__all__ = ["FitSettings", "Report", "standardise"]

Report = Callable[[int, int, float], None]


@dataclass(frozen=True)
class FitSettings:
    """How a network is fitted.

    Parameters
    ----------
    widths : Widths
        Sizes of a new network.
    schedule : Schedule
        How long and how fast.
    seed : int
        Decides everything.
    checkpoint : Path, optional
        See `trainer.train_network`.
    report : callable, optional
        See `trainer.train_network`.
    """

    widths: Widths
    schedule: Schedule
    seed: int
    checkpoint: Path | None = None
    report: Report | None = None

    def train(
        self,
        net: nn.Module,
        loss_of: Callable[[Sequence[NDArray[np.intp]]], Iterable[Tensor]],
        batches_of: Callable[[np.random.Generator], list[NDArray[np.intp]]],
    ) -> None:
        """Fit a network in place.

        Parameters
        ----------
        net : torch.nn.Module
            What to fit.
        loss_of, batches_of : callable
            See `trainer.train_network`.
        """
        train_network(
            net,
            loss_of,
            batches_of,
            self.schedule,
            seed=self.seed,
            checkpoint=self.checkpoint,
            report=self.report,
        )


def standardise(encoder: SpectrumCode, power: Tensor) -> None:
    """Tell an encoder the mean and the spread of what it will see.

    Parameters
    ----------
    encoder : SpectrumCode
        Changed in place.
    power : torch.Tensor
        Log power of many tiles, shape (n, features).
    """
    shape = power - power.mean(dim=-1, keepdim=True)
    encoder.mean.copy_(shape.mean(0))
    encoder.scale.copy_(shape.std(0).clamp_min(0.1))
