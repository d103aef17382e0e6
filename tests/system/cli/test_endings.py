"""Commands that are interrupted or killed leave nothing behind."""

import json
import os
import signal
import time

import psutil
import pytest
from psutil import wait_procs

from devices.sim.network import port_is_free

pytestmark = pytest.mark.system


def test_ctrl_c_ends_the_run_and_puts_the_stage_back(start_command, in_python, left_over):
    demo = start_command("demo", "--json", "--search", "sweep")
    demo.wait_for("coarse sweep 3/")
    demo.interrupt()
    began = time.monotonic()
    ended = demo.ended(timeout_s=15)
    assert time.monotonic() - began < 15
    assert ended.status == 130
    assert set(ended.json) == {"error"}
    assert "not_converged: The run was interrupted" in ended.err
    assert "Traceback" not in ended.err
    assert left_over(ended) == []
    stop, verdict, restored = in_python(
        "from bluesky_autofocus.catalog import load_run, open_catalog\n"
        "with open_catalog() as catalog:\n"
        "    run = load_run(catalog, -1)\n"
        "    print(run.stop['exit_status'])\n"
        "    print(run.verdict)\n"
        "    print(run.outcome['outcome_restored'])\n"
    ).splitlines()
    assert (stop, verdict, restored) == ("abort", "not_converged", "True")


def test_ctrl_c_before_the_run_begins(start_command, left_over):
    demo = start_command("demo")
    demo.wait_for("Catalog:")
    demo.interrupt()
    ended = demo.ended(timeout_s=15)
    assert ended.status == 130
    assert "Interrupted." in ended.err
    assert "Traceback" not in ended.err
    assert left_over(ended) == []


def test_ioc_of_a_killed_demo_ends_by_itself(start_command, left_over):
    demo = start_command("demo", "--json", "--search", "sweep")
    demo.wait_for("coarse sweep 3/")
    tree = psutil.Process(demo.process.pid).children(recursive=True)
    assert len(tree) == 1
    demo.kill()
    gone, alive = wait_procs(tree, timeout=8)
    assert not alive
    assert left_over(demo.ended()) == []


def test_ioc_serves_until_sigint(start_command):
    ioc = start_command("ioc", "--prefix", "X:", "--port", "0")
    ioc.wait_for('"pid"', timeout_s=30)
    facts = json.loads((ioc.folder / "out").read_text())
    assert facts["prefix"] == "X:"
    assert facts["pid"] == ioc.process.pid
    assert not port_is_free(facts["port"])
    assert read_pv("X:scene:FocusPosition", facts["port"]) != 0
    os.kill(ioc.process.pid, signal.SIGINT)
    assert ioc.ended(timeout_s=10).status == 0
    assert port_is_free(facts["port"])


def read_pv(name: str, port: int) -> float:
    """Read a PV with another client than EPICS' own, which this process has set up already."""
    from caproto.sync.client import read

    before = os.environ.get("EPICS_CA_ADDR_LIST"), os.environ.get("EPICS_CA_AUTO_ADDR_LIST")
    assert before[1] == "NO"
    os.environ["EPICS_CA_ADDR_LIST"] = f"127.0.0.1:{port}"
    try:
        return float(read(name, timeout=5, repeater=False).data[0])
    finally:
        os.environ["EPICS_CA_ADDR_LIST"] = str(before[0])


def test_ioc_with_a_bad_option_ends_with_status_2(run_command):
    ended = run_command("ioc", "--port", "70000")
    assert ended.status == 2
    assert "70000 is above 65535" in ended.err


def test_version_and_help(run_command):
    assert run_command("--version").out.strip() == "0.1.0"
    commands = run_command("--help").out
    assert "demo" in commands
    assert "ioc" in commands
    assert "--list-pvs" in run_command("ioc", "--help").out
