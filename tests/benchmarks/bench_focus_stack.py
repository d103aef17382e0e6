"""What a focal stack saves, and how good it is, beside a dense one; simulated frames.

Run ``python tests/benchmarks/bench_focus_stack.py --scenes 20 --seed 0``: terraces of two or three
altitudes 5 to 40 depths of field apart, planes and caps of spheres that span 2 to 20, and a flat
sample, on the families held out from training, three lights, with the play and noise of `benchmark
search`; the stage starts anywhere in a window that reaches 30 depths of field beyond the sample.
The dense stack has a plane at every depth of field of that window, taken without play or noise;
those more than 4 from all of the sample are counted and not drawn: nothing comes from them.
Images are compared without their noise, by the same heights; with it, two dense stacks differ, too.
``--families known`` takes the textures of training and calibration.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from bluesky_autofocus.benchmark.estimators import estimator_of
from bluesky_autofocus.benchmark.scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from bluesky_autofocus.benchmark.searches.simulated_stage import SimulatedStage
from bluesky_autofocus.estimator.families import CALIBRATION, HELD_OUT, TRAINING
from bluesky_autofocus.fusion import all_in_focus, fuse_stack
from bluesky_autofocus.imaging import cap, terraces
from bluesky_autofocus.regions import observe_field
from bluesky_autofocus.search import Window
from bluesky_autofocus.search.stack_search import SPACING_DOF, StackSearch
from bluesky_autofocus.verdict import Outcome, Verdict

SIDE_PX = 768
BEYOND_DOF, FLICKER, DRAWN_DOF = 30.0, 0.02, 4.0
GAPS_DOF, SPAN_DOF = (5.0, 40.0), (2.0, 20.0)
KINDS = ("terraces", "tilt", "sphere", "flat")


@dataclass(frozen=True)
class Result:
    """What came of one stack."""

    kind: str
    light: str
    verdict: Verdict
    span_dof: float
    frames: int
    dense_frames: int
    ssim: float = np.nan
    dense_ssim: float = np.nan
    clear_ssim: float = np.nan
    psnr: float = np.nan
    rms_dof: float = np.nan
    dense_rms_dof: float = np.nan
    off: float = np.nan
    valid: float = np.nan
    unknown: float = np.nan


def draw_relief(kind: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw the focus position of every pixel; its middle is at 0."""
    shape = (SIDE_PX, SIDE_PX)
    span = float(np.exp(rng.uniform(np.log(SPAN_DOF[0]), np.log(SPAN_DOF[1]))))
    if kind == "terraces":
        gaps = np.exp(
            rng.uniform(np.log(GAPS_DOF[0]), np.log(GAPS_DOF[1]), int(rng.integers(1, 3)))
        )
        levels = rng.permutation(np.concatenate([[0.0], np.cumsum(gaps)]))
        relief = terraces(shape, [float(x) for x in levels], seed=int(rng.integers(2**31)))
    elif kind == "tilt":
        angle = rng.uniform(0, 2 * np.pi)
        place = (np.arange(SIDE_PX) + 0.5) / SIDE_PX
        relief = np.cos(angle) * place[:, None] + np.sin(angle) * place
        relief *= span / np.ptp(relief)
    elif kind == "sphere":
        relief = cap(shape, span)
    else:
        relief = np.zeros(shape)
    return np.asarray(relief - (relief.min() + relief.max()) / 2, dtype=np.float32)


