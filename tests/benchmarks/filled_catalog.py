"""A catalog of many runs made at once: the rows of one real run, again and again."""

import asyncio
import json
import random
import uuid
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import create_async_engine
from tiled.catalog import orm
from tiled.utils import ensure_specified_sql_driver

from bluesky_autofocus.catalog import Catalog
from bluesky_autofocus.verdict import Verdict

SAMPLES, STATIONS = 200, 5
FIRST_DAY_S, DAY_S = 1_750_000_000.0, 86_400.0
DAYS = 100
# One run in twenty fails, one way or another.
IN_FOCUS_SHARE = 0.95


def run_metadata(
    template: dict[str, Any], number: int, runs: int, notes: int, draw: random.Random
) -> Any:
    """Return what start and stop documents of one of many runs say, with so many bytes of notes."""
    metadata = deepcopy(template)
    began = FIRST_DAY_S + DAYS * DAY_S * number / runs
    others = [verdict for verdict in Verdict if verdict is not Verdict.IN_FOCUS]
    verdict = Verdict.IN_FOCUS if draw.random() < IN_FOCUS_SHARE else draw.choice(others)
    start, stop = metadata["start"], metadata["stop"]
    start |= {
        "uid": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
        "time": began + draw.random(),
        "scan_id": number + 1,
        "sample": f"S{draw.randrange(SAMPLES)}",
        "station": f"station {draw.randrange(STATIONS)}",
        "notes": draw.randbytes(notes // 2).hex(),
    }
    stop |= {"run_start": start["uid"], "time": began + 5.0, "verdict": str(verdict)}
    return metadata


def fill(catalog: Catalog, database: str, uid: str, runs: int, notes: int, seed: int) -> None:
    """Put many runs beside a recorded one: its rows, with other names, times and verdicts.

    Rows only: no tables, arrays or frames, which a search does not touch.
    """
    recorded: Any = catalog.client.v3[uid]
    streams = [(name, recorded[name]) for name in recorded]
    template = json.loads(json.dumps(dict(recorded.metadata)))
    draw = random.Random(seed)
    every = [run_metadata(template, number, runs, notes, draw) for number in range(runs)]
    specs = {"run": described(recorded), "stream": described(streams[0][1])}
    below = [(name, dict(stream.metadata)) for name, stream in streams]
    asyncio.run(_insert(database, every, below, specs))


def described(node: Any) -> list[dict[str, Any]]:
    """Return a node's specs as its row has them."""
    return [{"name": spec.name, "version": spec.version} for spec in node.specs]


async def _insert(
    database: str, runs: list[Any], streams: list[tuple[str, Any]], specs: dict[str, Any]
) -> None:
    engine = create_async_engine(ensure_specified_sql_driver(database))
    try:
        async with engine.begin() as connection:
            table: Any = orm.Node.__table__
            top = [row(0, metadata["start"]["uid"], metadata, specs["run"]) for metadata in runs]
            await connection.execute(insert(table), top)
            found = await connection.execute(select(table.c.id, table.c.key))
            ids = {key: number for number, key in found}
            await connection.execute(
                insert(table), list(stream_rows(runs, streams, specs["stream"], ids))
            )
    finally:
        await engine.dispose()


def stream_rows(
    runs: list[Any], streams: list[tuple[str, Any]], specs: Any, ids: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of all streams of all runs."""
    for metadata in runs:
        for name, described_by in streams:
            yield row(ids[metadata["start"]["uid"]], name, described_by, specs)


def row(parent: int, key: str, metadata: Any, specs: Any) -> dict[str, Any]:
    """Return one row of Tiled's table of nodes."""
    return {
        "parent": parent,
        "key": key,
        "structure_family": "container",
        "metadata": metadata,
        "specs": specs,
    }
