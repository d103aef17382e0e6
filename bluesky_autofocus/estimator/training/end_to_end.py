"""Fit the end-to-end network to the frames that the estimator learns from.

The network answers with a distance and a direction, and is fitted by the likelihood of the signed
distance under the two answers ``±distance``, weighted by the direction. A plain regression of the
signed distance would answer 0 to every frame whose side it cannot tell.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from ...optics.axis import U_SCALE_DOF
from ..end_to_end import SIDE, EndToEndNetwork, small_frame
from .scenes import TrainingFrame

__all__ = ["EndToEndExamples", "end_to_end_examples", "fit_end_to_end", "save_end_to_end"]

BATCH = 32
LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 0.02, 0.1
# Scale of the errors that the likelihood expects, in units of asinh(U / 0.4).
ERROR = 0.3
FARTHEST_DOF = 100.0


@dataclass(frozen=True)
class EndToEndExamples:
    """Small frames and how far from focus they are.

    Parameters
    ----------
    images : numpy.ndarray
        Shape (n, 256, 256), float16.
    sampling : numpy.ndarray
        Shape (n, 2), float32; see `small_frame`.
    u_dof : numpy.ndarray
        Signed defocus, the median over the frame, shape (n,), float32.
    """

    images: NDArray[np.float16]
    sampling: NDArray[np.float32]
    u_dof: NDArray[np.float32]


def end_to_end_examples(frames: Iterable[TrainingFrame]) -> EndToEndExamples:
    """Reduce frames to examples; those that show nothing are left out.

    Parameters
    ----------
    frames : iterable of TrainingFrame
        Each is used once and let go.

    Returns
    -------
    EndToEndExamples
        128 KiB a frame.
    """
    images, sampling, u_dof = [], [], []
    for f in frames:
        if not f.blank:
            image, logs = small_frame(f.frame, f.sampling_q)
            images.append(image.astype(np.float16))
            sampling.append(logs)
            u_dof.append(np.median(f.u_dof[::8, ::8]))
    return EndToEndExamples(
        np.array(images, dtype=np.float16).reshape(-1, SIDE, SIDE),
        np.array(sampling, dtype=np.float32).reshape(-1, 2),
        np.array(u_dof, dtype=np.float32),
    )


def fit_end_to_end(
    examples: EndToEndExamples,
    *,
    epochs: int = 14,
    seed: int = 0,
    progress: Callable[[float, float], None] | None = None,
) -> EndToEndNetwork:
    """Fit the network.

    Parameters
    ----------
    examples : EndToEndExamples
        At least 32.
    epochs : int, default 14
        Times that each example is seen.
    seed : int, default 0
        Decides the first weights, the order and the mirroring: on one machine and as many threads
        the same seed gives the same weights.
    progress : callable, optional
        Called after each epoch with the share done and the mean loss.

    Returns
    -------
    EndToEndNetwork
        Ready to answer.

    Raises
    ------
    ValueError
        If there are fewer examples than one batch.
    """
    count = len(examples.images)
    if count < BATCH:
        raise ValueError(f"{count} examples are too few, at least {BATCH} are needed. Draw more.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = EndToEndNetwork()
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    sampling = torch.from_numpy(examples.sampling)
    near = np.clip(examples.u_dof, -FARTHEST_DOF, FARTHEST_DOF)
    target = torch.from_numpy(np.arcsinh(near / U_SCALE_DOF))
    steps = epochs * (count // BATCH)
    step = 0
    network.train()
    for epoch in range(epochs):
        order = torch.randperm(count, generator=generator)[: count // BATCH * BATCH]
        losses = []
        for pick in order.view(-1, BATCH):
            done = step / steps
            rate = LEARNING_RATE * min((step + 1) / (WARM_UP * steps), 0.5 + 0.5 * cos(pi * done))
            optimiser.param_groups[0]["lr"] = rate
            images = _mirrored(torch.from_numpy(examples.images[pick.numpy()]).float(), generator)
            loss = _loss(network(images, sampling[pick]), target[pick])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
            step += 1
        if progress is not None:
            progress((epoch + 1) / epochs, float(np.mean(losses)))
    return network.eval()


def _mirrored(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror and transpose a batch at random."""
    first, second, transposed = (torch.rand(3, generator=generator) < 0.5).tolist()
    images = images.flip([axis for axis, flip in ((1, first), (2, second)) if flip])
    return images.transpose(1, 2) if transposed else images


def _loss(answer: Tensor, signed: Tensor) -> Tensor:
    """Negative log likelihood of a signed distance under two Laplace distributions."""
    distance, odds = answer.unbind(1)
    above = logsigmoid(odds) - (signed - distance).abs() / ERROR
    below = logsigmoid(-odds) - (signed + distance).abs() / ERROR
    return -torch.logaddexp(above, below).mean()


def save_end_to_end(network: EndToEndNetwork, path: Path, **card: object) -> str:
    """Write weights, and beside them a card with their checksum.

    Parameters
    ----------
    network : EndToEndNetwork
        Fitted.
    path : Path
        File to write, ``….safetensors``; the card has the suffix ``.json``.
    **card
        What else to keep: seeds, frames, figures.

    Returns
    -------
    str
        SHA-256 of the weights.
    """
    content = save(network.state_dict())
    sha256 = hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    path.with_suffix(".json").write_text(json.dumps({"sha256": sha256, **card}, indent=2) + "\n")
    return sha256
