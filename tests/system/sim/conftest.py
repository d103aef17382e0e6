"""Simulated cameras in a process of their own, and ophyd's own devices on them."""

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@dataclass(frozen=True)
class CameraIoc:
    """A running IOC with two cameras."""

    prefix: str
    data_directory: Path
    process: subprocess.Popen[bytes]

    def end(self) -> int:
        """End it with SIGTERM and return its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=10)


@pytest.fixture(scope="session")
def camera_ports(new_port: Callable[[], int]) -> list[int]:
    """Ports for the IOCs of these tests, known to the client before its first PV."""
    return [new_port() for _ in range(4)]


@pytest.fixture(scope="session")
def start_camera_ioc(
    camera_ports: list[int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., CameraIoc]]:
    """Start an IOC; all end with the session."""
    started: list[CameraIoc] = []

    def start(*options: str) -> CameraIoc:
        data = tmp_path_factory.mktemp("camera")
        prefix = f"TEST-{secrets.token_hex(3)}:"
        command = [sys.executable, str(HERE / "camera_ioc.py"), "--prefix", prefix]
        command += ["--port", str(camera_ports[len(started)]), "--data-dir", str(data), *options]
        ioc = CameraIoc(prefix, data, subprocess.Popen(command, cwd=ROOT))
        started.append(ioc)
        return ioc

    try:
        yield start
    finally:
        for ioc in started:
            if ioc.process.poll() is None:
                ioc.process.kill()
                ioc.process.wait(timeout=10)


@pytest.fixture(scope="session")
def camera_ioc(start_camera_ioc: Callable[..., CameraIoc]) -> CameraIoc:
    """The IOC that most tests share."""
    return start_camera_ioc()
