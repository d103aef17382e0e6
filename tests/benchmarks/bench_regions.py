"""Altitudes of a field: how many are found, where, and by how many frames; simulated frames.

Run ``python tests/benchmarks/bench_regions.py --scenes 60 --seed 0``: terraces of two to four
altitudes 5 to 40 depths of field apart, one altitude, and a terrace without texture, on the
families held out from training, three lights, with the play and noise of `benchmark search`; the
stage starts anywhere in a window that reaches 30 depths of field beyond the terraces.
``--families known`` takes those of training and calibration; with ``--textures several`` no two
parts of terraces show the same one.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from bluesky_autofocus.benchmark.estimators import estimator_of
from bluesky_autofocus.benchmark.scenes import LIGHTS, Scene, SceneSpec, draw_scenes
from bluesky_autofocus.benchmark.searches.simulated_stage import SimulatedStage
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.estimator.families import CALIBRATION, HELD_OUT, TRAINING
from bluesky_autofocus.imaging import terraces
from bluesky_autofocus.regions import CELL_PX, UNKNOWN, FieldRegions, observe_field
from bluesky_autofocus.search import Window
from bluesky_autofocus.search.region_search import RegionSearch
from bluesky_autofocus.verdict import Outcome, Verdict

SIDE_PX = 1024
GAPS_DOF, BEYOND_DOF, FLICKER = (5.0, 40.0), 30.0, 0.02
KINDS = ("terraces", "terraces", "terraces", "flat", "gap")
BLANK = -1
FAMILIES = {"held-out": [*HELD_OUT], "known": [*CALIBRATION, *TRAINING]}
# Families beside one another in the list may be alike.
NEXT_FAMILY = 3


@dataclass(frozen=True)
class Field:
    """A sample: the focus position of each part, and which part each pixel belongs to."""

    focus_dof: NDArray[np.float64]
    parts: NDArray[np.intp]

    @property
    def cells(self) -> NDArray[np.intp]:
        """Part that most pixels of each cell belong to, shape (rows, cols)."""
        side = self.parts.shape[0] // CELL_PX
        blocks = self.parts.reshape(side, CELL_PX, side, CELL_PX).swapaxes(1, 2)
        values = blocks.reshape(side, side, -1) + 1
        return np.apply_along_axis(lambda v: np.bincount(v).argmax(), -1, values) - 1


@dataclass(frozen=True)
class Result:
    """What came of one search."""

    kind: str
    light: str
    count: int
    first_agreement: float
    clear: bool
    said: bool
    altitudes: int
    agreement: float
    least_agreement: float
    worst_dof: float
    invented_dof: float
    worst_step_dof: float
    frames: int


def draw_field(kind: str, rng: np.random.Generator) -> Field:
    """Draw a sample; its middle is at 0."""
    shape = (SIDE_PX, SIDE_PX)
    if kind == "flat":
        return Field(np.zeros(1), np.zeros(shape, dtype=np.intp))
    count = 2 if kind == "gap" else int(rng.integers(2, 5))
    gaps = np.exp(rng.uniform(np.log(GAPS_DOF[0]), np.log(GAPS_DOF[1]), count - 1))
    focus = np.concatenate([[0.0], np.cumsum(gaps)])
    focus = np.asarray(rng.permutation(focus - focus.mean()), dtype=np.float64)
    parts = count + 1 if kind == "gap" else count
    drawn = terraces(shape, [float(k) for k in range(parts)], seed=int(rng.integers(2**31)))
    index = drawn.astype(np.intp)
    if kind == "gap":
        # The middle one is blank.
        index = np.array([0, BLANK, 1])[index]
    return Field(focus, index)


def overlaps(labels: NDArray[np.intp], truth: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Intersection over union of each true part with the label given to it."""
    said = [k for k in np.unique(labels) if k != UNKNOWN]
    table = np.zeros((count, max(count, len(said))))
    for i in range(count):
        for j, k in enumerate(said):
            both = ((truth == i) & (labels == k)).sum()
            table[i, j] = both / max(((truth == i) | (labels == k))[truth != BLANK].sum(), 1)
    rows, cols = linear_sum_assignment(-table)
    return table[rows, cols]


def scenes_of(spec: SceneSpec, families: list[str], count: int) -> list[Scene]:
    """Return the scene, and others that differ from it in nothing but their texture."""
    first = families.index(spec.family)
    names = [families[(first + NEXT_FAMILY * k) % len(families)] for k in range(count)]
    return [Scene(replace(spec, family=name, seed=spec.seed + k)) for k, name in enumerate(names)]


