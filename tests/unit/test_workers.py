import multiprocessing
import os
import signal
from math import sqrt

import pytest

from bluesky_autofocus.workers import each

# Two processes import torch at once, which a busy machine takes a minute for.
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_whatever_does_the_work(workers):
    assert list(each(sqrt, [9.0, 4.0, 1.0, 0.0], workers)) == [3, 2, 1, 0]
    assert not multiprocessing.active_children()


def test_ctrl_c_while_processes_start_comes_when_they_have(monkeypatch):
    """A pool interrupted between making its thread and starting it cannot be shut down."""
    spawned = multiprocessing.get_context("spawn").Process
    popen = spawned._Popen
    seen = []

    def interrupted(process):
        os.kill(os.getpid(), signal.SIGINT)
        seen.append(process)
        return popen(process)

    monkeypatch.setattr(spawned, "_Popen", staticmethod(interrupted))
    with pytest.raises(KeyboardInterrupt):
        list(each(sqrt, [4.0, 9.0], 2))
    assert len(seen) == 2
    assert not multiprocessing.active_children()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
