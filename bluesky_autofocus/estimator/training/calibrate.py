"""What is fitted after the networks: how far to trust them, on families they have not seen."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...optics import optics_of_sampling
from ..distribution import GRID_U_DOF, shortest_interval_dof
from ..estimate import IN_FOCUS_DOF, mass_within
from ..map_network import MapNet
from ..networks import SummaryNet
from ..pair_network import SIGNED_U_DOF, PairNet, sign_of
from ..weights import Calibration
from .dataset import Dataset, MapBatch
from .fit_pairs import network_inputs

__all__ = ["calibrate"]

TEMPERATURES = np.exp(np.linspace(np.log(0.5), np.log(3.0), 37))
COVERAGE = 0.9
FARTHEST_MAP_DOF = 60.0
FARTHEST_FRAME_DOF = 50.0
SATURATED_SHARE = 0.05
# Share of good frames that shall count as certain.
CERTAIN_FRAMES = 0.998
# Root-mean-square error of sharpness that the cells which count as certain shall have, of one frame
# and of two; but never fewer cells than this share.
CELL_ERROR, SIGNED_CELL_ERROR = 0.05, 0.042
FEWEST_CERTAIN = 0.5
# Share of the claimed signs that may be wrong, of cells beyond this distance.
WRONG_SIGNS = 0.005
SIGN_FROM_DOF = 0.5
SIGN_CLAIMS = (0.7, 0.99)
# Share of frames outside one depth of field that may be called in focus.
FALSE_ACCEPTS = 0.001
IN_FOCUS_SHARES = (0.9, 0.99)
MOST_FRAMES = 900
# Cells on which temperatures are fitted.
MOST_CELLS = 20_000
BATCH = 8


def calibrate(
    summary: SummaryNet, maps: MapNet, pairs: PairNet, varied: Dataset, plain: Dataset
) -> Calibration:
    """Fit temperatures and thresholds.

    Parameters
    ----------
    summary, maps, pairs : torch.nn.Module
        The networks, in evaluation mode.
    varied : Dataset
        Scenes drawn as those of the training, of families kept for calibration.
    plain : Dataset
        Frames of `plain.draw_plain_frames` of the same families.

    Returns
    -------
    Calibration
        90 % intervals cover 90 % of these frames and cells. Of the thresholds, certain cells err by
        no more than the constants of this module say, few frames are wrongly called in focus, and
        few good ones uncertain or empty.
    """
    logits, truth, q = _frames(summary, [varied, plain])
    summary_t = _temperature(lambda t: _coverage(_distribution(logits, t), truth))
    on_plain = _frames(summary, [plain])
    p = _distribution(on_plain[0], summary_t)
    near = on_plain[1] <= FARTHEST_FRAME_DOF
    nothing = _nothing(on_plain[0], summary_t)
    cells, cell_truth, _, _ = _cells(maps, varied)
    some = slice(None, None, 1 + cells.shape[0] // MOST_CELLS)
    map_t = _temperature(lambda t: _coverage(_distribution(cells[some], t), cell_truth[some]))
    _, _, cell_std, cell_error = _cells(maps, varied, map_t)
    signed, signed_truth, _, _ = _signed(pairs, maps, varied)
    pair_t = _temperature(lambda t: _signed_coverage(signed, t, signed_truth))
    _, _, signed_std, signed_error = _signed(pairs, maps, varied, pair_t)
    scaled = np.exp((signed - signed.max(-1, keepdims=True)) / pair_t)
    sign_claim = _sign_claim(scaled / scaled.sum(-1, keepdims=True), signed_truth)
    return Calibration(
        summary_temperature=summary_t,
        map_temperature=map_t,
        pair_temperature=pair_t,
        in_focus_share=_in_focus_share(_distribution(logits, summary_t), truth),
        summary_certain_std=float(np.quantile(_std(p, on_plain[2])[near], CERTAIN_FRAMES)),
        nothing_share=float(np.clip(np.quantile(nothing[near], CERTAIN_FRAMES), 0.01, 0.5)),
        map_certain_std=_certain_std(cell_std, cell_error, CELL_ERROR),
        sign_claim=sign_claim,
        pair_certain_std=_certain_std(signed_std, signed_error, SIGNED_CELL_ERROR),
    )


def _temperature(coverage_at) -> float:
    """Return the temperature at which intervals cover what they say, the nearest there is."""
    misses = [abs(coverage_at(t) - COVERAGE) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(misses))])


def _distribution(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    scaled = logits / temperature
    p = np.exp(scaled - scaled.max(-1, keepdims=True))[..., : GRID_U_DOF.size]
    return p / p.sum(-1, keepdims=True)


def _nothing(logits: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    scaled = logits / temperature
    p = np.exp(scaled - scaled.max(-1, keepdims=True))
    return p[..., -1] / p.sum(-1)


def _coverage(p: NDArray[np.float64], truth: NDArray[np.floating]) -> float:
    low, high = shortest_interval_dof(p, COVERAGE)
    return float(((truth >= low) & (truth <= high)).mean())


def _signed_coverage(
    logits: NDArray[np.floating], temperature: float, truth: NDArray[np.floating]
) -> float:
    scaled = logits / temperature
    p = np.exp(scaled - scaled.max(-1, keepdims=True))
    total = np.cumsum(p / p.sum(-1, keepdims=True), axis=-1)
    place = np.interp(truth, SIGNED_U_DOF, np.arange(SIGNED_U_DOF.size))
    low = place.astype(int)
    rows = np.arange(truth.size)
    before = np.where(low > 0, total[rows, low - 1], 0)
    at = before + (total[rows, low] - before) * (place - low + 0.5).clip(0, 1)
    return float((np.abs(at - 0.5) <= COVERAGE / 2).mean())


def _curves(log_q: Tensor) -> NDArray[np.float64]:
    """Sharpness over the grid for each sampling, shape (n, `BINS`)."""
    q = np.exp(np.round(log_q[:, 0].numpy().astype(float), 2))
    curves = {
        value: optics_of_sampling(float(value)).sharpness(GRID_U_DOF) for value in np.unique(q)
    }
    return np.stack([curves[value] for value in q])


def _std(p: NDArray[np.float64], curve: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = (p * curve).sum(-1)
    return np.sqrt(np.maximum((p * curve**2).sum(-1) - mean**2, 0))


def _in_focus_share(p: NDArray[np.float64], truth: NDArray[np.floating]) -> float:
    """Return the share that all but a thousandth of the frames outside one depth of field miss.

    Never below nine in ten, however few frames there are and however well they go: a frame that is
    in focus and not accepted costs another frame, a wrong "in focus" the night.
    """
    within = mass_within(p, IN_FOCUS_DOF)
    low, high = IN_FOCUS_SHARES
    return float(np.clip(np.quantile(within[truth > 1], 1 - FALSE_ACCEPTS), low, high))


def _certain_std(std: NDArray[np.floating], error: NDArray[np.floating], wanted: float) -> float:
    """Return the standard deviation up to which cells together err as little as is wanted."""
    order = np.argsort(std)
    rms = np.sqrt(np.cumsum(error[order] ** 2) / np.arange(1, order.size + 1))
    enough = np.flatnonzero(rms <= wanted)
    last = max(int(enough[-1]) if enough.size else 0, round(FEWEST_CERTAIN * order.size) - 1)
    return float(std[order][last])


def _sign_claim(p: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """Return the confidence from which few enough signs are wrong, the highest if none are few."""
    side, confidence = sign_of(p)
    beyond = np.abs(truth) > SIGN_FROM_DOF
    order = np.argsort(-confidence[beyond])
    wrong = (side != np.sign(truth))[beyond][order]
    share = np.cumsum(wrong) / np.arange(1, wrong.size + 1)
    few = np.flatnonzero(share <= WRONG_SIGNS)
    low, high = SIGN_CLAIMS
    return float(np.clip(confidence[beyond][order][few[-1]], low, high)) if few.size else high


@torch.inference_mode()
def _frames(
    net: SummaryNet, parts: list[Dataset]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
    """Logits, distances and curves of flat frames that show something."""
    logits, truth, curves = [], [], []
    for data in parts:
        good = data.flat & ~data.blank.numpy() & (data.saturated[:, 0].numpy() < SATURATED_SHARE)
        b = data.summaries(np.flatnonzero(good))
        logits.append(net(b.features, b.log_q, b.saturated).numpy())
        truth.append(b.u_dof[:, 16].abs().numpy())
        curves.append(_curves(b.log_q))
    return np.concatenate(logits), np.concatenate(truth), np.concatenate(curves)


def _map_batches(data: Dataset, places: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    shapes: dict[tuple[int, int], list[int]] = {}
    for p in places:
        shapes.setdefault(data.shapes[p], []).append(int(p))
    for group in shapes.values():
        for k in range(0, len(group), BATCH):
            yield np.array(group[k : k + BATCH])


def _true_sharpness(b: MapBatch) -> NDArray[np.float64]:
    """Mean sharpness in each cell, shape (n, rows, cols)."""
    return np.stack(
        [
            np.interp(np.abs(u), GRID_U_DOF, curve).mean(-1)
            for u, curve in zip(b.u_dof.numpy(), _curves(b.log_q), strict=True)
        ]
    )


@torch.inference_mode()
def _cells(net: MapNet, data: Dataset, temperature: float = 1.0) -> tuple[NDArray, ...]:
    """Logits and distances of cells of one altitude; spread and error of sharpness of all."""
    near = data.frame_u.abs().max(1).values.numpy() < FARTHEST_MAP_DOF
    good = near & ~data.blank.numpy() & (data.saturated[:, 0].numpy() < SATURATED_SHARE)
    logits, truth, std, error = [], [], [], []
    for places in _map_batches(data, np.flatnonzero(good)[:MOST_FRAMES]):
        b = data.maps(places)
        out = net(b.levels, b.whole, b.frame_shape, b.log_q, b.saturated).permute(0, 2, 3, 1)
        curve = _curves(b.log_q)[:, None, None]
        p = _distribution(out.numpy(), temperature)
        std.append(_std(p, curve).ravel())
        error.append(((p * curve).sum(-1) - _true_sharpness(b)).ravel())
        low, high = b.u_dof[..., 0].abs(), b.u_dof[..., -1].abs()
        even = ((high - low).abs() <= 0.05 * torch.maximum(low, high) + 0.1).numpy()
        logits.append(out.numpy()[even])
        truth.append(b.u_dof[..., b.u_dof.shape[-1] // 2].abs().numpy()[even])
    return tuple(np.concatenate(part) for part in (logits, truth, std, error))


@torch.inference_mode()
def _signed(
    net: PairNet, maps: MapNet, data: Dataset, temperature: float = 1.0
) -> tuple[NDArray, ...]:
    """Logits and signed distances of cells of one altitude; spread and error of s of all."""
    near = data.frame_u.abs().max(1).values.numpy() < FARTHEST_MAP_DOF
    good = near & (data.saturated[:, 0].numpy() < SATURATED_SHARE)
    pairs = data.pairs()
    pairs = pairs[good[pairs].all(1)][:MOST_FRAMES]
    logits, truth, std, error = [], [], [], []
    partner = {int(a): int(b) for a, b in pairs}
    for places in _map_batches(data, pairs[:, 0]):
        a, b = data.maps(places), data.maps(np.array([partner[int(p)] for p in places]))
        out = net(*network_inputs(maps, a, b)).permute(0, 2, 3, 1).numpy()
        scaled = np.exp((out - out.max(-1, keepdims=True)) / temperature)
        p = scaled / scaled.sum(-1, keepdims=True)
        curve = np.stack([np.interp(np.abs(SIGNED_U_DOF), GRID_U_DOF, c) for c in _curves(a.log_q)])
        std.append(_std(p, curve[:, None, None]).ravel())
        error.append(((p * curve[:, None, None]).sum(-1) - _true_sharpness(a)).ravel())
        low, high = a.u_dof[..., 0], a.u_dof[..., -1]
        even = ((high - low).abs() <= 0.05 * low.abs() + 0.1).numpy()
        logits.append(out[even])
        truth.append(a.u_dof[..., a.u_dof.shape[-1] // 2].numpy()[even])
    return tuple(np.concatenate(part) for part in (logits, truth, std, error))
