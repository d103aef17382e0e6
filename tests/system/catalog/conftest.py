"""A catalog for the session, a RunEngine for each test, a Tiled server when asked for."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import httpx
import numpy as np
import pytest
from bluesky import RunEngine
from bluesky.utils import RunEngineInterrupted
from ophyd import Signal
from private_postgresql import HOW_TO_GET, PostgresqlServer, private_postgresql, programs

from bluesky_autofocus.catalog import (
    HOME_VARIABLE,
    Catalog,
    Storage,
    load_run,
    open_catalog,
    record,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
API_KEY = "secretfortests"
_START_TIMEOUT_S = 60.0


@pytest.fixture(scope="session")
def station_module() -> ModuleType:
    """The test station; by path, since test folders are not packages."""
    spec = spec_from_file_location("catalog_test_station", HERE / "station.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """An embedded catalog in a folder of its own."""
    with open_catalog(tmp_path_factory.mktemp("catalog")) as opened:
        yield opened


@pytest.fixture
def station(station_module: ModuleType, catalog: Catalog):
    return station_module.Station(catalog.storage.frames)


@pytest.fixture
def run_engine() -> Iterator[RunEngine]:
    engine = RunEngine({}, context_managers=[])
    yield engine
    engine.loop.call_soon_threadsafe(engine.loop.stop)
    engine._th.join(10)
    engine.loop.close()


@pytest.fixture
def rewound(catalog, station, run_engine):
    """A run of three events, the second of them taken again after a pause."""
    taken: Any = Signal(name="taken", value=0)
    curve: Any = Signal(name="curve", value=np.zeros(4))
    camera: Any = station.camera

    @bpp.stage_decorator([station.camera])
    @bpp.run_decorator()
    def plan():
        for step in range(3):
            yield from bps.checkpoint()
            yield from bps.trigger(station.camera, group="frame")
            yield from bps.wait("frame")
            number = len(station.camera.written)
            yield from bps.abs_set(taken, number, wait=True)
            yield from bps.abs_set(curve, np.full(4, float(number)), wait=True)
            yield from bps.create("primary")
            for device in (camera, taken, curve):
                yield from bps.read(device)
            yield from bps.save()
            if step == 1:
                yield from bps.pause()

    emitted = []
    run_engine.subscribe(lambda name, document: emitted.append((name, document)))
    with record(run_engine, catalog) as recorder:
        with pytest.raises(RunEngineInterrupted):
            run_engine(plan())
        (uid,) = run_engine.resume()
        assert recorder.flush(30)
    numbers = [document["seq_num"] for name, document in emitted if name == "event"]
    return load_run(catalog, uid), numbers


class TiledServer:
    """A real Tiled server of a catalog, in a process that can be killed; on PostgreSQL if given."""

    def __init__(self, storage: Storage, database: str | None = None) -> None:
        self.storage = storage
        self.database = database
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}/api/v1/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            HOME_VARIABLE: str(self.storage.home),
            "TILED_SINGLE_USER_API_KEY": API_KEY,
        }
        config = "config.yml"
        if self.database is not None:
            environment["BLUESKY_AUTOFOCUS_DATABASE"] = self.database
            config = "postgresql.yml"
            (self.storage.home / "served" / "arrays").mkdir(parents=True, exist_ok=True)
        with open(self.storage.home / "server.log", "ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tiled",
                    "serve",
                    "config",
                    str(ROOT / "profile" / "tiled" / config),
                ]
                + ["--host", "127.0.0.1", "--port", str(self.port)],
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                httpx.get(self.uri, timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                assert self._process.poll() is None, (self.storage.home / "server.log").read_text()
                assert time.monotonic() < deadline, "the Tiled server did not start"
                time.sleep(0.1)

    def send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None


@pytest.fixture
def tiled_server(tmp_path: Path) -> Iterator[TiledServer]:
    storage = Storage(tmp_path / "served")
    storage.create()
    server = TiledServer(storage)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def served_catalog(tiled_server: TiledServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """The server's catalog, with Tiled's retries cut short as its environment variables do."""
    from tiled.client import from_uri, utils

    monkeypatch.setattr(utils, "TILED_RETRY_ATTEMPTS", 2)
    monkeypatch.setattr(utils, "TILED_RETRY_TIMEOUT", 2.0)
    timeout = httpx.Timeout(5.0)
    client = from_uri(tiled_server.uri, api_key=API_KEY, timeout=timeout)
    opened = Catalog(client, tiled_server.storage)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for all tests of a session."""
    if programs() is None:
        # Our own check leaves nothing out.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HOW_TO_GET)
    with private_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_catalog(postgresql: PostgresqlServer, catalog: Catalog) -> Iterator[Catalog]:
    """A catalog on PostgreSQL, behind a Tiled server, in the folder of the embedded one."""
    from tiled.client import from_uri

    server = TiledServer(catalog.storage, postgresql.new_database())
    server.start()
    try:
        with Catalog(from_uri(server.uri, api_key=API_KEY), catalog.storage) as opened:
            yield opened
    finally:
        server.kill()


@pytest.fixture
def in_new_process() -> Callable[..., str]:
    """Run Python in a new process and return what it prints."""

    def run(source: str, **environment: str) -> str:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in (HOME_VARIABLE, "TILED_PROFILES")
        }
        done = subprocess.run(
            [sys.executable, "-c", source],
            env={**inherited, **environment},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
