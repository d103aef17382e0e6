"""The queue server as it is configured in profile/qserver, from submission to result."""

import re
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from bluesky_queueserver_api import BPlan
from bluesky_queueserver_api.http import REManagerAPI as HttpAPI

from bluesky_autofocus.search import SEARCHES
from devices.sim.process import client_environment

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[3]
COMMANDS = Path(sys.executable).parent
# Some thirteen frames.
LONG = {"search": "golden", "window": [-350, 0]}
BAD = {
    "below the window": (("autofocus", {"window": [-500, 0]}), r"-500 is out of range \[-450, 450"),
    "above the window": (("autofocus", {"window": [0, 451]}), r"451 is out of range"),
    "half a window": (("autofocus", {"window": [0]}), "window.1\n +Field required"),
    "no number": (
        ("autofocus", {"window": ["a", 1]}),
        "window.0\n +Input should be a valid number",
    ),
    "tilt above the window": (("measure_tilt", {"window": [0, 451]}), r"451 is out of range"),
    "stack too coarse": (("focus_stack", {"spacing_dof": 9}), r"9 is out of range \[0.25,"),
    "tilt by a search": (("measure_tilt", {"search": "sweep"}), "unexpected keyword .* 'search'"),
    "before the frame": (("autofocus", {"region": [-1, 0, 64, 64]}), r"-1 is out of range \[0,"),
    "half a region": (("autofocus", {"region": [0, 0, 64]}), "region.3\n +Field required"),
    "search": (("autofocus", {"search": "magic"}), "search\n.*'belief', 'sweep', 'golden'"),
    "station": (("autofocus", {"station": "other"}), "station\n +Input should be 'simulated'"),
    "parameter": (("autofocus", {"windows": 1}), "unexpected keyword argument 'windows'"),
    "device": (("count_in_focus", {"detectors": ["laser"]}), "detectors.0\n.*'camera' or 'stage'"),
    "choice": (
        ("count_in_focus", {"detectors": ["stage"], "on_failure": "cry"}),
        "on_failure\n +Input should be 'stop' or 'warn'",
    ),
    "too few": (("count_in_focus", {"detectors": ["stage"], "num": 0}), r"0 is out of range \[1,"),
    "plan": (("sweep_everything", {}), "'sweep_everything' is not in the list of allowed plans"),
    "stub": (("keep_focus_wrapper", {}), "'keep_focus_wrapper' is not in the list"),
}


def test_only_plans_for_people_are_listed_with_all_that_a_form_needs(queue):
    plans = queue.api.plans_allowed()["plans_allowed"]
    assert set(plans) == {
        "autofocus", "autofocus_regions", "count_in_focus", "focus_stack", "measure_tilt"
    }  # fmt: skip
    assert set(queue.api.devices_allowed()["devices_allowed"]) == {"stage", "camera"}
    assert all(p["description"] for plan in plans.values() for p in plan["parameters"])
    known = {parameter["name"]: parameter for parameter in plans["autofocus"]["parameters"]}
    assert plans["autofocus"]["description"].startswith("Bring the sample into focus")
    assert known["window"]["description"].startswith("Where the stage may go, in um:")
    assert (known["window"]["min"], known["window"]["max"]) == ("-450", "450")
    assert known["search"]["annotation"]["enums"] == {"Searches": list(SEARCHES)}
    assert known["station"]["default"] == "'simulated'"


@pytest.mark.parametrize("bad", BAD)
def test_bad_submission_is_refused_before_it_is_queued(queue, bad):
    (name, parameters), why = BAD[bad]
    with pytest.raises(queue.api.RequestFailedError, match=why):
        queue.api.item_add(BPlan(name, **parameters))
    assert queue.api.status()["items_in_queue"] == 0


