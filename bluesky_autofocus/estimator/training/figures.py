"""How good networks are on examples: the figures of a model card."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...optics import optics_of_sampling
from ..distribution import BINS, GRID_U_DOF, shortest_interval_dof
from ..map_network import MapNet
from ..networks import SummaryNet
from .dataset import Dataset

__all__ = ["map_figures", "parameters_of", "summary_figures"]

# Where a frame is too bright, or nothing is on the sample, the estimator claims nothing.
SATURATED_SHARE = 0.05
FARTHEST_DOF = 50.0
COVERAGE = 0.9
BATCH = 8


@torch.inference_mode()
def summary_figures(
    net: SummaryNet, data: Dataset, *, temperature: float = 1.0
) -> dict[str, float | int | None]:
    """Compare the summary network's answers with the truth, on flat frames that show something.

    Parameters
    ----------
    net : SummaryNet
        In evaluation mode, on the CPU.
    data : Dataset
        Examples, on the CPU.
    temperature : float, default 1
        Of the calibration.

    Returns
    -------
    dict
        ``frames`` up to 50 depths of field from focus, ``rmse_s``, and ``coverage_90``, the share
        of 90 % intervals of the distance that hold the truth; None where there are no frames.
    """
    places = np.flatnonzero(_good(data) & data.flat)
    if not places.size:
        return {"frames": 0, "rmse_s": None, "coverage_90": None}
    b = data.summaries(places)
    p = _distribution(net(b.features, b.log_q, b.saturated), temperature)
    truth = b.u_dof[:, b.u_dof.shape[1] // 2].abs().numpy()
    errors = _expected(p, b.log_q) - _true(b.u_dof[:, 16:17].numpy(), b.log_q)[:, 0]
    low, high = shortest_interval_dof(p, COVERAGE)
    return {
        "frames": int(places.size),
        "rmse_s": _rms(errors),
        "coverage_90": float(((truth >= low) & (truth <= high)).mean()),
    }


@torch.inference_mode()
def map_figures(
    net: MapNet, data: Dataset, *, temperature: float = 1.0, certain_std: float = np.inf
) -> dict[str, float | int | None]:
    """Compare the map network's answers with the truth, cell by cell.

    Parameters
    ----------
    net : MapNet
        In evaluation mode, on the CPU.
    data : Dataset
        Examples, on the CPU.
    temperature, certain_std : float
        Of the calibration.

    Returns
    -------
    dict
        ``cells`` of frames up to 50 depths of field from focus, ``rmse_s`` of all of them,
        ``share_valid`` and ``rmse_s_valid``; None where there are no cells.
    """
    good = _good(data)
    errors: list[NDArray] = []
    stds: list[NDArray] = []
    for places in data.by_shape().values():
        kept = places[good[places]]
        for k in range(0, kept.size, BATCH):
            b = data.maps(kept[k : k + BATCH])
            out = net(b.levels, b.whole, b.frame_shape, b.log_q, b.saturated)
            p = _distribution(out.permute(0, 2, 3, 1), temperature)
            mean, square = _expected(p, b.log_q), _expected(p, b.log_q, power=2)
            truth = _true(b.u_dof.reshape(len(p), -1).numpy(), b.log_q).reshape(b.u_dof.shape)
            errors.append((mean - truth.mean(axis=-1)).ravel())
            stds.append(np.sqrt(np.maximum(square - mean**2, 0)).ravel())
    if not errors:
        return {"cells": 0, "rmse_s": None, "share_valid": None, "rmse_s_valid": None}
    error, valid = np.concatenate(errors), np.concatenate(stds) <= certain_std
    return {
        "cells": int(error.size),
        "rmse_s": _rms(error),
        "share_valid": float(valid.mean()),
        "rmse_s_valid": _rms(error[valid]) if valid.any() else None,
    }


def parameters_of(**networks: torch.nn.Module) -> dict[str, int]:
    """Count the parameters of networks.

    Parameters
    ----------
    **networks : torch.nn.Module
        By name.

    Returns
    -------
    dict
        By name.
    """
    return {name: sum(p.numel() for p in net.parameters()) for name, net in networks.items()}


def _good(data: Dataset) -> NDArray[np.bool_]:
    near = data.frame_u.abs().max(1).values.numpy() <= FARTHEST_DOF
    return near & ~data.blank.numpy() & (data.saturated[:, 0].numpy() < SATURATED_SHARE)


def _distribution(logits: Tensor, temperature: float) -> NDArray[np.float64]:
    """Probabilities over the grid, given that there is something, along the last axis."""
    p = torch.softmax(logits.double() / temperature, dim=-1).numpy()[..., :BINS]
    return p / p.sum(-1, keepdims=True)


def _expected(p: NDArray[np.float64], log_q: Tensor, power: int = 1) -> NDArray[np.float64]:
    """Average a power of sharpness over the distribution of each frame or cell."""
    curves = [optics_of_sampling(q).sharpness(GRID_U_DOF) ** power for q in _samplings(log_q)]
    return np.stack([frame @ curve for frame, curve in zip(p, curves, strict=True)])


def _true(u_dof: NDArray[np.floating], log_q: Tensor) -> NDArray[np.float64]:
    """Sharpness at distances, shape (n, m)."""
    sampled = zip(u_dof, _samplings(log_q), strict=True)
    return np.stack([optics_of_sampling(q).sharpness(np.abs(u)) for u, q in sampled])


def _samplings(log_q: Tensor) -> list[float]:
    # Curves are made once for each sampling; to a percent they are the same.
    return [float(q) for q in np.exp(np.round(log_q[:, 0].numpy().astype(float), 2))]


def _rms(errors: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))
