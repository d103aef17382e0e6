"""A PostgreSQL server of one's own on loopback, for tests and benchmarks."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.sim.network import LOOPBACK, free_port

HOW_TO_GET = "PostgreSQL's programs are not installed. Debian: apt-get install postgresql"
START_TIMEOUT_S = 30.0
OWNER = "postgres"


def programs() -> Path | None:
    """Return the folder of initdb, postgres and psql; Debian does not put all of it on the path."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parents[1].name), default=None)
    return None if newest is None else newest.parent


@dataclass(frozen=True)
class PostgresqlServer:
    """A server that runs, and how to reach it.

    Parameters
    ----------
    bin : Path
        Folder of its programs.
    port : int
        On 127.0.0.1.
    password : str
        Of its administrator.
    log : Path
        What it says.
    """

    bin: Path
    port: int
    password: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What makes ``psql`` find the server, as its administrator."""
        return {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.port),
            "PGUSER": OWNER,
            "PGPASSWORD": self.password,
        }

    def new_database(self) -> str:
        """Make an empty database; return its address."""
        name = f"autofocus_{secrets.token_hex(4)}"
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql://{OWNER}:{self.password}@{LOOPBACK}:{self.port}/{name}"

    def sql(self, statement: str, database: str = OWNER) -> str:
        """Run one statement in a database, by its name or address; return what it prints."""
        command = [str(self.bin / "psql"), "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-Atc"]
        ended = subprocess.run(
            [*command, statement, database],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    @property
    def answers(self) -> bool:
        """Whether it takes connections."""
        asked = subprocess.run(
            [str(self.bin / "pg_isready"), "--quiet"], env=self.environment, check=False
        )
        return asked.returncode == 0


@contextmanager
def private_postgresql(**settings: str) -> Iterator[PostgresqlServer]:
    """Run a PostgreSQL server for the length of a with-block; its files go with it."""
    found = programs()
    if found is None:
        raise FileNotFoundError(HOW_TO_GET)
    # Not pytest's own folder: the server's user may not enter it.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    try:
        password = secrets.token_hex(8)
        (folder / "password").write_text(password)
        for path in (folder, folder / "password"):
            shutil.chown(path, **_unprivileged())
        server = PostgresqlServer(found, free_port(), password, folder / "log")
        with open(server.log, "w") as log:
            _initialize(server, folder, log)
            with _running(server, folder, settings, log):
                yield server
    finally:
        shutil.rmtree(folder)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: its own user then runs it."""
    if os.geteuid():
        return {"user": os.geteuid(), "group": os.getegid()}
    user = pwd.getpwnam(OWNER)
    return {"user": user.pw_uid, "group": user.pw_gid}


def _as_user() -> dict[str, Any]:
    return {} if os.geteuid() else {**_unprivileged(), "extra_groups": []}


def _initialize(server: PostgresqlServer, folder: Path, log: Any) -> None:
    subprocess.run(
        [str(server.bin / "initdb"), "-D", str(folder / "data"), f"--username={OWNER}"]
        + ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        + ["--encoding=UTF8", "--locale=C", "--no-sync"],
        stdout=log,
        stderr=log,
        cwd=folder,
        timeout=60,
        check=True,
        **_as_user(),
    )


@contextmanager
def _running(
    server: PostgresqlServer, folder: Path, settings: dict[str, str], log: Any
) -> Iterator[None]:
    every = {
        "listen_addresses": LOOPBACK,
        "port": str(server.port),
        "unix_socket_directories": "",
        "fsync": "off",
        **settings,
    }
    options = [word for name, value in every.items() for word in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [str(server.bin / "postgres"), "-D", str(folder / "data"), *options],
        stdout=log,
        stderr=log,
        cwd=folder,
        **_as_user(),
    )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not server.answers:
            assert process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, f"no answer within {START_TIMEOUT_S:g} s"
            time.sleep(0.05)
        yield
    finally:
        # Its "fast" end: clients are cut off.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)
