"""What a plan feels of its catalog's server: alive, killed, or hanging.

Run with ``python tests/benchmarks/bench_dead_catalog.py``. A real ``tiled serve config`` on
loopback is killed or stopped at the fifth step of a run; steps without recording, with a live
server, and after its end are timed in one process.
"""

import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "system" / "catalog"))

from bluesky import RunEngine
from conftest import API_KEY, TiledServer  # pyright: ignore[reportAttributeAccessIssue]
from station import Station  # pyright: ignore[reportMissingImports]
from tiled.client import from_uri

from bluesky_autofocus.catalog import Catalog, Recorder, Storage, replay_backup

STEPS = 200
STRIKE_AT = 5


def show(label: str, seconds: list[float], reference: float | None = None) -> float:
    median = statistics.median(seconds)
    ratio = "" if reference is None else f", ratio {median / reference:.2f}"
    print(f"  {label:20} median {median * 1e3:.2f} ms, max {max(seconds) * 1e3:.2f} ms{ratio}")
    return median


def measure(fate: signal.Signals) -> None:
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(Path(folder))
        storage.create()
        server = TiledServer(storage)
        server.start()
        catalog = Catalog(from_uri(server.uri, api_key=API_KEY), storage)
        engine = RunEngine({}, context_managers=[])
        station = Station(storage.frames)
        print(fate.name)
        engine(station.plan(STEPS))
        bare = show("no recording", station.step_seconds)

        recorder = Recorder(catalog)
        engine.subscribe(recorder)
        station.step_seconds.clear()
        engine(station.plan(STEPS))
        show("server alive", station.step_seconds, bare)
        recorder.flush(60)

        station.step_seconds.clear()
        engine(station.plan(STEPS, at_step=lambda s: server.send(fate) if s == STRIKE_AT else None))
        show("after the end of it", station.step_seconds[STRIKE_AT + 1 :], bare)
        begin = time.perf_counter()
        recorder.close(120)
        print(f"  given up after {time.perf_counter() - begin:.1f} s: {recorder.runs[-1].error}")
        if fate is signal.SIGSTOP:
            server.send(signal.SIGCONT)
        server.kill()
        server.start()
        replay_backup(recorder.runs[-1].backup, catalog)
        catalog.close()
        server.kill()


if __name__ == "__main__":
    for sent in (signal.SIGKILL, signal.SIGSTOP):
        measure(sent)
