"""Compare three architectures of the estimator on equal frames, targets, optimiser and time.

Run ``python tests/benchmarks/bench_architectures.py``. Every candidate gets the same minutes of
one core, preparing its frames included, and the same greatest number of epochs; minutes are
processor time, so that other work on the machine changes nothing. Training families and
photographs to learn from, calibration families to be judged on; held-out families stay out of it.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import torch
from architecture_data import Frames
from architectures import CANDIDATES, Candidate
from numpy.typing import NDArray
from torch import Tensor, nn

from bluesky_autofocus.estimator.distribution import sharpness_of_grid
from bluesky_autofocus.estimator.families import CALIBRATION, TRAINING, TRAINING_IMAGES
from bluesky_autofocus.optics import optics_of_sampling

TRAINING_SEED, EVALUATION_SEED = 7, 8
BATCH = 32
LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 0.02, 0.1
KEPT_SHARE = 0.8


def train(
    model: Candidate, frames: Frames, minutes: float, epochs: float
) -> tuple[float, float, float]:
    """Fit until either is used up; return epochs, minutes and mean loss of the last 100 steps."""
    start = process_time()
    model = model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    prepared = torch.stack([model.prepare(pixels).half() for pixels in frames.pixels])
    conditions, (cells, whole) = frames.conditions(), frames.truth()
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    generator = torch.Generator().manual_seed(0)
    losses: list[float] = []
    model.train()
    while True:
        order = torch.randperm(len(frames), generator=generator)
        for first in range(0, len(frames) - BATCH + 1, BATCH):
            passed, spent = len(losses) * BATCH / len(frames), (process_time() - start) / 60
            done = max(passed / epochs, spent / minutes)
            if done >= 1:
                return passed, spent, float(np.mean(losses[-100:]))
            rate = LEARNING_RATE * min(done / WARM_UP, 0.5 + 0.5 * np.cos(np.pi * done))
            optimiser.param_groups[0]["lr"] = rate
            pick = order[first : first + BATCH]
            mirrored = [axis for axis in (2, 3) if torch.rand(1, generator=generator) < 0.5]
            seen, target = prepared[pick].float().flip(mirrored), cells[pick].flip(mirrored)
            seen = seen.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                of_cells, of_frames = model(seen, conditions[pick])
            loss = cross_entropy(target, of_cells).mean()
            loss = loss + cross_entropy(whole[pick], of_frames).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())


def cross_entropy(truth: Tensor, logits: Tensor) -> Tensor:
    """Return the cross entropy along the second axis."""
    return -(truth * logits.float().log_softmax(1)).sum(1)


def answers(model: Candidate, frames: Frames) -> tuple[Tensor, Tensor]:
    """Return the logits of cells and frames."""
    model.eval()
    conditions = frames.conditions()
    batches = []
    with torch.inference_mode():
        for first in range(0, len(frames), BATCH):
            part = slice(first, first + BATCH)
            prepared = torch.stack([model.prepare(pixels) for pixels in frames.pixels[part]])
            batches.append(model(prepared.half().float(), conditions[part]))
    return torch.cat([c for c, _ in batches]), torch.cat([f for _, f in batches])


def same_answer(seen: Frames, frames: Frames) -> tuple[Tensor, Tensor]:
    """Return the logits of who knows no more than how often each defocus is met in training."""
    cells, whole = seen.truth()
    usual_cell = cells.mean((0, 2, 3)).clamp_min(1e-6).log()
    usual_frame = whole.mean(0).clamp_min(1e-6).log()
    grid = cells.shape[2:]
    return usual_cell[None, :, None, None].expand(len(frames), -1, *grid), usual_frame.expand(
        len(frames), -1
    )


def judged(of_cells: Tensor, of_frames: Tensor, frames: Frames) -> dict[str, float]:
    """Return errors of sharpness and log losses of frames and cells."""
    cells, whole = frames.truth()
    curves = torch.from_numpy(
        np.stack([sharpness_of_grid(optics_of_sampling(q)) for q in frames.sampling_q])
    ).float()
    textured = torch.from_numpy(~frames.blank)
    level = torch.from_numpy(np.ptp(frames.u_dof, axis=(1, 2)) < 1e-3)
    out = {}
    kinds = {
        "frame": (whole[..., None, None], of_frames[..., None, None], textured & level),
        "cell": (cells, of_cells, textured),
    }
    for kind, (truth, logits, chosen) in kinds.items():
        out[f"{kind}_nll"] = float(cross_entropy(truth, logits).mean())
        error, sigma = sharpness_error(truth[chosen], logits[chosen], curves[chosen])
        best = sigma <= sigma.quantile(KEPT_SHARE)
        out[f"{kind}_rmse"] = float(error.square().mean().sqrt())
        each = error.view(int(chosen.sum()), -1).square().mean(1).numpy()
        out[f"{kind}_rmse_std"] = spread(each, frames.scene[chosen.numpy()])
        out[f"{kind}_rmse_best"] = float(error[best].square().mean().sqrt())
    nothing = of_frames.softmax(1)[:, -1] > 0.5
    out["blank_found"] = float(nothing[~textured].float().mean())
    out["good_refused"] = float(nothing[textured].float().mean())
    return out


def spread(squared: NDArray[np.floating], scene: NDArray[np.integer]) -> float:
    """Return the standard error of an RMSE: scenes drawn again with replacement."""
    groups = [squared[scene == k] for k in np.unique(scene)]
    total = np.array([[g.sum(), g.size] for g in groups])
    draws = np.random.default_rng(0).integers(len(groups), size=(500, len(groups)))
    sums = total[draws].sum(axis=1)
    return float(np.sqrt(sums[:, 0] / sums[:, 1]).std())


def sharpness_error(truth: Tensor, logits: Tensor, curves: Tensor) -> tuple[Tensor, Tensor]:
    """Return the error of the expected sharpness and its predicted deviation, flat."""
    curve = curves[:, :, None, None]
    share = logits[:, :-1].softmax(1)
    mean = (share * curve).sum(1)
    sigma = ((share * curve.square()).sum(1) - mean.square()).clamp_min(0).sqrt()
    return (mean - (truth[:, :-1] * curve).sum(1)).flatten(), sigma.flatten()


def latency_ms(
    model: Candidate, frame: NDArray[np.number], repeats: int = 7
) -> tuple[float, float]:
    """Return median times of the whole way from frame to map and of numpy's squared gradient."""
    conditions = torch.zeros(1, 2)
    times, reference = [], []
    model.eval()
    with torch.inference_mode():
        for _ in range(repeats + 1):
            start = process_time()
            model(model.prepare(frame)[None], conditions)
            times.append(process_time() - start)
            start = process_time()
            squared_gradient(frame)
            reference.append(process_time() - start)
    return 1e3 * median(times[1:]), 1e3 * median(reference[1:])


