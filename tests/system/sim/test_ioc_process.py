"""The simulated station as a process: how it starts, what it listens to, and how it ends."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

import h5py
import psutil
import pytest

from bluesky_autofocus.errors import StationError
from devices.sim.command import main
from devices.sim.network import port_is_free
from devices.sim.process import client_environment, set_client_environment, simulated_station

pytestmark = pytest.mark.system


def run(*arguments):
    command = [sys.executable, "-m", "devices.sim", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def wait_gone(process, timeout=10.0):
    deadline = time.monotonic() + timeout
    # Its adoptive parent may never collect it: a zombie has ended too.
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, f"{process} is still there after {timeout} s"
            time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_when_ready_and_a_clean_end(new_port, number):
    port = new_port()
    command = [sys.executable, "-m", "devices.sim", "--prefix", "ONE:", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--shape", "64", "64"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready == {"prefix": "ONE:", "port": port, "pid": process.pid}
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert rest == ""
    assert errors == ""
    assert port_is_free(port)


def test_listens_on_loopback_only_whatever_the_environment_says(new_port, monkeypatch):
    monkeypatch.setenv("EPICS_CAS_INTF_ADDR_LIST", "0.0.0.0")
    monkeypatch.setenv("EPICS_CA_SERVER_PORT", "5064")
    with simulated_station(port=new_port(), shape=(64, 64)) as ioc:
        process = psutil.Process(ioc.pid)
        sockets = process.net_connections(kind="inet")
        assert {connection.laddr.ip for connection in sockets} == {"127.0.0.1"}
        assert {ioc.port} == {
            c.laddr.port for c in sockets if c.type == socket.SOCK_DGRAM and not c.raddr
        }
        assert process.children() == []


def test_two_stations_at_once(new_port, puts, puts_to):
    with simulated_station(port=new_port(), shape=(64, 64)) as other:
        stage = puts_to(other.prefix)
        stage.put("m1.VAL", 20.0)
        assert stage.get("m1.RBV") == pytest.approx(20.0)
        assert puts.get("m1.RBV") == pytest.approx(0.0)


def test_rest_costs_next_to_nothing(new_port):
    # One of its own: clients that look for stations that have ended ask the shared one, too.
    with simulated_station(port=new_port(), seed=1) as ioc:
        process = psutil.Process(ioc.pid)
        time.sleep(1)
        before = process.cpu_times()
        time.sleep(3)
        after = process.cpu_times()
    used = (after.user + after.system) - (before.user + before.system)
    assert used / 3 < 0.05


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scene", "nowhere"], "There is no scene 'nowhere'"),
        (["--stack", "/no/such/folder"], "/no/such/folder"),
        (["--port", "70000"], "70000 is above 65535"),
        (["--prefix", ""], "cannot be a PV prefix"),
        (["--prefix", "A B:"], "cannot be a PV prefix"),
        (["--seed", "-1"], "not a whole number"),
        (["--data-dir", "/no/such/folder"], "--data-dir: /no/such/folder is not a folder"),
        (["--shape", "8", "8"], "8 pixels are too few"),
        (["--data-type", "UInt8", "--bits", "12"], "12 bits do not go with UInt8"),
        (["--scene", "grain", "--stack", "x"], "not allowed with"),
    ],
)
def test_bad_options_end_with_status_2_and_a_sentence(capsys, arguments, said):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    out, errors = capsys.readouterr()
    assert said in errors
    assert out == ""


def test_malformed_stack_is_refused_with_its_line(capsys, tmp_path):
    (tmp_path / "positions.csv").write_text("file,z,unit\nmissing.png,0.0,um\n")
    with pytest.raises(SystemExit) as ended:
        main(["--stack", str(tmp_path)])
    assert ended.value.code == 2
    assert "missing.png" in capsys.readouterr().err


def test_process_passes_the_status_on():
    ended = run("--scene", "nowhere")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_port_in_use_is_refused(kind):
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        port = holder.getsockname()[1]
        ended = run("--port", str(port), "--shape", "64", "64")
    assert ended.returncode == 2
    assert f"port {port} is in use" in ended.stderr
    assert "--port" in ended.stderr


def test_failing_startup_is_reported_and_ends_the_process(new_port):
    script = (
        "import sys\n"
        "from devices.sim.camera.area_detector import AreaDetector\n"
        "from devices.sim.command import main\n"
        "async def fail(self, instance, async_lib):\n"
        "    raise OSError('the shutter is stuck')\n"
        "AreaDetector._measure_rates = fail\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", script, "--port", str(new_port()), "--shape", "64", "64"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "error: OSError: the shutter is stuck" in ended.stderr


def test_ends_with_its_parent(new_port):
    script = (
        "import time\n"
        "from devices.sim.process import simulated_station\n"
        f"with simulated_station(port={new_port()}, shape=(64, 64)) as ioc:\n"
        "    print(ioc.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        station = psutil.Process(int(parent.stdout.readline()))
        assert station.is_running()
        parent.kill()
    wait_gone(station)


def test_station_that_dies_at_the_start_says_why():
    with (
        pytest.raises(StationError, match=r"(?s)ended with status 2.*There is no scene 'nowhere'"),
        simulated_station(scene="nowhere"),
    ):
        pytest.fail("it must not start")


def test_station_that_takes_too_long_is_ended():
    before = {child.pid for child in psutil.Process().children()}
    with (
        pytest.raises(StationError, match=r"did not serve within 0\.05 s"),
        simulated_station(start_timeout_s=0.05),
    ):
        pytest.fail("it cannot be that quick")
    assert {child.pid for child in psutil.Process().children()} == before


def test_station_that_this_process_cannot_reach_is_refused(puts):
    puts.get("m1.RBV")
    with pytest.raises(StationError, match="already at work in this process"):
        # No station is ever on port 1.
        set_client_environment(client_environment(1))


def test_killed_station_leaves_nothing_behind(new_port):
    with simulated_station(port=new_port(), shape=(64, 64)) as ioc:
        os.kill(ioc.pid, signal.SIGKILL)
        assert ioc.process.wait(timeout=5) == -signal.SIGKILL
    assert port_is_free(ioc.port)


def test_station_that_does_not_listen_is_killed(new_port, monkeypatch):
    monkeypatch.setattr("devices.sim.process.END_TIMEOUT_S", 0.5)
    with simulated_station(port=new_port(), shape=(64, 64)) as ioc:
        os.kill(ioc.pid, signal.SIGSTOP)
    assert ioc.process.returncode == -signal.SIGKILL


def test_file_is_closed_when_told_to_end_while_writing(new_port, puts_to, tmp_path):
    with simulated_station(port=new_port(), shape=(64, 64), data_directory=tmp_path) as ioc:
        station = puts_to(ioc.prefix)
        for name, value in (
            ("HDF1:EnableCallbacks", 1),
            ("HDF1:FilePath", str(tmp_path)),
            ("HDF1:FileName", "cut"),
            ("HDF1:FileTemplate", "%s%s_%3.3d.h5"),
            ("HDF1:FileWriteMode", "Stream"),
            ("HDF1:NumCapture", 0),
            ("cam1:ImageMode", "Single"),
            ("cam1:AcquireTime", 0.01),
            ("cam1:ArrayCallbacks", 1),
            ("cam1:Acquire", 1),
            ("cam1:ImageMode", "Continuous"),
        ):
            station.put(name, value)
        station.put("HDF1:Capture", 1, wait=False)
        station.put("cam1:Acquire", 1, wait=False)
        deadline = time.monotonic() + 10
        while station.get("HDF1:NumCaptured_RBV") < 3:
            assert time.monotonic() < deadline, "no frames are written"
            time.sleep(0.02)
    assert ioc.process.returncode == 0
    (file,) = tmp_path.glob("cut*.h5")
    with h5py.File(file, "r") as content:
        dataset = content["entry/data/data"]
        assert isinstance(dataset, h5py.Dataset)
        frames = dataset[()]
    assert frames.shape[0] >= 3
    assert frames[-1].any()
