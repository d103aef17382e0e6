"""How well a tilt is measured, and by how many frames; simulated frames.

Run ``python tests/benchmarks/bench_tilt.py --scenes 60 --seed 0``: planes that span 0.5 to 20
depths of field over the frame, any direction, starts within two depths of field of the middle, on
the families held out from training, three lights, with the play and noise of `benchmark search`.
``--families known`` takes those of training and calibration.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import torch

from bluesky_autofocus.benchmark.estimators import estimator_of
from bluesky_autofocus.benchmark.scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from bluesky_autofocus.benchmark.searches.simulated_stage import SimulatedStage
from bluesky_autofocus.estimator.families import CALIBRATION, HELD_OUT, TRAINING
from bluesky_autofocus.regions import observe_field
from bluesky_autofocus.search import Window
from bluesky_autofocus.search.tilt_search import TiltSearch
from bluesky_autofocus.verdict import Outcome, Verdict

SIDE_PX = 1024
SPAN_DOF, START_DOF, HALF_DOF, FLICKER = (0.5, 20.0), 2.0, 40.0, 0.02
TOLERANCE_DOF, RELATIVE_TOLERANCE = 0.05, 0.03


def measured(spec: SceneSpec, light: str) -> tuple[float, float, float, int, bool]:
    """Return span, largest error of a slope, the same over its stated σ, frames, and success."""
    scene, rng = Scene(spec), spec.rng(400 + list(LIGHTS).index(light))
    span = float(np.exp(rng.uniform(np.log(SPAN_DOF[0]), np.log(SPAN_DOF[1]))))
    angle = rng.uniform(0, 2 * np.pi)
    slopes = np.array([np.cos(angle), np.sin(angle)])
    slopes *= span / np.abs(slopes).sum()
    place = (np.arange(SIDE_PX) + 0.5) / SIDE_PX - 0.5
    focus = (slopes[0] * place[:, None] + slopes[1] * place).astype(np.float32)
    start = float(rng.uniform(-START_DOF, START_DOF))
    stage = SimulatedStage.at(start, (-HALF_DOF, HALF_DOF), rng)
    eye = estimator_of(scene)
    search = TiltSearch(window=Window(-HALF_DOF, HALF_DOF), start_dof=start)
    while not isinstance(step := search.suggest(), Outcome):
        stage.move(step.position_dof, rng)
        level = scene.level(light) * float(np.exp(rng.normal(0, FLICKER)))
        image = scene.image(np.float32(stage.sample_dof) - focus)
        frame = scene.expose(image, level, int(rng.integers(2**31)))
        search = search.ingest(step.position_dof, observe_field(frame, eye))
    plane = search.plane
    if plane is None:
        return span, np.inf, np.inf, len(search.history), False
    errors = np.abs([plane.row_slope_dof, plane.column_slope_dof] - slopes)
    return (
        span,
        float(errors.max()),
        float((errors / plane.slope_std_dof).max()),
        len(search.history),
        step.verdict is Verdict.IN_FOCUS,
    )


def of_scene(spec: SceneSpec) -> list[tuple[float, float, float, int, bool]]:
    """Measure a scene in each light."""
    torch.set_num_threads(1)
    return [measured(spec, light) for light in LIGHTS]


def main() -> None:
    """Print the figures by span."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--families", choices=("held-out", "known"), default="held-out")
    asked = parser.parse_args()
    families = HELD_OUT if asked.families == "held-out" else [*CALIBRATION, *TRAINING]
    draw = partial(draw_scenes, asked.seed, "maps", asked.scenes, side_px=SIDE_PX)
    with ProcessPoolExecutor(asked.workers) as pool:
        rows = [row for part in pool.map(of_scene, draw(families=families)) for row in part]
    span, error, over, frames, said = (np.array(column) for column in zip(*rows, strict=True))
    good = error <= np.maximum(TOLERANCE_DOF, RELATIVE_TOLERANCE * span)
    said = said.astype(bool)
    print("span, DoF    measured  said  of these within 3 % or .05  error p50 / p95  error / σ p90")
    for low, high in ((0.5, 2.0), (2.0, 6.0), (6.0, 20.0), (0.5, 20.0)):
        here = (span >= low) & (span <= high)
        told = here & said
        print(
            f"{low:4g} to {high:3g}  {here.sum():8d}  {said[here].mean():4.0%}  "
            f"{good[told].mean():26.1%}  {np.quantile(error[told], 0.5):6.3f} / "
            f"{np.quantile(error[told], 0.95):.3f}  {np.quantile(over[told], 0.9):12.2f}"
        )
    print(f"frames {np.median(frames):g} / {np.quantile(frames, 0.95):g}, at most {frames.max()}")


if __name__ == "__main__":
    main()
