"""Live simulated stations for the tests of this folder, all on the loopback interface."""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

import epics
import pytest
from ophyd import EpicsMotor

from devices.sim.network import port_is_free
from devices.sim.process import (
    RunningIoc,
    client_environment,
    set_client_environment,
    simulated_station,
)

WORKERS, STATIONS = 16, 48
# ophyd loses a first value that comes just as it subscribes; asked again, it is told.
CONNECTIONS = 3


def own_ports() -> list[int]:
    """Distinct free ports that no other worker of this test run chooses, nor `free_port`."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = list(range(12_000, 20_000))[worker % WORKERS :: WORKERS]
    random.SystemRandom().shuffle(own)
    return list(islice(filter(port_is_free, own), STATIONS))


# EPICS' client library reads the addresses of all servers once, before the first PV: the ports of
# the shared station and of those that a test starts for itself are chosen beforehand.
_PORTS = own_ports()
set_client_environment(client_environment(*_PORTS))

# pyepics shares one channel between all PVs of a name, and clears it with the first of them: then
# the next one that is collected crashes the process. So no PV here is ever given up.
_PVS: dict[str, epics.PV] = {}


@pytest.fixture(scope="session")
def shared_ioc() -> Iterator[RunningIoc]:
    """One simulated station for all tests that leave it as they found it."""
    with simulated_station(port=_PORTS[0], seed=1) as ioc:
        yield ioc


@pytest.fixture(scope="session")
def new_port() -> Callable[[], int]:
    """Hand out ports for IOCs of a test's own, known to this process's client."""

    def take() -> int:
        if len(_PORTS) == 1:
            pytest.fail("all ports of tests/system/conftest.py are used up; let it choose more")
        return _PORTS.pop()

    return take


class Puts:
    """Puts and gets of PVs under a prefix, each with a bound.

    Parameters
    ----------
    prefix : str
        Prefix of the PV names.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def pv(self, name: str) -> epics.PV:
        name = self.prefix + name
        if name not in _PVS:
            _PVS[name] = epics.PV(name, auto_monitor=False)
        assert _PVS[name].wait_for_connection(timeout=5), f"{name} does not answer"
        return _PVS[name]

    def put(self, name: str, value: object, *, wait: bool = True, timeout: float = 10.0) -> None:
        assert self.pv(name).put(value, wait=wait, timeout=timeout) == 1, f"{name} did not complete"

    def get(self, name: str, *, as_string: bool = False):
        value = self.pv(name).get(use_monitor=False, timeout=5, as_string=as_string)
        assert value is not None, f"{self.prefix}{name} has no value"
        return value


@pytest.fixture
def puts(shared_ioc: RunningIoc) -> Puts:
    """PVs of the shared station."""
    return Puts(shared_ioc.prefix)


@pytest.fixture(scope="session")
def puts_to() -> type[Puts]:
    """Make puts and gets for the PVs of another station, by its prefix."""
    return Puts


STAGE_AS_NEW = {
    "fault:stage_disconnect": 0,
    "fault:stage_stall": 0,
    "fault:stage_stop_short": 0.0,
    "fault:stage_slow": 1.0,
    "fault:stage_limit": 0,
    "m1.SPMG": 3,
    "m1.STOP": 1,
    "m1.SET": 0,
    "m1.FOFF": 0,
    "m1.DIR": 0,
    "m1.OFF": 0.0,
    "m1.DHLM": 1500.0,
    "m1.DLLM": -1500.0,
    "m1.VELO": 1000.0,
    "m1.ACCL": 0.1,
    "m1.BVEL": 1000.0,
    "m1.BACC": 0.1,
    "m1.BDST": 0.0,
    "m1.HLSV": 0,
    "m1.RTRY": 0,
    "m1:Backlash": 0.0,
    "m1:Noise": 0.0,
    "m1.HVEL": 10_000.0,
    "m1.HOMF": 1,
    "m1.VAL": 0.0,
}


@pytest.fixture(scope="session")
def shared_stage(shared_ioc: RunningIoc) -> EpicsMotor:
    """The shared station's stage, connected."""
    for _ in range(CONNECTIONS):
        stage = EpicsMotor(f"{shared_ioc.prefix}m1", name="stage")
        with suppress(TimeoutError):
            stage.wait_for_connection(timeout=10)
            return stage
    pytest.fail(f"the shared stage did not connect in {CONNECTIONS} attempts of 10 s")


@pytest.fixture
def stage(shared_stage: EpicsMotor, puts: Puts) -> Iterator[EpicsMotor]:
    """The shared station's stage at 0, every setting and fault as at the start, without noise."""
    for name, value in STAGE_AS_NEW.items():
        puts.put(name, value)
    shared_stage.wait_for_connection(timeout=30)
    # A monitor that comes late would end the next move at once.
    deadline = time.monotonic() + 10
    while shared_stage.position != pytest.approx(0.0, abs=1e-3) or shared_stage.moving:
        assert time.monotonic() < deadline, "the stage did not come back to 0"
        time.sleep(0.005)
    yield shared_stage
    for name, value in STAGE_AS_NEW.items():
        puts.put(name, value)
