"""Processes that train together, and leave nothing behind."""

import subprocess
import sys

import pytest

from devices.sim.network import free_port

pytestmark = pytest.mark.system

PROGRAM = """
from pathlib import Path

import torch

from bluesky_autofocus.estimator.training.processes import joined

def threads():
    return {(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()}

with joined() as processes:
    torch.optim.AdamW(torch.nn.Linear(2, 2).parameters())
    assert processes.gathered(processes.rank) == [0, 1]
    assert any("gloo" in name for name in threads()), threads()
assert not any("gloo" in name for name in threads()), threads()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the threads")
def test_no_thread_of_a_group_outlives_it(command_environment):
    # An optimizer's imports kept the group: one process in ten was aborted at its end.
    environment = command_environment | {
        "GLOO_SOCKET_IFNAME": "lo",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
        "WORLD_SIZE": "2",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=environment | {"RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    for process in started:
        _, said = process.communicate(timeout=90)
        assert process.returncode == 0, said
