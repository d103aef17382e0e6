"""The fit of the network for frames."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..features import summary_parts
from ..networks import SummaryNet
from .dataset import Dataset
from .fit_settings import FitSettings, standardise
from .losses import cross_entropy, target
from .tilt import draw_tilt, tilted
from .trainer import share_of_batch

__all__ = ["fit_summary"]

SUMMARY_BATCH = 256


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
        standardise(net.encoder, parts.levels[..., :-1][parts.levels[..., -1] > 0])
        standardise(net.whole, parts.whole.flatten(1))
    model = net.to(data.device)

    def losses(batches: Sequence[NDArray[np.intp]]) -> Iterable[Tensor]:
        for places in batches:
            b = data.summaries(places)
            features = tilted(b.features, draw_tilt(len(places), data.device))
            logits = model(features, b.log_q, b.saturated)
            yield cross_entropy(logits, target(b.u_dof, b.blank), dim=1)

    def batches(rng: np.random.Generator) -> list[NDArray[np.intp]]:
        order = rng.permutation(len(data))
        return np.array_split(order, max(1, len(data) // share_of_batch(SUMMARY_BATCH)))

    settings.train(model, losses, batches)
    return model
