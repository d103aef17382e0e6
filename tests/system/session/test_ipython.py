"""`ipython --profile-dir=profile`, started as a user starts it."""

import re
import time
from pathlib import Path

import pytest

from devices.sim.process import simulated_station

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

FOCUS = "result = RE(autofocus(station)).plan_result; print('said', result.verdict, result.uid)"
PAGE = re.findall(
    r"^```python\n(.*?)^```$",
    (Path(__file__).parents[3] / "docs/how-to/work-in-ipython.md").read_text(),
    re.MULTILINE | re.DOTALL,
)


def said(printed: str, first: str) -> list[str]:
    """Return the words of the one line that begins with this one."""
    (line,) = [line for line in printed.splitlines() if line.startswith(f"{first} ")]
    return line.split()[1:]


def test_session_greets_focuses_and_stores(user):
    (user.home / "plans.py").write_text("raise SystemExit('a stray file was imported')\n")
    with simulated_station(port=user.port, prefix="SIM:"):
        lines = (
            "import sys; print('torch', 'torch' in sys.modules)",
            "print('devices', stage.name, camera.name, focus.name, estimate.name)",
            "RE(bps.mv(stage, 0.0))",
            "print('cwd', '' in sys.path)",
            "FocusSuspender, bpp",
            *PAGE,
            "print('said', result.verdict)",
            "session.settle()",
            "print('stored', run.start['plan_name'], *(r.state for r in session.recorder.runs))",
        )
        printed = user.ipython(*lines)
    greeting = printed.partition("torch ")[0]
    assert "stage, camera, focus, estimate answer, window -450 to 450 um" in greeting
    assert "autofocus: 0 runs" in greeting and "result = RE(autofocus(station))" in greeting
    assert said(printed, "torch") == ["False"]
    assert said(printed, "cwd") == ["False"]
    assert said(printed, "devices") == ["stage", "camera", "focus", "estimate"]
    assert said(printed, "said")[0] == "in_focus"
    assert said(printed, "stored") == ["autofocus", *["written"] * 4]
    # Our own table for ours, bluesky's for the others, and no run left out of the catalog.
    assert "confirm" in printed and "seq_num" in printed
    assert "is not in the catalog" not in printed
    assert (user.home / "focus-live.png").read_bytes().startswith(b"\x89PNG")


def test_session_without_a_station_says_so_and_connects_later(user, wait_for_end):
    process = user.start(
        "import time, pathlib",
        "print('absent', bool(station), station)",
        "RE(bp.count([], 1))",
        "pathlib.Path('ready').touch()",
        "while not pathlib.Path('go').exists(): time.sleep(0.1)",
        "connect()",
        FOCUS,
    )
    try:
        deadline = time.monotonic() + 60
        while not (user.home / "ready").exists():
            assert process.poll() is None, wait_for_end(process)
            assert time.monotonic() < deadline, "IPython did not get ready"
            time.sleep(0.1)
        with simulated_station(port=user.port, prefix="SIM:"):
            (user.home / "go").touch()
            printed = wait_for_end(process)
    finally:
        process.kill()
    greeting, _, later = printed.partition("absent ")
    assert "NOT CONNECTED. The stage 'SIM:m1' did not answer within 3 s" in greeting
    assert "`bluesky-autofocus ioc` in another terminal" in greeting
    assert "export EPICS_CA_ADDR_LIST=127.0.0.1:5064" in greeting
    assert "Type first: connect()" in greeting
    assert "Traceback" not in printed
    assert later.startswith("False <station: not connected; type connect()>")
    assert said(printed, "said")[0] == "in_focus"


def test_session_without_a_catalog_says_so_and_an_error_is_one_sentence(user):
    no_folder = user.home / "file"
    no_folder.touch()
    process = user.start(
        "RE(bps.null())",
        "print('usable')",
        "station.stage",
        BLUESKY_AUTOFOCUS_HOME=str(no_folder),
    )
    printed, _ = process.communicate(timeout=100)
    assert f"NOT OPEN, nothing is recorded. The catalog's folder {no_folder} cannot" in printed
    assert "NOT CONNECTED. No folder for the frames is named" in printed
    assert "usable" in printed
    assert "AutofocusError: station cannot be used yet." in printed
    assert "Traceback" not in printed
