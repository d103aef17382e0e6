"""Searches at random, without hardware: whether any leaves the window, or is wrong about focus.

Run ``python tests/benchmarks/bench_safety.py --runs 100000 --workers 2``: so many searches by
belief, and as many by the classical ones together. Frames are drawn (`drawn_frames`), the moves are
those of the plan (`plans.stubs`) on a drawn stage (`drawn_stage`). Exit status 1 if a move left the
window, a search did not end, an outcome was no number, or the plan raised what it should not.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, cast

import numpy as np
from drawn_frames import KINDS, DrawnFrames
from drawn_stage import DrawnStage, carried_out

from bluesky_autofocus.errors import StageFaultError
from bluesky_autofocus.measurement import Measurement
from bluesky_autofocus.scale import Scale
from bluesky_autofocus.search import BELIEF, CURVE_SEARCHES, Window, make_search
from bluesky_autofocus.verdict import Outcome, Side, Verdict
from bluesky_autofocus.workers import each
from devices import Approach, FocusSensor, FrameCamera, SampleSide, Station
from plans.checks import approachable, checked_start
from plans.focus_run import FocusRun
from plans.stubs import move_and_verify, return_to

__all__ = ["Tally", "searched", "tried"]

BATCH = 100
NEVER = ("outside", "endless", "no number", "raised", "not back", "wrong arrival")
FALSE = ("far", "far, more play")
FAR_DOF = 1.0
MOST_SAMPLE_STEPS = 150
MOST_EXAMPLES = 60


class Sensor:
    """All that a run asks of a sensor when it begins."""

    name = "focus"
    parent = None

    def __init__(self) -> None:
        self.measure = self

    def get(self) -> str:
        """Return the name of the measure."""
        return "drawn"


@dataclass
class Tally:
    """What came of searches.

    Parameters
    ----------
    counts : Counter
        By search, kind of sample and what happened.
    examples : list of (str, int)
        Search and number of those that must not be.
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


def searched(search: str, seed: int, number: int) -> tuple[str, list[str]]:
    """Run one search as the plan does, and judge it.

    Parameters
    ----------
    search : str
        Its name.
    seed, number : int
        What is drawn depends on these alone.

    Returns
    -------
    (str, list of str)
        Kind of sample, and what happened: the verdict, ``frames`` once for each of them, and
        whatever of `NEVER` and `FALSE`: ``far`` is in focus said farther away than one depth of
        field, in the other case on a stage with more play than the station file says.
    """
    rng = np.random.default_rng([seed, number])
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    station, window, stage = drawn_station(rng)
    scale = station.scale
    searched = approachable(station, window)
    low_dof, high_dof = (scale.to_dof(end) for end in searched)
    width = high_dof - low_dof
    focus = float(rng.uniform(low_dof, high_dof))
    if rng.random() < 0.15:
        focus = float(rng.choice([low_dof - 1, high_dof + 1]) + rng.uniform(-0.3, 0.3) * width)
    frames = DrawnFrames(kind, focus, rng)
    happened: list[str] = []
    start = carried_out(checked_start(station, window), station)
    begun = make_search(
        search,
        window=Window(low_dof, high_dof),
        start_dof=min(max(scale.to_dof(start), low_dof), high_dof),
        approach=Side(station.approach.side),
    )
    run = FocusRun(station, cast(Any, Sensor()), begun, start, window, searched)
    try:
        outcome = looked(run, stage, frames, happened)
    except StageFaultError as error:
        outcome = Outcome(Verdict.STAGE_FAULT, detail=str(error))
    except Exception as error:  # noqa: BLE001
        return kind, ["raised", f"{type(error).__name__}: {error}"]
    happened += concluded(run, outcome, frames)
    happened += ["outside"] * stage.too_far(window, station.sample)
    return kind, happened


