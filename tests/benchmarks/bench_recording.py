"""What recording costs: per event in the RunEngine, to open, and until a run can be read.

Run with ``python tests/benchmarks/bench_recording.py [--steps 200]``. The station of the system
tests is used: 15 scalars and an external frame an event. Steps with and without recording
alternate in one process, so that their ratio means something on a busy machine.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[1] / "system" / "catalog"))

from bluesky import RunEngine
from station import Station  # pyright: ignore[reportMissingImports]

from bluesky_autofocus.catalog import Recorder, load_run, open_catalog


def milliseconds(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds) * 1e3:.2f} ms, max {max(seconds) * 1e3:.2f} ms"


def timed(callback: Callable[[str, Any], None], spent: dict[str, list[float]]):
    def call(name: str, document: Any) -> None:
        begin = time.perf_counter()
        callback(name, document)
        spent.setdefault(name, []).append(time.perf_counter() - begin)

    return call


def seconds_to_open(home: str) -> float:
    source = (
        "import time; begin = time.perf_counter()\n"
        "from bluesky_autofocus.catalog import open_catalog\n"
        f"with open_catalog({home!r}): print(time.perf_counter() - begin)"
    )
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="events a run")
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as home:
        for kind in ("first ever", "in a new process", "in a new process"):
            print(f"open_catalog, {kind}, imports included: {seconds_to_open(home):.2f} s")
        open_catalog(home).close()
        begin = time.perf_counter()
        catalog = open_catalog(home)
        print(f"open_catalog, again in the same process: {time.perf_counter() - begin:.2f} s")

        engine = RunEngine({}, context_managers=[])
        station = Station(catalog.storage.frames, shape=(1024, 1024))
        steps: dict[bool, list[float]] = {True: [], False: []}
        spent: dict[str, list[float]] = {}
        flushes: list[float] = []
        reads: list[float] = []
        for _ in range(arguments.runs):
            for recording in (False, True):
                station.step_seconds.clear()
                station.camera.written.clear()
                recorder = Recorder(catalog) if recording else None
                token = engine.subscribe(timed(recorder, spent)) if recorder else None
                (uid,) = cast(tuple[str], engine(station.plan(arguments.steps)))
                if recorder is not None and token is not None:
                    begin = time.perf_counter()
                    assert recorder.flush(120), recorder.runs
                    flushes.append(time.perf_counter() - begin)
                    begin = time.perf_counter()
                    assert len(load_run(catalog, uid).table()) == arguments.steps
                    reads.append(time.perf_counter() - begin)
                    engine.unsubscribe(token)
                    recorder.close()
                steps[recording] += station.step_seconds
        catalog.close()

    print(f"recorder call in the RunEngine, event: {milliseconds(spent['event'])}")
    print(f"recorder call in the RunEngine, datum: {milliseconds(spent['datum'])}")
    print(f"step without recording: {milliseconds(steps[False])}")
    print(f"step with recording:    {milliseconds(steps[True])}")
    ratio = statistics.median(steps[True]) / statistics.median(steps[False])
    print(f"ratio of medians: {ratio:.2f}")
    print(f"run end to all written ({arguments.steps} events): {milliseconds(flushes)}")
    print(f"reading the table: {milliseconds(reads)}")


if __name__ == "__main__":
    main()
