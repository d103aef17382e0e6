"""What the fits of maps and of pairs share: batches of cells, and how much they count."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .dataset import Dataset, MapBatch
from .tilt import Tilt, tilted, tilted_levels
from .trainer import share_of_batch

__all__ = ["frame_weights", "of_other_texture", "shape_batches", "tile_sample"]

# Cells of a batch of maps, whatever the frames' size.
BATCH_CELLS = 1536
# Frames whose parts lie farther apart than this count so many times: there is more to learn.
SEVERAL_DOF, SEVERAL_COUNT = 0.5, 3.0


def of_other_texture(b: MapBatch, tilt: Tilt) -> MapBatch:
    """Give frames another texture.

    Parameters
    ----------
    b : MapBatch
        Frames.
    tilt : Tilt
        One for each.

    Returns
    -------
    MapBatch
        As blurred as before.
    """
    return replace(b, levels=tilted_levels(b.levels, tilt), whole=tilted(b.whole, tilt))


def frame_weights(b: MapBatch) -> Tensor:
    """Tell how much each frame counts.

    Parameters
    ----------
    b : MapBatch
        Frames.

    Returns
    -------
    torch.Tensor
        Shape (n, 1, 1), 1 on average.
    """
    u = b.u_dof.flatten(1)
    weights = torch.where(u.amax(1) - u.amin(1) > SEVERAL_DOF, SEVERAL_COUNT, 1.0)
    return (weights / weights.mean())[:, None, None]


def shape_batches(
    by_shape: dict[tuple[int, int], NDArray[np.intp]], rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """Divide frames, or pairs of them, into batches of one shape.

    Parameters
    ----------
    by_shape : dict
        Numbers of the frames by rows and columns, pixels.
    rng : numpy.random.Generator
        Decides the order.

    Returns
    -------
    list of numpy.ndarray
        Numbers of the frames of each batch.
    """
    out = []
    for (rows, cols), places in sorted(by_shape.items()):
        size = share_of_batch(max(1, BATCH_CELLS * 64 * 64 // (rows * cols)))
        order = rng.permutation(places)
        out += [order[k : k + size] for k in range(0, order.size, size)]
    return [out[k] for k in rng.permutation(len(out))]


def tile_sample(data: Dataset, seed: int) -> Tensor:
    """Collect features of some tiles of all levels.

    Parameters
    ----------
    data : Dataset
        Examples.
    seed : int
        Decides which.

    Returns
    -------
    torch.Tensor
        Log power, shape (n, `BANDS`).
    """
    places = np.random.default_rng(seed).permutation(len(data))[:1500]
    out = []
    for p in places:
        for level in data.levels[p]:
            if level.size:
                out.append(torch.from_numpy(level.reshape(level.shape[0], -1)[:, ::3].T).float())
    return torch.cat(out)
