"""A user's IPython with the repository's profile, in a folder of the user's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.sim.process import client_environment

ROOT = Path(__file__).parents[3]
# The script: `python -m` looks for modules in the working directory first.
IPYTHON = Path(sys.executable).with_name("ipython")
LEFT_OUT = ("EPICS_", "XDG_", "TILED_", "BLUESKY_AUTOFOCUS_", "DISPLAY", "MPL")


@dataclass(frozen=True)
class User:
    """A user with an empty home who looks for the simulated station at one port."""

    home: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the user's shell, without a display."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(LEFT_OUT)}
        return {
            **kept,
            **client_environment(self.port),
            "HOME": str(self.home),
            "IPYTHONDIR": str(self.home / "ipython"),
            "BLUESKY_AUTOFOCUS_HOME": str(self.home / "autofocus"),
        }

    def start(self, *lines: str, **environment: str) -> "subprocess.Popen[str]":
        """Start IPython with a copy of the profile, in which it may write, and give it lines."""
        profile = self.home / "profile"
        if not profile.exists():
            shutil.copytree(ROOT / "profile", profile)
        return subprocess.Popen(
            [
                *(str(IPYTHON), f"--profile-dir={profile}"),
                *("--colors=NoColor", "-c", "\n".join(lines)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
            env={**self.environment, **environment},
        )

    def ipython(self, *lines: str, **environment: str) -> str:
        """Run lines in IPython; return all that is printed."""
        return ended(self.start(*lines, **environment))


def ended(process: "subprocess.Popen[str]") -> str:
    """Wait for the end of IPython; return what it has printed."""
    try:
        printed, _ = process.communicate(timeout=100)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"IPython did not end: {process.communicate()[0]}")
    assert process.returncode == 0, printed
    return printed


@pytest.fixture
def wait_for_end() -> Callable[["subprocess.Popen[str]"], str]:
    """Wait for the end of IPython."""
    return ended


@pytest.fixture
def user(tmp_path: Path, new_port: Callable[[], int]) -> User:
    """A new user."""
    return User(tmp_path, new_port())
