"""The simulated station in a process of its own, for tests and the demo."""

import json
import os
import secrets
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bluesky_autofocus.errors import StationError
from devices.sim.network import LOOPBACK

__all__ = ["RunningIoc", "client_environment", "set_client_environment", "simulated_station"]

MAX_ARRAY_BYTES = 40_000_000
"""Largest array a client takes: a 3000² frame in CA's four bytes a pixel."""

END_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class RunningIoc:
    """A simulated station that serves.

    Parameters
    ----------
    prefix : str
        Prefix of its PVs.
    port : int
        Its loopback port, TCP and UDP.
    pid : int
        Its process.
    environment : mapping of str to str
        What a Channel Access client needs in its environment.
    process : subprocess.Popen
        The process itself.
    """

    prefix: str
    port: int
    pid: int
    environment: Mapping[str, str]
    process: subprocess.Popen[str] = field(repr=False)


def client_environment(*ports: int) -> dict[str, str]:
    """Environment with which a Channel Access client finds simulated stations, and only those.

    The first station also answers in the place of a Channel Access repeater, so that the client
    starts none.

    Parameters
    ----------
    *ports : int
        Ports of the stations, at least one; they need not be up yet.

    Returns
    -------
    dict of str to str
        ``EPICS_CA_*`` variables.

    Raises
    ------
    ValueError
        Without a port.
    """
    if not ports:
        raise ValueError("no port was given; give the port of each station")
    return {
        "EPICS_CA_ADDR_LIST": " ".join(f"{LOOPBACK}:{port}" for port in ports),
        "EPICS_CA_AUTO_ADDR_LIST": "NO",
        "EPICS_CA_NAME_SERVERS": "",
        "EPICS_CA_SERVER_PORT": str(ports[0]),
        "EPICS_CA_REPEATER_PORT": str(ports[0]),
        "EPICS_CA_MAX_ARRAY_BYTES": str(MAX_ARRAY_BYTES),
    }


def set_client_environment(environment: Mapping[str, str]) -> None:
    """Point this process's Channel Access client at simulated stations.

    EPICS' client library reads its addresses at the first PV, once: so this must come before it.
    An environment that already names the stations, and perhaps others, stays as it is.

    Parameters
    ----------
    environment : mapping of str to str
        From `client_environment`.

    Raises
    ------
    StationError
        If the library is already at work and looks elsewhere.
    """
    wanted = set(environment["EPICS_CA_ADDR_LIST"].split())
    present = os.environ.get("EPICS_CA_ADDR_LIST", "")
    if wanted <= set(present.split()):
        return
    if _client_at_work():
        raise StationError(
            f"Channel Access is already at work in this process with EPICS_CA_ADDR_LIST="
            f"{present!r} and cannot reach {sorted(wanted)}; start the simulated station before "
            f"the first PV, or name its port beforehand with client_environment"
        )
    os.environ.update(environment)


def _client_at_work() -> bool:
    """Whether pyepics has made a channel: from then on, libca's addresses are fixed."""
    library = sys.modules.get("epics.ca")
    return any(getattr(library, "_cache", {}).values())


@contextmanager
def simulated_station(
    *,
    scene: str | None = None,
    stack: Path | str | None = None,
    prefix: str | None = None,
    seed: int = 0,
    port: int = 0,
    shape: tuple[int, int] | None = None,
    data_type: str | None = None,
    data_directory: Path | str | None = None,
    start_timeout_s: float = 60.0,
) -> Iterator[RunningIoc]:
    """Run ``python -m devices.sim`` for the length of a with-block.

    Sets the environment of this process's Channel Access client; see `set_client_environment`.

    Parameters
    ----------
    scene : str, optional
        Name of a rendered scene.
    stack : pathlib.Path or str, optional
        Folder of a recorded focal stack to replay instead.
    prefix : str, optional
        Prefix of the PVs; by default a random one.
    seed : int
        Seed of scene and noise.
    port : int
        Loopback port; 0 takes any free one.
    shape : (int, int), optional
        Rows and columns of a rendered frame; by default 1024 each.
    data_type : {"UInt8", "UInt16"}, optional
        Type of the pixels.
    data_directory : pathlib.Path or str, optional
        The only folder that the camera may write to.
    start_timeout_s : float
        Longest wait until it serves, s.

    Yields
    ------
    RunningIoc
        The station, ready for clients.

    Raises
    ------
    StationError
        If it ends, or is not ready in time, with what it wrote to standard error; or if this
        process's Channel Access client cannot reach it.
    """
    command = [sys.executable, "-m", "devices.sim", "--parent", str(os.getpid())]
    command += ["--prefix", prefix or f"SIM-{secrets.token_hex(4)}:", "--port", str(port)]
    command += ["--seed", str(seed)]
    for option, value in (
        ("--scene", scene),
        ("--stack", stack),
        ("--data-type", data_type),
        ("--data-dir", data_directory),
    ):
        if value is not None:
            command += [option, str(value)]
    if shape is not None:
        command += ["--shape", str(shape[0]), str(shape[1])]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # Ctrl-C in a terminal goes to all its processes: this one is still needed to clean up.
            start_new_session=True,
        )
        try:
            line = _first_line(process, start_timeout_s)
            if not line:
                raise StationError(_failure(process, log, start_timeout_s))
            facts = json.loads(line)
            environment = client_environment(facts["port"])
            set_client_environment(environment)
            yield RunningIoc(**facts, environment=environment, process=process)
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[str], timeout_s: float) -> str:
    """Wait for the ready line; empty if the process ends or the time is up."""
    assert process.stdout is not None
    deadline = time.monotonic() + timeout_s
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(max(deadline - time.monotonic(), 0.0)):
            return ""
    return process.stdout.readline()


def _failure(process: subprocess.Popen[str], log: IO[str], timeout_s: float) -> str:
    try:
        status = process.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        what = f"did not serve within {timeout_s:g} s"
    else:
        what = f"ended with status {status} before it served"
    log.seek(0)
    return f"The simulated station {what}. Its last words:\n{log.read()[-4000:].strip()}"


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the process to end, wait, and kill it if it does not."""
    process.terminate()
    try:
        process.wait(timeout=END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=END_TIMEOUT_S)
    finally:
        assert process.stdout is not None
        process.stdout.close()
