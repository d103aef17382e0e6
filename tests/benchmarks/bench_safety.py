"""Searches at random, without hardware: whether any leaves the window, or is wrong about focus.

Run ``python tests/benchmarks/bench_safety.py --runs 100000 --workers 2``: so many searches by
belief, and as many by the classical ones together, each as `drawn_search` says. Exit status 1 if a
move left the window, a search did not end, an outcome was no number, or the plan raised what it
should not.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from drawn_frames import KINDS
from drawn_search import FALSE, NEVER, searched

from bluesky_autofocus.search import BELIEF, CURVE_SEARCHES
from bluesky_autofocus.verdict import Verdict
from bluesky_autofocus.workers import each

__all__ = ["Tally", "tried"]

BATCH = 100
MOST_EXAMPLES = 60


@dataclass
class Tally:
    """What came of searches.

    Parameters
    ----------
    counts : Counter
        By search, kind of sample and what happened.
    examples : list of (str, int, str)
        Search, number and what happened, of what must not be.
    """

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: list[tuple[str, int, str]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add another one's counts."""
        self.counts += other.counts
        self.examples += other.examples

    def total(self, search: str, what: Iterable[str], kind: str = "") -> int:
        """Count what happened in a search, of one kind of sample or of all."""
        return sum(self.counts[search, k, w] for w in what for k in ([kind] if kind else KINDS))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    began, total, done = time.monotonic(), Tally(), 0
    batches = list(tasks(options.runs, options.seed))
    for tally in each(tried, batches, options.workers):
        total.add(tally)
        done += 1
        if done % 50 == 0 or done == len(batches):
            seconds = time.monotonic() - began
            wrong = sum(total.total(s, (*NEVER, *FALSE)) for s in (BELIEF, *CURVE_SEARCHES))
            said = f"{done}/{len(batches)} batches, {seconds:.0f} s, {wrong} wrong"
            print(said, file=sys.stderr, flush=True)
    sys.exit(report(total))


def tasks(runs: int, seed: int) -> Iterable[tuple[str, int, int, int]]:
    """List batches: search, seed, first number and the one after the last."""
    share = -(-runs // len(CURVE_SEARCHES))
    for search, count in {BELIEF: runs, **dict.fromkeys(CURVE_SEARCHES, share)}.items():
        for first in range(0, count, BATCH):
            yield search, seed, first, min(first + BATCH, count)


def tried(task: tuple[str, int, int, int]) -> Tally:
    """Run a batch."""
    search, seed, first, after = task
    tally = Tally()
    for number in range(first, after):
        kind, happened = searched(search, seed, number)
        for what in happened:
            tally.counts[search, kind, what] += 1
            if what in (*NEVER, *FALSE):
                tally.examples.append((search, number, what))
    return tally


def report(total: Tally) -> int:
    """Print what happened; return 1 if anything did that never must."""
    verdicts = [str(v) for v in Verdict]
    for search in (BELIEF, *CURVE_SEARCHES):
        runs = total.total(search, [*verdicts, "raised"])
        if not runs:
            continue
        said = {what: total.total(search, [what]) for what in (*NEVER, *FALSE)}
        frames = total.total(search, ["frames"])
        print(f"\n{search}: {runs} runs, {frames} frames; " + ", ".join(map(_named, said.items())))
        print(f"{'':16}{'runs':>7}{'far':>5}  " + " ".join(f"{v:>14}" for v in verdicts))
        for kind in KINDS:
            row = [total.total(search, [v], kind) for v in verdicts]
            far = total.total(search, FALSE, kind)
            print(f"{kind:16}{sum(row):7d}{far:5d}  " + " ".join(f"{n:14d}" for n in row))
    for search, number, what in total.examples[:MOST_EXAMPLES]:
        print(f"{what}: {search} {number}")
    return int(any(total.total(s, NEVER) for s in (BELIEF, *CURVE_SEARCHES)))


def _named(item: tuple[str, int]) -> str:
    return f"{item[0]} {item[1]}"


if __name__ == "__main__":
    main()
