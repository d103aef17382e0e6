"""What the estimator must show, beside what was measured on held-out scenes.

Run ``python tests/benchmarks/bench_estimator.py``; it takes a quarter of an hour on two idle cores,
or with ``--quick`` some minutes, and asserts nothing. ``bluesky-autofocus benchmark estimator``
prints the same measurements in full.
"""

import argparse
from pathlib import Path

from rich.console import Console

from bluesky_autofocus.benchmark import FULL, PARTS, QUICK, Conditions, goals, run_benchmark
from bluesky_autofocus.cli.benchmark.progress import shown_progress
from bluesky_autofocus.cli.benchmark.tables import goals_table


def main() -> None:
    """Measure, and print the table of goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="few of everything")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--weights", type=Path, help="default: those of the package")
    parser.add_argument("--parts", default=",".join(PARTS), help="some of the parts")
    options = parser.parse_args()
    with shown_progress() as track:
        conditions = Conditions(options.seed, options.weights, options.workers, track)
        sizes = QUICK if options.quick else FULL
        result = run_benchmark(conditions, sizes, options.parts.split(","))
    console = Console()
    console.print(goals_table(goals(result)))
    for note in result.notes:
        console.print(note, markup=False)


if __name__ == "__main__":
    main()