def stacked(spec: SceneSpec, light: str, kind: str, spacing_dof: float) -> Result:
    """Take a stack of a scene in one light, fuse it, and compare it."""
    scene, rng = Scene(spec), spec.rng(500)
    relief = draw_relief(kind, rng)
    reach = float(np.ceil(np.abs(relief).max() + BEYOND_DOF))
    start = float(rng.uniform(-reach, reach))
    rng = spec.rng(501 + list(LIGHTS).index(light))
    stage, eye = SimulatedStage.at(start, (-reach, reach), rng), estimator_of(scene)

    def clear(u_dof: float) -> NDArray[np.float32]:
        return np.asarray(scene.image(np.float32(u_dof) - relief), dtype=np.float32)

    def noisy(image: NDArray[np.float32]) -> NDArray[np.unsignedinteger]:
        level = scene.level(light) * float(np.exp(rng.normal(0, FLICKER)))
        return scene.expose(image, level, int(rng.integers(2**31)))

    search = StackSearch(window=Window(-reach, reach), start_dof=start, spacing_dof=spacing_dof)
    taken, images = [], []
    while not isinstance(step := search.suggest(), Outcome):
        stage.move(step.position_dof, rng)
        images.append(clear(stage.sample_dof))
        taken.append(noisy(images[-1]))
        search = search.ingest(step.position_dof, observe_field(taken[-1], eye))
    dense = np.arange(-reach, reach + 0.5)
    span = float(np.ptp(relief))
    result = Result(kind, light, step.verdict, span, len(taken), dense.size)
    if len(search.stack_frames) < 2:
        return result
    positions = [search.history[k].position_dof for k in search.stack_frames]
    ours = fuse_stack([taken[k] for k in search.stack_frames], positions, align=False)
    drawn = dense[[np.abs(relief - z).min() < DRAWN_DOF for z in dense]]
    sharp = [clear(z) for z in drawn]
    best, again = (fuse_stack([noisy(x) for x in sharp], drawn, align=False) for _ in range(2))
    ours_clear = all_in_focus([images[k] for k in search.stack_frames], positions, ours.height)
    best_clear = all_in_focus(sharp, drawn, best.height)
    return Result(
        kind=kind,
        light=light,
        verdict=step.verdict,
        span_dof=span,
        frames=len(taken),
        dense_frames=dense.size,
        ssim=_ssim(best.image, ours.image),
        dense_ssim=_ssim(best.image, again.image),
        clear_ssim=_ssim(best_clear, ours_clear),
        psnr=float(
            peak_signal_noise_ratio(best_clear, ours_clear, data_range=float(best_clear.max()))
        ),
        rms_dof=_rms((ours.height - relief)[ours.valid]),
        dense_rms_dof=_rms((best.height - relief)[best.valid]),
        off=float((np.abs(ours.height - relief)[ours.valid] > 1).mean()),
        valid=float(ours.valid.mean()),
        unknown=1 - search.relief.known_fraction if search.relief else np.nan,
    )


def _ssim(a: NDArray[np.number], b: NDArray[np.number]) -> float:
    likeness: Any = structural_similarity(a, b, data_range=float(a.max()))
    return float(likeness)


def _rms(values: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if values.size else np.nan


def scene_results(spec: SceneSpec, spacing_dof: float, kinds: Sequence[str]) -> list[Result]:
    """Take the stacks of a scene in each light."""
    torch.set_num_threads(1)
    kind = kinds[spec.index % len(kinds)]
    return [stacked(spec, light, kind, spacing_dof) for light in LIGHTS]


def report(results: list[Result], name: str) -> None:
    """Print the figures of some stacks."""
    if not results:
        return
    said = np.array([r.verdict is Verdict.IN_FOCUS for r in results])
    saved = np.array([r.dense_frames / r.frames for r in results])
    told = [r for r, good in zip(results, said, strict=True) if good]

    def of(field: str) -> NDArray[np.float64]:
        return np.array([getattr(r, field) for r in told])

    ssim, rms = of("clear_ssim"), of("rms_dof")
    print(
        f"{name:9s} {len(results):4d} {said.mean():8.1%}  "
        f"{np.median([r.frames for r in results]):5g} / {max(r.frames for r in results):<3d}  "
        f"{np.median(saved):5.1f} / {saved.min():<4.1f} {(saved >= 3).mean():5.0%}  "
        f"{np.nanmedian(ssim):.3f} / {np.nanmin(ssim):.3f} {(ssim >= 0.98).mean():5.0%}  "
        f"{np.nanmedian(of('psnr')):5.1f}  {np.nanmedian(of('ssim')):.3f}  "
        f"{np.nanmedian(of('dense_ssim')):.3f}  "
        f"{np.nanmedian(rms):.3f} / {np.nanmax(rms):.2f} {(rms <= 0.3).mean():5.0%}  "
        f"{np.nanmedian(of('dense_rms_dof')):.3f}  {np.nanmean(of('off')):6.2%}  "
        f"{np.nanmedian(of('valid')):5.0%}"
    )


def main() -> None:
    """Print the figures by kind and light."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--spacing", type=float, default=SPACING_DOF)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--families", choices=("held-out", "known"), default="held-out")
    asked = parser.parse_args()
    families = HELD_OUT if asked.families == "held-out" else [*CALIBRATION, *TRAINING]
    specs = draw_scenes(asked.seed, "maps", asked.scenes, side_px=SIDE_PX, families=families)
    work = partial(scene_results, spacing_dof=asked.spacing, kinds=asked.kinds)
    with ProcessPoolExecutor(asked.workers) as pool:
        results = [r for rows in pool.map(work, specs) for r in rows]
    print(
        "             n  in_focus  frames/most   saved/least  ≥ 3   SSIM/least    ≥ .98   PSNR"
        "  noisy  dense  RMSE/most    ≤ .3  dense   > 1 off  valid"
    )
    report(results, "all")
    for kind in KINDS:
        report([r for r in results if r.kind == kind], kind)
    for light in LIGHTS:
        report([r for r in results if r.light == light], light)
    for r in results:
        if r.verdict is not Verdict.IN_FOCUS or not (r.clear_ssim >= 0.95 and r.rms_dof <= 0.5):
            print(r)


if __name__ == "__main__":
    main()
