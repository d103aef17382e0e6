"""ExampleSet in memory, ready to be drawn in batches."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..pyramid import LEVELS, STRIDES_PX
from .examples import ExampleSet

__all__ = ["Dataset", "MapBatch", "SummaryBatch"]


@dataclass(frozen=True)
class SummaryBatch:
    """Frames as the summary network takes them.

    Parameters
    ----------
    features, log_q, saturated : torch.Tensor
        Shapes (n, `SUMMARY_SIZE`), (n, 1), (n, 1).
    u_dof : torch.Tensor
        Quantiles of the signed defocus over the frame, shape (n, m), depths of field.
    blank : torch.Tensor
        Whether there is nothing to see, shape (n,), bool.
    """

    features: torch.Tensor
    log_q: torch.Tensor
    saturated: torch.Tensor
    u_dof: torch.Tensor
    blank: torch.Tensor


@dataclass(frozen=True)
class MapBatch:
    """Frames of one shape as the map network takes them.

    Parameters
    ----------
    levels : tuple of torch.Tensor
        Shape (n, `BANDS`, rows, cols) by level.
    whole : torch.Tensor
        Features of the summary, shape (n, `SUMMARY_SIZE`).
    frame_shape : (int, int)
        Rows and columns of the frames, pixels, in whole cells.
    log_q, saturated, step_dof : torch.Tensor
        Shape (n, 1); the step is the focus position of the frame in its scene.
    u_dof : torch.Tensor
        Quantiles of the signed defocus in each cell, shape (n, rows, cols, m).
    blank : torch.Tensor
        Shape (n,), bool.
    """

    levels: tuple[torch.Tensor, ...]
    whole: torch.Tensor
    frame_shape: tuple[int, int]
    log_q: torch.Tensor
    saturated: torch.Tensor
    step_dof: torch.Tensor
    u_dof: torch.Tensor
    blank: torch.Tensor


class Dataset:
    """All examples of a training or a calibration.

    Parameters
    ----------
    parts : iterable of ExampleSet
        Joined in their order.
    device : str, default "cpu"
        Where batches shall be; the examples themselves stay in main memory.
    """

    def __init__(self, parts: Iterable[ExampleSet], device: str = "cpu") -> None:
        self.device = device
        self.levels: list[list[NDArray[np.float16]]] = []
        self.truth: list[NDArray[np.float32]] = []
        summary: list[NDArray[np.float16]] = []
        info: list[tuple[float, float, bool, int, float]] = []
        for part in parts:
            self.levels += part.levels
            self.truth += part.truth
            summary += part.summary
            info += part.info
        # Where cells lie about the middle depends on their number alone, so whole cells stand for
        # frames of any size.
        stride = STRIDES_PX[0]
        self.shapes = [(t.shape[0] * stride, t.shape[1] * stride) for t in self.truth]
        self.summary = torch.from_numpy(np.stack(summary))
        table = np.array(info, dtype=np.float64)
        self.log_q = torch.tensor(np.log(table[:, :1]), dtype=torch.float32)
        self.saturated = torch.tensor(table[:, 1:2], dtype=torch.float32)
        self.blank = torch.tensor(table[:, 2] > 0)
        self.scene = table[:, 3].astype(np.int64)
        self.step_dof = torch.tensor(table[:, 4:5], dtype=torch.float32)
        share = np.linspace(0, 1, 33)
        self.frame_u = torch.tensor(
            np.stack([_quantiles_by_distance(t, share) for t in self.truth]), dtype=torch.float32
        )

    def __len__(self) -> int:
        """Count the frames."""
        return len(self.levels)

    @property
    def flat(self) -> NDArray[np.bool_]:
        """Whether each frame has one altitude, shape (n,)."""
        return (self.frame_u[:, -1] - self.frame_u[:, 0]).abs().numpy() < 1e-3

    def by_shape(self) -> dict[tuple[int, int], NDArray[np.intp]]:
        """Frames of the same shape, by shape."""
        out: dict[tuple[int, int], list[int]] = {}
        for k, shape in enumerate(self.shapes):
            out.setdefault(shape, []).append(k)
        return {shape: np.array(places) for shape, places in out.items()}

    def pairs(self) -> NDArray[np.intp]:
        """Frames taken one after the other at a step, both ways round, shape (n, 2)."""
        first = np.arange(0, len(self) - 1, 2)
        same = (self.scene[first] == self.scene[first + 1]) & ~self.blank.numpy()[first]
        first = first[same]
        both = np.stack([first, first + 1], axis=1)
        return np.concatenate([both, both[:, ::-1]])

    def summaries(self, places: NDArray[np.intp]) -> SummaryBatch:
        """Collect frames for the summary network.

        Parameters
        ----------
        places : numpy.ndarray
            Numbers of the frames.

        Returns
        -------
        SummaryBatch
            In that order.
        """
        at = torch.as_tensor(places)
        return SummaryBatch(
            self.summary[at].to(self.device).float(),
            self.log_q[at].to(self.device),
            self.saturated[at].to(self.device),
            self.frame_u[at].to(self.device),
            self.blank[at].to(self.device),
        )

    def maps(self, places: NDArray[np.intp]) -> MapBatch:
        """Collect frames of one shape for the map network.

        Parameters
        ----------
        places : numpy.ndarray
            Numbers of the frames.

        Returns
        -------
        MapBatch
            In that order.
        """
        at = torch.as_tensor(places)
        levels = tuple(
            torch.from_numpy(np.stack([self.levels[p][k] for p in places])).to(self.device).float()
            for k in range(LEVELS)
        )
        return MapBatch(
            levels,
            self.summary[at].to(self.device).float(),
            self.shapes[int(places[0])],
            self.log_q[at].to(self.device),
            self.saturated[at].to(self.device),
            self.step_dof[at].to(self.device),
            torch.from_numpy(np.stack([self.truth[p] for p in places])).to(self.device),
            self.blank[at].to(self.device),
        )


def _quantiles_by_distance(
    truth: NDArray[np.float32], share: NDArray[np.float64]
) -> NDArray[np.float32]:
    return np.quantile(truth, share).astype(np.float32)
