"""The fit of the network for maps."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..map_network import MapNet
from .cell_batches import frame_weights, of_other_texture, shape_batches, tile_sample
from .dataset import Dataset, MapBatch
from .fit_settings import FitSettings, standardise
from .losses import cross_entropy, target
from .tilt import draw_tilt

__all__ = ["fit_maps"]

FLIPS = ((), (-1,), (-2,), (-2, -1))


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
        standardise(net.encoder, tile_sample(data, settings.seed))
    model = net.to(data.device)

    def losses(batches: Sequence[NDArray[np.intp]]) -> Iterable[Tensor]:
        for places in batches:
            b = of_other_texture(data.maps(places), draw_tilt(len(places), data.device))
            flip = FLIPS[int(torch.randint(len(FLIPS), (1,)))]
            levels = tuple(level.flip(flip) if flip else level for level in b.levels)
            logits = model(levels, b.whole, b.frame_shape, b.log_q, b.saturated)
            truth = _cell_target(b)
            if flip:
                truth = truth.flip([f - 1 for f in flip])
            yield cross_entropy(logits, truth.permute(0, 3, 1, 2), dim=1, weights=frame_weights(b))

    settings.train(model, losses, lambda rng: shape_batches(data.by_shape(), rng))
    return model


def _cell_target(b: MapBatch) -> Tensor:
    blank = b.blank[:, None, None].expand(b.u_dof.shape[:3])
    return target(b.u_dof, blank)
