"""The documentation's own lines, run against a live station by a new user."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devices.sim.process import RunningIoc, simulated_station

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = ("EPICS_", "XDG_", "TILED_", "BLUESKY_AUTOFOCUS_")


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return [code for kind, code in BLOCK.findall(page.read_text()) if kind == language]


@dataclass(frozen=True)
class NewUser:
    """A user with an empty home, beside a station that serves."""

    home: Path
    ioc: RunningIoc

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the user's shell."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(LEFT_OUT)}
        return {**kept, **self.ioc.environment, "HOME": str(self.home)}

    def python(self, *lines: str) -> str:
        """Run Python in the repository, as the documentation has it; return what it prints."""
        ended = subprocess.run(
            [sys.executable, "-c", "\n".join(lines)],
            capture_output=True,
            text=True,
            timeout=100,
            cwd=ROOT,
            env=self.environment,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def code() -> Callable[[str, str], list[str]]:
    """Return the code blocks of a page, by its path and their language."""
    return lambda page, language: blocks(ROOT / page, language)


@pytest.fixture(scope="session")
def new_user(
    new_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewUser]:
    """A new user, and the simulated station that profile/station.yml describes."""
    with simulated_station(port=new_port(), prefix="SIM:") as ioc:
        yield NewUser(tmp_path_factory.mktemp("home"), ioc)


@pytest.fixture(scope="session")
def session(new_user: NewUser, code: Callable[[str, str], list[str]]) -> dict[str, Any]:
    """The README's IPython session, run once: what it printed, its uid and its documents."""
    first, *_ = code("README.md", "python")
    out = new_user.python(
        first,
        "import json",
        "from bluesky_autofocus.catalog import load_run",
        "documents = list(load_run(catalog, result.uid).documents())",
        "print('\\n' + json.dumps({'uid': result.uid, 'said': str(result),",
        "    'verdict': result.verdict, 'documents': documents}, default=str))",
    )
    *printed, facts = out.splitlines()
    return {**json.loads(facts), "printed": "\n".join(printed)}
