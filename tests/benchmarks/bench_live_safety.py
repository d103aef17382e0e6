"""Runs of the plan on the live simulation, with faults and interruptions drawn at random.

Run ``python tests/benchmarks/bench_live_safety.py --runs 300 --out FILE``: the simulated station in
a process of its own, Channel Access, a RunEngine, a catalog; a new scene every so many runs. One
line of JSON a run goes to the file, the tables to standard output. Exit status 1 if a run broke a
promise: see `live_trial`.
"""

import argparse
import faulthandler
import json
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bluesky import RunEngine
from drawn_trial import drawn_scene, drawn_trial
from live_station import connected
from live_trial import carried_out_live

from bluesky_autofocus.catalog import Recorder, open_catalog
from bluesky_autofocus.verdict import Verdict
from devices.sim.network import free_port
from devices.sim.process import client_environment, set_client_environment, simulated_station

RUNS_A_SCENE = 15
SHAPE = (512, 512)
# A run that hangs for so long hangs for ever: say where.
HANGS_S = 400.0


def main() -> None:
    """Make the runs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # The second Ctrl-C of a trial may come when its run has just ended.
    signal.signal(signal.SIGINT, lambda *_: None)
    numbers = range(options.first, options.first + options.runs)
    groups = [numbers[k : k + RUNS_A_SCENE] for k in range(0, len(numbers), RUNS_A_SCENE)]
    # EPICS' client library reads the addresses of all servers once, before the first PV.
    ports = [free_port() for _ in groups]
    set_client_environment(client_environment(*ports))
    rows: list[dict[str, Any]] = []
    with options.out.open("a") as out:
        for port, group in zip(ports, groups, strict=True):
            for row in made(group, options.seed, port):
                rows.append(row)
                out.write(json.dumps(row) + "\n")
                out.flush()
                for what in row["wrong"]:
                    print(f"{row['number']}: {what}", file=sys.stderr, flush=True)
    sys.exit(report(rows))


def made(numbers: Sequence[int], seed: int, port: int) -> Iterator[dict[str, Any]]:
    """Make the runs of one scene."""
    scene = drawn_scene(seed, numbers[0] // RUNS_A_SCENE)
    with tempfile.TemporaryDirectory() as folder, open_catalog(Path(folder)) as catalog:
        frames = catalog.storage.frames
        with (
            simulated_station(
                scene=scene, seed=numbers[0], port=port, shape=SHAPE, data_directory=frames
            ) as ioc,
            Recorder(catalog) as recorder,
        ):
            engine = RunEngine({}, call_returns_result=True)
            engine.subscribe(recorder)
            with connected(ioc, engine, frames) as live:
                for number in numbers:
                    faulthandler.dump_traceback_later(HANGS_S, exit=True)
                    trial = drawn_trial(seed, number)
                    row = carried_out_live(live, trial, recorder, catalog)
                    faulthandler.cancel_dump_traceback_later()
                    yield {"scene": scene, "seed": seed, **row}


def report(rows: list[dict[str, Any]]) -> int:
    """Print what came of the runs; return 1 if any broke a promise."""
    verdicts = [*map(str, Verdict), ""]
    for title, key in (
        ("fault", lambda row: row["fault"]["name"] if row["fault"] else "none"),
        ("interruption", lambda row: row["how"] or "none"),
        ("search", lambda row: row["search"]),
    ):
        counts = Counter((key(row), row["verdict"]) for row in rows)
        print(f"\n{title:18}" + " ".join(f"{v or 'no verdict':>13}" for v in verdicts))
        for name in sorted({key(row) for row in rows}):
            print(f"{name:18}" + " ".join(f"{counts[name, v]:13d}" for v in verdicts))
    wrong = [row for row in rows if row["wrong"]]
    frames, seconds = sum(row["frames"] for row in rows), sum(row["seconds"] for row in rows)
    unrestored = sum(row["restored"] is False for row in rows)
    print(f"\n{len(rows)} runs, {frames} frames, {seconds:.0f} s; {len(wrong)} broke a promise; ")
    print(f"{unrestored} said that the stage could not be taken back")
    for row in wrong:
        print(f"{row['number']}: {row['wrong']}")
    return int(bool(wrong))


if __name__ == "__main__":
    main()
