"""The fit of the network for two frames."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..map_network import MapNet
from ..pair_network import PairNet, signed_histogram
from .cell_batches import frame_weights, of_other_texture, shape_batches, tile_sample
from .dataset import Dataset, MapBatch
from .fit_settings import FitSettings, standardise
from .losses import cross_entropy
from .tilt import draw_tilt

__all__ = ["fit_pairs", "network_inputs"]


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
        sample = tile_sample(data, settings.seed)
        half = sample.shape[0] // 2
        both = torch.cat([0.5 * (sample[:half] + sample[half : 2 * half]), 0 * sample[:half]], 1)
        standardise(net.encoder, both)
        net.encoder.scale[sample.shape[1] :].fill_(1.0)
    model = net.to(data.device)
    by_shape: dict[tuple[int, int], list[int]] = {}
    for k, (first, _) in enumerate(pairs):
        by_shape.setdefault(data.shapes[first], []).append(k)

    def losses(batches: Sequence[NDArray[np.intp]]) -> Iterable[Tensor]:
        for places in batches:
            tilt = draw_tilt(len(places), data.device)
            a, b = (of_other_texture(data.maps(pairs[places, k]), tilt) for k in range(2))
            with torch.no_grad():
                inputs = network_inputs(maps, a, b)
            truth = signed_histogram(a.u_dof).permute(0, 3, 1, 2)
            yield cross_entropy(model(*inputs), truth, dim=1, weights=frame_weights(a))

    settings.train(
        model,
        losses,
        lambda rng: shape_batches({s: np.array(k) for s, k in by_shape.items()}, rng),
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
