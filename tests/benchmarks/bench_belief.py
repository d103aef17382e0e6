"""What a step of the search by belief costs, with its tables prepared and without.

Run ``python tests/benchmarks/bench_belief.py``. Rendered frames of 1024 x 1024; the window is so
wide that the grid of focus positions has some 2,000 cells. A step is to take the observation in and
to suggest what comes next; the observation itself is listed beside it.
"""

import argparse
import statistics
import time
from dataclasses import dataclass, field

import numpy as np

from bluesky_autofocus.belief import observe, prepare
from bluesky_autofocus.belief.transfer_table import transfer_table
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.search import Move, Window
from bluesky_autofocus.search.belief import BeliefSearch

OPTICS = Optics(0.30, 0.55, magnification=10, pixel_um=3.45)
SHAPE = (1024, 1024)
HALF_DOF = 88.0
LEVEL = 0.4


@dataclass
class Times:
    """Milliseconds of the steps of some searches: the first of each, and all others."""

    observed: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=20)
    options = parser.parse_args()
    estimator = SharpnessEstimator(OPTICS, full_scale=255.0)
    sample = procedural_object("grain", (1280, 1280), seed=1)
    renderer = Renderer(sample, OPTICS, frame_shape=SHAPE)
    cells = BeliefSearch(window=Window(-HALF_DOF, HALF_DOF), start_dof=0.0).belief.grid
    print(f"{cells.position_dof.size} cells; ms, median / p95")
    print(f"{'':12} {'observation':>16} {'first step':>16} {'later steps':>16}")
    rng = np.random.default_rng(0)
    plain, prepared = Times(), Times()
    for _ in range(options.searches):
        start, focus = rng.uniform(-50, 50, 2)
        for times in (plain, prepared):
            transfer_table.cache_clear()
            if times is prepared:
                prepare(SHAPE, estimator)
            run(renderer, estimator, start, focus, times)
    for name, times in (("as it comes", plain), ("prepared", prepared)):
        row = [said(part) for part in (times.observed, times.first, times.later)]
        print(f"{name:12} {row[0]:>16} {row[1]:>16} {row[2]:>16}")


def run(
    renderer: Renderer, estimator: SharpnessEstimator, start: float, focus: float, times: Times
) -> None:
    """Run one search and add its times."""
    search = BeliefSearch(window=Window(-HALF_DOF, HALF_DOF), start_dof=start)
    while isinstance(step := search.suggest(), Move):
        image = renderer.image(step.position_dof - focus)
        frame = expose(LEVEL * image, Sensor(bits=8), seed=len(search.history))
        began = time.perf_counter()
        observation = observe(frame, estimator)
        seen = time.perf_counter()
        first = not search.history
        search = search.ingest(step.position_dof, observation)
        search.suggest()
        ended = time.perf_counter()
        times.observed.append(1e3 * (seen - began))
        (times.first if first else times.later).append(1e3 * (ended - seen))


def said(milliseconds: list[float]) -> str:
    """Return median and 95th percentile."""
    return f"{statistics.median(milliseconds):.1f} / {np.quantile(milliseconds, 0.95):.1f}"


if __name__ == "__main__":
    main()
