"""The command line as its users run it: in a process of its own, with a home of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

COMMAND = Path(sys.executable).with_name("bluesky-autofocus")
LONGEST_S = 100.0
# Where desktop settings and an earlier test's stations would lead a command elsewhere.
LEFT_OUT = ("EPICS_", "XDG_", "TILED_", "BLUESKY_AUTOFOCUS_", "COLUMNS", "FORCE_COLOR")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    pid: int
    status: int
    out: str
    err: str
    seconds: float
    folder: Path

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output."""
        return json.loads(self.out)


def environment(home: Path) -> dict[str, str]:
    """A new user's environment, whose files all lie in one folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(LEFT_OUT)}
    return {**kept, "HOME": str(home), "BLUESKY_AUTOFOCUS_HOME": str(home / "autofocus")}


def processes_of(pid: int) -> list[psutil.Process]:
    """Processes that a command started: its session's, and the IOC that was told its number."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
            if process.pid != pid and (
                os.getsid(process.pid) == pid or ("--parent" in line and str(pid) in line)
            ):
                found.append(process)
        except (psutil.Error, ProcessLookupError):
            continue
    return found


class Running:
    """A command that runs, its output in files."""

    def __init__(self, arguments: tuple[str, ...], home: Path, folder: Path) -> None:
        self.folder = folder
        self._out, self._err = folder / "out", folder / "err"
        self._began = time.monotonic()
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [str(COMMAND), *arguments],
                stdout=out,
                stderr=err,
                cwd=folder,
                env=environment(home),
                start_new_session=True,
            )

    def wait_for(self, said: str, timeout_s: float = 60.0) -> None:
        """Wait until the command has said something."""
        deadline = time.monotonic() + timeout_s
        while said not in self._out.read_text() + self._err.read_text():
            assert self.process.poll() is None, self._err.read_text()
            assert time.monotonic() < deadline, f"{said!r} was not said in {timeout_s} s"
            time.sleep(0.02)

    def interrupt(self) -> None:
        """Do as Ctrl-C in a terminal: a signal to all processes of its foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self, timeout_s: float = LONGEST_S) -> Ended:
        """Wait for the end; what does not end is killed, and that is a failure."""
        try:
            status = self.process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"did not end within {timeout_s} s: {self._err.read_text()}")
        seconds = time.monotonic() - self._began
        return Ended(
            self.process.pid,
            status,
            self._out.read_text(),
            self._err.read_text(),
            seconds,
            self.folder,
        )

    def kill(self) -> None:
        """Kill the command."""
        self.process.kill()
        self.process.wait(timeout=10)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new user's home, with one catalog for all commands of the session."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def start_command(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Running]]:
    """Start a command; what still runs at the session's end is killed."""
    started: list[Running] = []

    def start(*arguments: str, at: Path | None = None) -> Running:
        running = Running(arguments, at or home, tmp_path_factory.mktemp("command"))
        started.append(running)
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            running.kill()


@pytest.fixture(scope="session")
def run_command(start_command: Callable[..., Running]) -> Callable[..., Ended]:
    """Run a command to its end."""
    return lambda *arguments, **options: start_command(*arguments, **options).ended()


@pytest.fixture
def left_over() -> Callable[[Ended], list[psutil.Process]]:
    """Tell which processes a command left behind; some end a moment after it, as told."""
    return lambda ended: psutil.wait_procs(processes_of(ended.pid), timeout=10)[1]


@pytest.fixture
def in_python(home: Path, tmp_path: Path) -> Callable[[str], str]:
    """Run lines in a plain new Python of the same user, and return what they print."""

    def run(lines: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-c", lines],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env=environment(home),
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


@pytest.fixture
def command_environment(home: Path) -> dict[str, str]:
    """The environment in which the commands run."""
    return environment(home)
