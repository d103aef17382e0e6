"""Every command of the page on a catalog that grows, as it stands but for the ports."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bluesky_autofocus.catalog import open_embedded_catalog, record
from devices.sim.network import free_port

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "how-to" / "grow-the-catalog.md").read_text()
LEFT_OUT = ("XDG_", "TILED_", "BLUESKY_AUTOFOCUS_")
YEAR_S = 366 * 86_400

READ_BACK = """
from bluesky_autofocus.catalog import load_run
from bluesky_autofocus.errors import CatalogError
from databroker import Broker

db = Broker.named("autofocus")
print(len(list(db(sample="S7"))), len(failed), len(here), len(in_2026), files)
views = {uid: load_run(db, uid) for uid in UIDS}
for view in views.values():
    print(view.verdict, len(view.table()), view.frames().shape)
    try:
        view.frames()[0]
    except CatalogError as error:
        print(error)
"""


class User:
    """Somebody who types the page's blocks into shells, one after the other."""

    def __init__(self, environment: dict[str, str], ports: dict[str, str]) -> None:
        self.environment = environment
        self.ports = ports
        self.exported: list[str] = []

    def typed(self, block: str) -> str:
        for said, actual in self.ports.items():
            block = block.replace(said, actual)
        lines = block.splitlines()
        self.exported += [line for line in lines if line.startswith("export ")]
        return "\n".join(["set -e", *self.exported, *lines])

    def run(self, block: str, folder: Path) -> str:
        ended = subprocess.run(
            ["bash", "-c", self.typed(block)],
            env=self.environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ended.returncode == 0, f"{block}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout


@pytest.fixture
def user(postgresql, tmp_path):
    kept = {
        name: value
        for name, value in postgresql.environment.items()
        if not name.startswith(LEFT_OUT)
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    environment = {
        **kept,
        "PATH": path,
        "HOME": str(tmp_path),
        # A frame that is gone is asked for twice, not for 25 s.
        "TILED_RETRY_ATTEMPTS": "2",
        "TILED_RETRY_TIMEOUT": "2",
    }
    ports = {":5432": f":{postgresql.port}", "8000": str(free_port())}
    return User(environment, ports)


@pytest.fixture
def runs(tmp_path, station_module, run_engine):
    """Two runs in the embedded catalog of a user's home, the first one's frames a year old."""
    with open_embedded_catalog(tmp_path / ".local" / "share" / "bluesky-autofocus") as embedded:
        station = station_module.Station(embedded.storage.frames)
        with record(run_engine, embedded) as recorder:
            md = {"sample": "S7", "station": "simulated station"}
            (first,) = run_engine(station.plan(md=md))
            (old,) = embedded.storage.frames.iterdir()
            (second,) = run_engine(station.plan(md=md))
            assert recorder.flush(30)
    long_ago = time.time() - YEAR_S
    os.utime(old, (long_ago, long_ago))
    return first, second, old


def wait_for_server(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(address, timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "the server of the page did not start"
            time.sleep(0.1)


def test_the_how_to_runs(user, runs, tmp_path):
    first, second, old = runs
    make, serve, index, copy, change, sweep, back_up = re.findall(
        r"^```bash\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
    )
    python = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    user.run(make, tmp_path)
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["bash", "-c", user.typed(serve)],
            env=user.environment,
            cwd=ROOT,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            wait_for_server(process, f"http://127.0.0.1:{user.ports['8000']}/api/v1/", log)
            assert "CREATE INDEX" in user.run(index, ROOT)
            assert "2 runs copied" in user.run(copy, tmp_path)
            user.run(change, tmp_path)

            source = tmp_path / "search.py"
            source.write_text("\n".join([*python, f"UIDS = {[first, second]}", READ_BACK]))
            seen = user.run(f"python {source}", ROOT).splitlines()
            assert seen[:3] == ["2", f"{first} in_focus", f"{second} in_focus"]
            assert seen[-3].startswith("2 0 2 2 ['file://localhost")
            assert seen[-2:] == ["in_focus 5 (5, 48, 64)"] * 2

            listed = user.run(sweep, tmp_path)
            assert listed.split() == [str(old)]
            assert not old.exists() and len(list(old.parent.iterdir())) == 1
            lines = user.run(f"python {source}", ROOT).splitlines()
            (gone,) = [line for line in lines if "cannot be read" in line]
            assert old.name in gone and "the run has its numbers left" in gone
            assert lines.count("in_focus 5 (5, 48, 64)") == 2

            user.run(back_up, tmp_path)
            assert (tmp_path / "catalog.dump").read_bytes().startswith(b"PGDMP")
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=20)