def test_autofocus_runs_and_its_uid_leads_to_the_verdict(queue):
    result = queue.run(BPlan("autofocus", md={"sample": "S7"}))
    assert result["exit_status"] == "completed", result
    (uid,) = result["run_uids"]
    read = (
        "from bluesky_autofocus.catalog import load_run, open_catalog",
        f"run = load_run(open_catalog(), {uid!r})",
        "print(run.verdict, run.start['sample'], len(run.frames()))",
    )
    out = subprocess.run(
        [sys.executable, "-c", "\n".join(read)],
        env=queue.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    verdict, sample, frames = out.split()
    assert (verdict, sample) == ("in_focus", "S7") and int(frames) >= 2


def test_altitudes_and_tilt_are_items_like_any_other(queue):
    queue.run(BPlan("autofocus"))
    for name in ("autofocus_regions", "focus_stack", "measure_tilt"):
        result = queue.run(BPlan(name))
        assert result["exit_status"] == "completed", result
        assert len(result["run_uids"]) == 1


def test_count_keeps_its_sample_in_focus(queue):
    result = queue.run(BPlan("count_in_focus", ["stage"], num=2, every_events=1))
    assert result["exit_status"] == "completed", result
    # The count, and the autofocus run that its first check asked for.
    assert len(result["run_uids"]) == 2


def test_item_that_fails_says_the_verdict_and_stops_the_queue(queue):
    queue.api.item_add(BPlan("autofocus", window=[-100, 100]))
    result = queue.run(BPlan("autofocus"))
    assert result["exit_status"] == "failed"
    assert result["msg"].startswith("Plan failed: out_of_range: stage at")
    assert "widen the window" in result["msg"]
    assert queue.api.status()["items_in_queue"] >= 1
    assert queue.puts.get("m1.RBV") == pytest.approx(0, abs=0.8)


def test_paused_item_resumes_and_completes(queue):
    queue.pause(BPlan("autofocus", **LONG))
    queue.api.re_resume()
    assert queue.result()["exit_status"] == "completed"


@pytest.mark.parametrize(("end", "status"), [("re_stop", "stopped"), ("re_abort", "aborted")])
def test_item_ended_on_its_way_leaves_a_clean_station(queue, end, status):
    before = [queue.puts.get(name) for name in ("cam1:ImageMode", "cam1:TriggerMode")]
    queue.pause(BPlan("autofocus", **LONG))
    getattr(queue.api, end)()
    result = queue.result()
    assert result["exit_status"] == status, result
    assert queue.puts.get("m1.RBV") == pytest.approx(0, abs=0.8)
    assert queue.puts.get("cam1:Acquire") == 0
    assert [queue.puts.get(name) for name in ("cam1:ImageMode", "cam1:TriggerMode")] == before
    queue.api.queue_clear()
    assert queue.run(BPlan("autofocus"))["exit_status"] == "completed"


def test_page_is_what_a_user_types(queue):
    page = (ROOT / "docs/how-to/use-the-queue-server.md").read_text()
    user = {
        **queue.environment,
        "QSERVER_ZMQ_CONTROL_ADDRESS": f"tcp://127.0.0.1:{queue.ports['control']}",
    }
    run = partial(subprocess.run, env=user, capture_output=True, text=True, timeout=60, check=True)
    for line in ("qserver allowed plans", "qserver queue add plan"):
        (command,) = re.findall(rf"^{line}.*$", page, re.M)
        said = run([str(COMMANDS / "qserver"), *shlex.split(command)[1:]]).stdout
        assert "'success': True" in said
    assert queue.api.queue_get()["items"][0]["kwargs"] == {"window": [-200, 200]}
    queue.api.queue_clear()
    (python,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    for name, port in (("60615", queue.ports["control"]), ("60625", queue.ports["info"])):
        python = python.replace(name, str(port))
    status, uids, *said = run([sys.executable, "-c", python]).stdout.split(maxsplit=2)
    assert status == "completed" and len(uids) == 40, said


def test_environment_does_not_open_without_a_station(queue, new_port):
    ended = subprocess.run(
        [sys.executable, str(ROOT / "profile/qserver/startup.py")],
        env={**queue.environment, **client_environment(new_port())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "StationError: The stage 'SIM:m1' did not answer within 3 s" in ended.stderr


def test_the_same_through_the_http_server(queue, http_server):
    address, key = http_server
    api = HttpAPI(http_server_uri=address)
    try:
        api.set_authorization_key(api_key=key)
        with pytest.raises(api.RequestFailedError, match="-500 is out of range"):
            api.item_add(BPlan("autofocus", window=[-500, 0]))
        api.item_add(BPlan("autofocus"))
        api.queue_start()
        api.wait_for_idle(timeout=60)
        (item,) = api.history_get()["items"]
    finally:
        api.close()
    assert item["result"]["exit_status"] == "completed"
    assert len(item["result"]["run_uids"]) == 1
