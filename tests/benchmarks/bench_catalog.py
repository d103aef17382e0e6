"""How long it takes to list and search many runs, embedded (SQLite) and on PostgreSQL.

Run with ``python tests/benchmarks/bench_catalog.py [--runs 10000] [--notes 0]``. One run is
recorded; the others are its rows with other times, samples, stations and verdicts, put into the
database as Tiled writes them. All is then asked through Tiled's client and databroker, as a person
would. On PostgreSQL it is asked again after ANALYZE, which autovacuum runs by itself in a busy
database, and once more with the index of docs/how-to/grow-the-catalog.md.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[1] / "system" / "catalog"))

from bluesky import RunEngine
from bluesky_tiled_plugins.queries import TimeRange
from conftest import API_KEY, TiledServer  # pyright: ignore[reportAttributeAccessIssue]
from databroker.v1 import Broker
from filled_catalog import DAY_S, FIRST_DAY_S, fill
from private_postgresql import PostgresqlServer, private_postgresql
from station import Station  # pyright: ignore[reportMissingImports]
from tiled.client import from_uri
from tiled.queries import Key

from bluesky_autofocus.catalog import Catalog, Storage, open_embedded_catalog, record

PAGE, LARGEST_PAGE = 100, 300
INDEX = Path(__file__).parents[2] / "profile" / "tiled" / "postgresql.sql"
LATE = FIRST_DAY_S + 70 * DAY_S


def shown(found: Any) -> int:
    """Count what was found, and get the first page of it with its metadata."""
    for run in found.values()[:PAGE]:
        assert run.metadata["start"]["uid"]
    return len(found)


def headers(found: Any) -> int:
    """Get the first page of databroker's headers."""
    return sum(1 for header, _ in zip(found, range(PAGE), strict=False) if header.start)


def questions(client: Any) -> dict[str, Callable[[], int]]:
    """Return what is asked; each answers with a number of runs."""
    broker: Any = Broker(client)
    day = TimeRange(since=LATE, until=LATE + DAY_S)
    failed = Key("stop.verdict") == "not_converged"
    at_station, of_sample = Key("station") == "station 3", Key("sample") == "S7"
    return {
        "count": lambda: len(client.new_variation()),
        "latest page": lambda: len(client.values().tail(PAGE)),
        "all uids": lambda: len(list(client.keys().page_size(LARGEST_PAGE))),
        "verdict": lambda: shown(client.search(failed)),
        "sample": lambda: shown(client.search(of_sample)),
        "station": lambda: shown(client.search(at_station)),
        "a day of 100": lambda: shown(client.search(day)),
        "30 days of 100": lambda: shown(client.search(TimeRange(since=LATE))),
        "verdict, station, day": lambda: shown(
            client.search(failed).search(at_station).search(day)
        ),
        "databroker, sample": lambda: headers(broker(sample="S7")),
        "databroker, a day": lambda: headers(broker(since=LATE, until=LATE + DAY_S)),
    }


def measure(title: str, client: Any, repeats: int) -> None:
    """Print the median and the longest of a few times for each question."""
    print(title)
    for name, ask in questions(client).items():
        seconds, found = [], 0
        for _ in range(repeats):
            begin = time.perf_counter()
            found = ask()
            seconds.append(time.perf_counter() - begin)
        median, longest = statistics.median(seconds), max(seconds)
        print(f"  {name:22} {found:6} runs  median {median:.3f} s, max {longest:.3f} s", flush=True)


def recorded_run(catalog: Catalog) -> str:
    engine = RunEngine({}, context_managers=[])
    station = Station(catalog.storage.frames)
    with record(engine, catalog) as recorder:
        (uid,) = cast(tuple[str], engine(station.plan(md={"sample": "S7", "station": "station 3"})))
        assert recorder.flush(60)
    return uid


def embedded(folder: Path, given: argparse.Namespace) -> None:
    with open_embedded_catalog(folder) as catalog:
        database = f"sqlite:///{catalog.storage.database}"
        fill(catalog, database, recorded_run(catalog), given.runs, given.notes, given.seed)
        measure(f"embedded, {given.runs} runs", catalog.client, given.repeats)


def on_postgresql(folder: Path, server: PostgresqlServer, given: argparse.Namespace) -> None:
    storage, database = Storage(folder), server.new_database()
    storage.create()
    tiled = TiledServer(storage, database)
    tiled.start()
    try:
        with Catalog(from_uri(tiled.uri, api_key=API_KEY), storage) as catalog:
            fill(catalog, database, recorded_run(catalog), given.runs, given.notes, given.seed)
            measure(f"PostgreSQL, {given.runs} runs", catalog.client, given.repeats)
            server.sql("ANALYZE", database)
            measure("after ANALYZE", catalog.client, given.repeats)
            server.sql(INDEX.read_text(), database)
            measure("with the index", catalog.client, given.repeats)
    finally:
        tiled.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--notes", type=int, default=0, help="bytes of notes in a start document")
    parser.add_argument("--repeats", type=int, default=5, help="times each is asked")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log-plans", action="store_true", help="print PostgreSQL's slow plans")
    given = parser.parse_args()
    settings = {"autovacuum": "off"}
    if given.log_plans:
        settings |= {
            "session_preload_libraries": "auto_explain",
            "auto_explain.log_min_duration": "100ms",
            "auto_explain.log_analyze": "on",
        }
    with tempfile.TemporaryDirectory() as home:
        embedded(Path(home) / "embedded", given)
        with private_postgresql(**settings) as server:
            on_postgresql(Path(home) / "served", server, given)
            if given.log_plans:
                print(server.log.read_text())


if __name__ == "__main__":
    main()
