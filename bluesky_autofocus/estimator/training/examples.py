"""Frames become training examples: features in half precision and the truth of every cell."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..features import map_features, summary_features
from ..pyramid import LEVELS, STRIDES_PX, cell_centres
from .scenes import TrainingFrame

__all__ = ["ExampleSet", "examples_of"]

TRUTH = 9
"""Values of the defocus within each cell that are kept: its quantiles."""


@dataclass
class ExampleSet:
    """Features and truth of some frames, one list entry a frame.

    Parameters
    ----------
    summary : list of numpy.ndarray
        `summary_features`, float16.
    levels : list of list of numpy.ndarray
        `map_features` by level, float16.
    truth : list of numpy.ndarray
        Quantiles of the signed defocus of each cell, depths of field, shape (rows, cols, 9).
    info : list of tuple
        Sampling q, saturated share, blank, scene, step in depths of field.
    """

    summary: list[NDArray[np.float16]]
    levels: list[list[NDArray[np.float16]]]
    truth: list[NDArray[np.float32]]
    info: list[tuple[float, float, bool, int, float]]


def examples_of(frames: Iterable[TrainingFrame]) -> ExampleSet:
    """Compute the examples of some frames.

    Parameters
    ----------
    frames : iterable of TrainingFrame
        Each is used once and let go.

    Returns
    -------
    ExampleSet
        One entry a frame.
    """
    out = ExampleSet([], [], [], [])
    with torch.inference_mode():
        for f in frames:
            out.summary.append(summary_features(f.frame).numpy().astype(np.float16))
            maps = map_features(f.frame)
            out.levels.append([maps.levels[k].numpy().astype(np.float16) for k in range(LEVELS)])
            out.truth.append(_cell_truth(f.u_dof))
            saturated = float((f.frame[::2, ::2] >= f.full_scale).mean())
            out.info.append((f.sampling_q, saturated, f.blank, f.scene, f.step_dof))
    return out


def _cell_truth(u_dof: NDArray[np.float32]) -> NDArray[np.float32]:
    stride = STRIDES_PX[0]
    rows, cols = (cell_centres(n, stride) for n in u_dof.shape)
    out = np.empty((rows.size, cols.size, TRUTH), dtype=np.float32)
    share = np.linspace(0.05, 0.95, TRUTH)
    flat = float(np.ptp(u_dof)) == 0
    for i, r in enumerate(rows):
        for j, c in enumerate(cols):
            top, left = max(0, int(r - stride / 2)), max(0, int(c - stride / 2))
            cell = u_dof[top : top + stride : 5, left : left + stride : 5]
            out[i, j] = cell[0, 0] if flat else np.quantile(cell, share)
    return out
