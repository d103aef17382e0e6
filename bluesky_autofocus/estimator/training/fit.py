"""Fits of the three networks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..features import summary_parts
from ..networks import MapNet, SpectrumCode, SummaryNet, Widths
from ..pair_network import PairNet, signed_histogram
from .dataset import Dataset, MapBatch
from .losses import cross_entropy, target
from .tilt import tilted
from .trainer import Schedule, train_network

__all__ = ["FitSettings", "Report", "fit_maps", "fit_pairs", "fit_summary", "network_inputs"]

Report = Callable[[int, int, float], None]

SUMMARY_BATCH = 256
# Cells of a batch of maps, whatever the frames' size.
BATCH_CELLS = 1536
FLIPS = ((), (-1,), (-2,), (-2, -1))


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


def fit_summary(
    data: Dataset,
    settings: FitSettings,
    net: SummaryNet | None = None,
) -> SummaryNet:
    """Fit the summary network.

    Parameters
    ----------
    data : Dataset
        Examples.
    settings : FitSettings
        How.
    net : SummaryNet, optional
        To go on from; default: a new one.

    Returns
    -------
    SummaryNet
        In evaluation mode.
    """
    torch.manual_seed(settings.seed)
    if net is None:
        net = SummaryNet(settings.widths)
        parts = summary_parts(data.summary[:20000].float())
        _standardise(net.encoder, parts.levels[..., :-1][parts.levels[..., -1] > 0])
        _standardise(net.whole, parts.whole.flatten(1))
    model = net.to(data.device)

    def losses(batches: Sequence[NDArray[np.intp]]) -> Iterable[Tensor]:
        for places in batches:
            b = data.summaries(places)
            logits = model(tilted(b.features), b.log_q, b.saturated)
            yield cross_entropy(logits, target(b.u_dof, b.blank), dim=1)

    def batches(rng: np.random.Generator) -> list[NDArray[np.intp]]:
        order = rng.permutation(len(data))
        return np.array_split(order, max(1, len(data) // SUMMARY_BATCH))

    settings.train(model, losses, batches)
    return model


def fit_maps(
    data: Dataset,
    settings: FitSettings,
    net: MapNet | None = None,
) -> MapNet:
    """Fit the map network.

    Parameters
    ----------
    data : Dataset
        Examples.
    settings : FitSettings
        How.
    net : MapNet, optional
        To go on from; default: a new one.

    Returns
    -------
    MapNet
        In evaluation mode.
    """
    torch.manual_seed(settings.seed)
    if net is None:
        net = MapNet(settings.widths)
        _standardise(net.encoder, _tile_sample(data, settings.seed))
    model = net.to(data.device)

    def losses(batches: Sequence[NDArray[np.intp]]) -> Iterable[Tensor]:
        for places in batches:
            b = data.maps(places)
            flip = FLIPS[int(torch.randint(len(FLIPS), (1,)))]
            levels = tuple(level.flip(flip) if flip else level for level in b.levels)
            logits = model(levels, b.whole, b.frame_shape, b.log_q, b.saturated)
            truth = _cell_target(b)
            if flip:
                truth = truth.flip([f - 1 for f in flip])
            yield cross_entropy(logits, truth.permute(0, 3, 1, 2), dim=1)

    settings.train(model, losses, lambda rng: _shape_batches(data.by_shape(), rng))
    return model


def fit_pairs(
    data: Dataset,
    maps: MapNet,
    settings: FitSettings,
    net: PairNet | None = None,
) -> PairNet:
    """Fit the network for two frames on top of the map network, which stays as it is.

    Parameters
    ----------
    data : Dataset
        Examples, two and two of one scene at a step.
    maps : MapNet
        The map network.
    settings : FitSettings
        How.
    net : PairNet, optional
        To go on from; default: a new one.

    Returns
    -------
    PairNet
        In evaluation mode.
    """
    torch.manual_seed(settings.seed)
    pairs = data.pairs()
    if net is None:
        net = PairNet(settings.widths)
        sample = _tile_sample(data, settings.seed)
        half = sample.shape[0] // 2
        both = torch.cat([0.5 * (sample[:half] + sample[half : 2 * half]), 0 * sample[:half]], 1)
        _standardise(net.encoder, both)
        net.encoder.scale[sample.shape[1] :].fill_(1.0)
    model = net.to(data.device)
    by_shape: dict[tuple[int, int], list[int]] = {}
    for k, (first, _) in enumerate(pairs):
        by_shape.setdefault(data.shapes[first], []).append(k)

    def losses(batches: Sequence[NDArray[np.intp]]) -> Iterable[Tensor]:
        for places in batches:
            a, b = data.maps(pairs[places, 0]), data.maps(pairs[places, 1])
            with torch.no_grad():
                inputs = network_inputs(maps, a, b)
            truth = signed_histogram(a.u_dof).permute(0, 3, 1, 2)
            yield cross_entropy(model(*inputs), truth, dim=1)

    settings.train(
        model,
        losses,
        lambda rng: _shape_batches({s: np.array(k) for s, k in by_shape.items()}, rng),
    )
    return model


def network_inputs(maps: MapNet, a: MapBatch, b: MapBatch) -> tuple:
    """Apply the map network to both frames of pairs.

    Parameters
    ----------
    maps : MapNet
        In evaluation mode.
    a, b : MapBatch
        First and second frames.

    Returns
    -------
    tuple
        What `PairNet` is called with.
    """
    codes = [maps.codes(x.levels, x.whole, x.frame_shape, x.log_q, x.saturated) for x in (a, b)]
    logs = [torch.log_softmax(maps.leave(c), dim=1)[:, :-1] for c in codes]
    step = b.step_dof - a.step_dof
    return (a.levels, b.levels, *logs, *codes, a.frame_shape, a.log_q, step)


def _cell_target(b: MapBatch) -> Tensor:
    blank = b.blank[:, None, None].expand(b.u_dof.shape[:3])
    return target(b.u_dof, blank)


def _shape_batches(
    by_shape: dict[tuple[int, int], NDArray[np.intp]], rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Batches of frames of one shape, in random order."""
    out = []
    for (rows, cols), places in sorted(by_shape.items()):
        size = max(1, BATCH_CELLS * 64 * 64 // (rows * cols))
        order = rng.permutation(places)
        out += [order[k : k + size] for k in range(0, order.size, size)]
    return [out[k] for k in rng.permutation(len(out))]


def _tile_sample(data: Dataset, seed: int) -> Tensor:
    """Features of some tiles of all levels, shape (n, `BANDS`)."""
    places = np.random.default_rng(seed).permutation(len(data))[:1500]
    out = []
    for p in places:
        for level in data.levels[p]:
            if level.size:
                out.append(torch.from_numpy(level.reshape(level.shape[0], -1)[:, ::3].T).float())
    return torch.cat(out)


def _standardise(encoder: SpectrumCode, power: Tensor) -> None:
    """Tell the encoder the mean and the spread of what it will see."""
    shape = power - power.mean(dim=-1, keepdim=True)
    encoder.mean.copy_(shape.mean(0))
    encoder.scale.copy_(shape.std(0).clamp_min(0.1))