def squared_gradient(frame: NDArray[np.number]) -> float:
    """Measure the squared gradient as one writes it first."""
    grey = frame.astype(np.float32)
    return float(np.mean(np.diff(grey, axis=0) ** 2) + np.mean(np.diff(grey, axis=1) ** 2))


def main() -> None:
    """Print a table and, at the end, one line of JSON for each candidate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=320, help="to train on, 8 frames each")
    parser.add_argument("--evaluation-scenes", type=int, default=80)
    parser.add_argument("--minutes", type=float, default=10.0, help="of one core, each candidate")
    parser.add_argument("--epochs", type=float, default=12.0, help="at most, of each candidate")
    parser.add_argument("--only", choices=list(CANDIDATES), help="one candidate alone")
    parser.add_argument("--keep", type=Path, help="folder where the drawn frames are kept")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seen = kept(options.keep, TRAINING_SEED, options.scenes, TRAINING, TRAINING_IMAGES)
    fresh = kept(options.keep, EVALUATION_SEED, options.evaluation_scenes, CALIBRATION)
    print(f"{len(seen)} frames to train on, {len(fresh)} to be judged on", flush=True)
    large = np.random.default_rng(0).integers(0, 250, (2048, 2048)).astype(np.uint8)
    known = judged(*same_answer(seen, fresh), fresh)
    print(json.dumps({"candidate": "the same answer to all", **known}), flush=True)
    results = {}
    for name, kind in CANDIDATES.items():
        if options.only not in (None, name):
            continue
        torch.manual_seed(0)
        model = kind()
        epochs, minutes, loss = train(model, seen, options.minutes, options.epochs)
        own, reference = latency_ms(model, large)
        results[name] = {
            **judged(*answers(model, fresh), fresh),
            "parameters": sum(p.numel() for p in model.parameters()),
            "epochs": epochs,
            "minutes": minutes,
            "training_loss": loss,
            "latency_2048_ms": own,
            "squared_gradient_ms": reference,
        }
        print(json.dumps({"candidate": name, **results[name]}), flush=True)
    print_table(results)


def kept(
    folder: Path | None,
    seed: int,
    scenes: int,
    families: Sequence[str],
    images: Sequence[str] = (),
) -> Frames:
    """Read the frames that an earlier run kept, or draw them and keep them if asked to."""
    path = folder and folder / f"frames-{seed}-{scenes}.npz"
    if path is not None and path.exists():
        with np.load(path) as file:
            return Frames(**file)
    frames = Frames.draw(seed, scenes, families, images)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **vars(frames))
    return frames


def print_table(results: dict[str, dict[str, float]]) -> None:
    """Print the candidates side by side."""
    columns = list(next(iter(results.values())))
    print(f"{'':20}" + "".join(f"{name:>21}" for name in results))
    for column in columns:
        row = (f"{result[column]:21.4g}" for result in results.values())
        print(f"{column:20}" + "".join(row))


if __name__ == "__main__":
    main()
