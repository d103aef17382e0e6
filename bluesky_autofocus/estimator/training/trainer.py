"""One loop for all networks: seeded, resumable, on one process or many."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from time import monotonic

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn

from ...errors import TrainingError

__all__ = ["Schedule", "share_of_batch", "train_network"]

CHECKPOINT_S = 60.0
CLIP = 1.0


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network learns.

    Parameters
    ----------
    epochs : int
        Passes over the data.
    rate : float
        Largest learning rate; it rises over the first tenth and falls to zero.
    decay : float
        Weight decay.
    average : float
        Decay of the running average of the weights, which is what is kept.
    """

    epochs: int
    rate: float = 2e-3
    decay: float = 0.02
    average: float = 0.998


def share_of_batch(size: int) -> int:
    """Divide a batch among the processes that train.

    Parameters
    ----------
    size : int
        Of the batch that the weights follow from, whatever the number of processes.

    Returns
    -------
    int
        What each process takes of it, at least 1.
    """
    return max(1, size // _place()[1])


def train_network(
    net: nn.Module,
    loss_of: Callable[[Sequence[NDArray[np.intp]]], Iterable[Tensor]],
    batches_of: Callable[[np.random.Generator], list[NDArray[np.intp]]],
    schedule: Schedule,
    *,
    seed: int,
    checkpoint: Path | None = None,
    report: Callable[[int, int, float], None] | None = None,
) -> None:
    """Fit a network; afterwards it holds the running average of its weights.

    Under ``torch.distributed`` every process takes its share of the batches and gradients are
    averaged, so all hold the same weights at every step.

    Parameters
    ----------
    net : torch.nn.Module
        Fitted in place.
    loss_of : callable
        Takes batches, gives the mean loss of each, lazily.
    batches_of : callable
        Takes a random generator, gives the batches of an epoch, each the share of one process.
    schedule : Schedule
        How long and how fast.
    seed : int
        Decides the order.
    checkpoint : path, optional
        File that keeps the state; if it is there, training goes on from it.
    report : callable, optional
        Called with the step, the number of steps and the loss.

    Raises
    ------
    TrainingError
        If the checkpoint is damaged or of another network.
    """
    rank, world = _place()
    counted = len(batches_of(np.random.default_rng([seed, 0])))
    # All processes take the same number of steps, or the last would wait for ever.
    per_epoch = max(1, counted // world)
    total = schedule.epochs * per_epoch
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.rate, weight_decay=schedule.decay)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, schedule.rate, total_steps=total, pct_start=0.1
    )
    averaged = torch.optim.swa_utils.AveragedModel(net, avg_fn=_running_average(schedule.average))
    parts = {"net": net, "optimiser": optimiser, "pace": pace, "averaged": averaged}
    step = _resume(parts, checkpoint)
    saved = monotonic()
    net.train()
    while step < total:
        epoch, done = divmod(step, per_epoch)
        order = batches_of(np.random.default_rng([seed, epoch]))
        # With fewer batches than processes some take the same one.
        mine = [order[(rank + world * k) % len(order)] for k in range(done, per_epoch)]
        _seed_step(seed, step, rank, world)
        for loss in loss_of(mine):
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            _average_gradients(net, world)
            nn.utils.clip_grad_norm_(net.parameters(), CLIP)
            optimiser.step()
            pace.step()
            averaged.update_parameters(net)
            step += 1
            _seed_step(seed, step, rank, world)
            if report is not None and rank == 0:
                report(step, total, float(loss.detach()))
            if checkpoint and rank == 0 and monotonic() - saved > CHECKPOINT_S:
                _save(parts, step, checkpoint)
                saved = monotonic()
    if checkpoint and rank == 0:
        _save(parts, step, checkpoint)
    net.load_state_dict(averaged.module.state_dict())
    net.eval()


def _running_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """Exponential average that forgets its first steps quickly."""

    def average(kept: Tensor, new: Tensor, steps: Tensor | int) -> Tensor:
        n = float(steps)
        keep = min(decay, (1 + n) / (10 + n))
        return keep * kept + (1 - keep) * new

    return average


def _seed_step(seed: int, step: int, rank: int, world: int) -> None:
    """Make what is drawn in a step the same whether or not training was interrupted before it."""
    torch.manual_seed(seed * 1_000_003 + step * world + rank)


def _place() -> tuple[int, int]:
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def _average_gradients(net: nn.Module, world: int) -> None:
    if world == 1:
        return
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in net.parameters()]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    dist.all_reduce(flat)
    flat /= world
    for p, part in zip(net.parameters(), flat.split([g.numel() for g in gradients]), strict=True):
        p.grad = part.view_as(p).clone()


def _save(parts: dict, step: int, checkpoint: Path) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_name(checkpoint.name + ".part")
    torch.save({"step": step} | {k: v.state_dict() for k, v in parts.items()}, partial)
    partial.replace(checkpoint)


def _resume(parts: dict, checkpoint: Path | None) -> int:
    if checkpoint is None or not checkpoint.exists():
        return 0
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        return int(state["step"])
    except (OSError, RuntimeError, ValueError, KeyError, EOFError, UnpicklingError) as error:
        raise TrainingError(
            f"The checkpoint {checkpoint} cannot be gone on from: {error}. Delete it to fit this "
            "network from the start."
        ) from error