def looked(run: FocusRun, stage: DrawnStage, frames: DrawnFrames, happened: list[str]) -> Outcome:
    """Move and measure until the search has an outcome."""
    station, most = run.station, cast(Any, run.search).max_frames
    believing = hasattr(run.search, "belief")
    while not isinstance(step := run.search.suggest(), Outcome):
        if step.position_dof not in run.search.window:
            happened.append("outside")
        if run.frames >= most:
            happened.append("endless")
            return Outcome(Verdict.NOT_CONVERGED)
        readback = carried_out(move_and_verify(station, run.announce(step), run.window), station)
        happened += ["wrong arrival"] * stage.wrong_arrivals(station.approach, run.window)
        seen: Measurement = frames.take(station.scale.to_dof(stage.sample))
        if not believing:
            seen = Measurement(
                seen.sharpness, seen.mean_fraction, seen.saturated_fraction, seen.condition
            )
        run.search = run.search.ingest(station.scale.to_dof(readback), seen)
        run.frames += 1
        happened.append("frames")
    return step


def concluded(run: FocusRun, outcome: Outcome, frames: DrawnFrames) -> list[str]:
    """End a run as the plan does, and judge its outcome."""
    run.outcome, station = outcome, run.station
    happened, failure = [str(outcome.verdict)], ""
    if outcome.verdict is Verdict.IN_FOCUS:
        if outcome.position_dof is None or outcome.expected_error_dof is None:
            happened.append("no number")
        if not abs(frames.distance_dof) <= FAR_DOF:
            known = cast(DrawnStage, station.stage).play <= station.approach.backlash
            happened.append("far" if known else "far, more play")
    else:
        try:
            back = carried_out(return_to(station, run.start, run.window), station)
        except StageFaultError as error:
            failure = str(error)
            happened.append("said not to be back")
        else:
            if abs(back - run.start) > station.position_tolerance:
                happened.append("not back")
    run.publish_outcome(failure)
    result = run.result()
    numbers = [result.focus_position, result.expected_error]
    words = result.message.lower().replace("±", " ").split()
    if not all(isfinite(n) for n in numbers if n is not None) or {"nan", "inf"} & set(words):
        happened.append("no number")
    return happened


def drawn_station(
    rng: np.random.Generator,
) -> tuple[Station, tuple[float, float], DrawnStage]:
    """Draw a station, its window and where its stage is."""
    scale = Scale(float(10 ** rng.uniform(-3, 1)), "mm")
    width = float(np.exp(rng.uniform(np.log(3), np.log(200))))
    low = float(rng.normal(0, 300))
    window = scale.to_stage(low), scale.to_stage(low + width)
    side = str(rng.choice(["low", "high"]))
    tolerance = scale.to_stage(float(rng.choice([0.02, 0.1])))
    play = scale.to_stage(float(rng.choice([0.0, rng.uniform(0, 1.5)])))
    # One station file in ten is wrong about the play, and the default says nothing of it.
    stated = float(rng.choice([0.0, 0.5, 1.0, 1.5], p=[0.05, 0.05, 0.45, 0.45]))
    backlash = play * stated
    sample = None
    if rng.random() < 0.4:
        # So that the plan's bound on the number of steps is kept.
        least = max(0.05, width / MOST_SAMPLE_STEPS)
        step = scale.to_stage(float(np.exp(rng.uniform(np.log(least), np.log(width)))))
        sample = SampleSide(cast(Any, str(rng.choice(["low", "high"]))), step)
    # Some start at an end, or as far beyond it as the tolerance allows.
    place = float(rng.choice([rng.uniform(0, 1), 0.0, 1.0], p=[0.8, 0.1, 0.1]))
    here = window[0] + place * (window[1] - window[0]) + tolerance * float(rng.uniform(-0.9, 0.9))
    stage = DrawnStage(here, tolerance, play, side, rng)
    station = Station(
        name="drawn",
        stage=cast(Any, stage),
        camera=cast(FrameCamera, None),
        sensor=cast(FocusSensor, None),
        scale=scale,
        window=window,
        approach=Approach(cast(Any, side), backlash),
        sample=sample,
        position_tolerance=tolerance,
    )
    return station, window, stage


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