def searched(spec: SceneSpec, light: str, kind: str, families: list[str]) -> Result:
    """Search the field of a scene in one light; each part is of another of several families."""
    rng = spec.rng(300)
    field = draw_field(kind, rng)
    scenes = scenes_of(spec, families, field.focus_dof.size if len(families) > 1 else 1)
    reach = float(np.abs(field.focus_dof).max()) + BEYOND_DOF
    start = float(rng.uniform(-reach, reach))
    look = Looker(scenes, field, light, reach, start, estimator_of(scenes[0]))
    search = RegionSearch(window=Window(-reach, reach), start_dof=start)
    first: FieldRegions | None = None
    while not isinstance(step := search.suggest(), Outcome):
        search = search.ingest(step.position_dof, observe_field(look(step.position_dof), look.eye))
        first = first or search.field
    assert first is not None and search.seen is not None
    truth, count = field.cells, field.focus_dof.size
    found = np.array([a.focus_dof for a in search.seen.altitudes])
    away = np.abs(found[:, None] - field.focus_dof)
    agreement = overlaps(search.seen.labels, truth, count)
    # Nearest altitude found for each part; their differences are the heights of the steps.
    nearest = found[away.argmin(axis=0)] if found.size else 1e3 * np.arange(count)
    steps = np.diff(nearest) - np.diff(field.focus_dof)
    y = 0.5 * np.log1p(((start - field.focus_dof) / 0.4) ** 2)
    return Result(
        kind=kind,
        light=light,
        count=count,
        first_agreement=float(overlaps(first.labels, truth, count).mean()),
        clear=bool(count > 1 and np.diff(np.sort(y)).min() > 1),
        said=step.verdict is Verdict.IN_FOCUS,
        altitudes=found.size,
        agreement=float(agreement.mean()),
        least_agreement=float(agreement.min()),
        worst_dof=float(away.min(axis=0, initial=np.inf).max()),
        invented_dof=float(away.min(axis=1).max(initial=0.0)),
        worst_step_dof=float(np.abs(steps).max(initial=0.0)),
        frames=len(search.history),
    )


class Looker:
    """Moves a stage with play and noise, and takes frames of a field."""

    def __init__(
        self,
        scenes: list[Scene],
        field: Field,
        light: str,
        reach_dof: float,
        start_dof: float,
        eye: SharpnessEstimator,
    ) -> None:
        self.scene, self.field, self.light, self.eye = scenes[0], field, light, eye
        self.scenes = scenes
        self.rng = self.scene.spec.rng(301 + list(LIGHTS).index(light))
        self.stage = SimulatedStage.at(start_dof, (-reach_dof, reach_dof), self.rng)

    def __call__(self, position_dof: float) -> NDArray[np.unsignedinteger]:
        """Take a frame there."""
        self.stage.move(position_dof, self.rng)
        blank = self.field.parts == BLANK
        focus = np.where(blank, 0.0, self.field.focus_dof[np.where(blank, 0, self.field.parts)])
        away = np.float32(self.stage.sample_dof) - focus.astype(np.float32)
        image = self.scene.image(away)
        for part, scene in enumerate(self.scenes[1:], start=1):
            mine = self.field.parts == part
            image[mine] = scene.image(away)[mine]
        if blank.any():
            image[blank] = image[~blank].mean()
        level = self.scene.level(self.light) * float(np.exp(self.rng.normal(0, FLICKER)))
        return self.scene.expose(image, level, int(self.rng.integers(2**31)))


def scene_results(spec: SceneSpec, families: list[str]) -> list[Result]:
    """Search a scene's field in each light."""
    torch.set_num_threads(1)
    kind = KINDS[spec.index % len(KINDS)]
    if kind != "terraces" or not families:
        families = [spec.family]
    return [searched(spec, light, kind, families) for light in LIGHTS]


def report(results: list[Result], name: str) -> None:
    """Print the figures of some searches."""
    if not results:
        return
    said = [r for r in results if r.said]
    clear = [r for r in results if r.clear]

    def share(rows: list[Result], holds: list[bool]) -> str:
        return f"{np.mean(holds):6.1%} of {len(rows)}" if rows else "-"

    frames = [r.frames for r in results]
    print(f"{name}: {len(results)} searches")
    print(f"  one frame, IoU: {np.mean([r.first_agreement for r in results]):.2f}", end="")
    if clear:
        print(f"; clearly apart {np.mean([r.first_agreement for r in clear]):.2f} of {len(clear)}")
    else:
        print()
    print(f"  at the end, IoU: {np.mean([r.agreement for r in results]):.3f}")
    print(f"  every part IoU ≥ .9: {share(results, [r.least_agreement >= 0.9 for r in results])}")
    print(f"  every part within ½: {share(results, [r.worst_dof <= 0.5 for r in results])}")
    print(f"  steps within ¼:      {share(results, [r.worst_step_dof <= 0.25 for r in results])}")
    print(f"  said all in focus:   {share(results, [r.said for r in results])}")
    print(f"  of these all right:  {share(said, [r.worst_dof <= 0.5 for r in said])}")
    print(f"  an altitude > 1 off: {share(results, [r.invented_dof > 1 for r in results])}")
    within = [r.frames <= 3 + 2 * r.count for r in results]
    print(f"  frames {np.median(frames):g} / {np.quantile(frames, 0.95):g}", end="")
    print(f"; ≤ 3 + 2 × altitudes: {share(results, within)}")


def main() -> None:
    """Print the figures by kind, count and light."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--families", choices=(*FAMILIES,), default="held-out")
    parser.add_argument("--textures", choices=("one", "several"), default="one")
    asked = parser.parse_args()
    families = FAMILIES[asked.families]
    search = partial(scene_results, families=families if asked.textures == "several" else [])
    draw = partial(draw_scenes, asked.seed, "maps", asked.scenes, side_px=SIDE_PX)
    with ProcessPoolExecutor(asked.workers) as pool:
        results = [r for rows in pool.map(search, draw(families=families)) for r in rows]
    terraced = [r for r in results if r.kind == "terraces"]
    report(terraced, "terraces")
    for count in (2, 3, 4):
        report([r for r in terraced if r.count == count], f"terraces, {count}")
    for light in LIGHTS:
        report([r for r in terraced if r.light == light], f"terraces, {light}")
    report([r for r in results if r.kind == "flat"], "one altitude")
    report([r for r in results if r.kind == "gap"], "two, with a blank part between")


if __name__ == "__main__":
    main()
