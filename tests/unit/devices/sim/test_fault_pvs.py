"""The PVs of the faults and the faults themselves."""

import asyncio
from dataclasses import fields

import pytest

from devices.sim.fault_pvs import FaultPVs
from devices.sim.faults import Faults


@pytest.fixture
def calls():
    return []


@pytest.fixture
def group(calls):
    async def disconnect(gone):
        calls.append(gone)

    return FaultPVs("F:", faults=Faults(), disconnect_stage=disconnect)


def put(channel, value):
    """Put as a client does, in the channel's own type on the wire."""
    asyncio.run(channel.write(value))


def test_every_fault_has_its_pv(group):
    assert set(group.attr_pvdb) == {field.name for field in fields(Faults)}
    assert set(group.pvdb) == {f"F:{field.name}" for field in fields(Faults)}


def test_pvs_show_the_faults_in_force_from_the_start(calls):
    async def disconnect(gone):
        calls.append(gone)

    faults = Faults(camera_dark=True, stage_slow=0.5)
    group = FaultPVs("F:", faults=faults, disconnect_stage=disconnect)
    asyncio.run(group.initialise())
    assert group.camera_dark.value == "On"
    assert group.camera_hang.value == "Off"
    assert group.stage_slow.value == 0.5


@pytest.mark.parametrize("field", fields(Faults), ids=lambda field: field.name)
def test_put_brings_the_fault_into_force_and_out_of_it(group, field):
    faults, channel = group._faults, group.attr_pvdb[field.name]
    switch = isinstance(field.default, bool)
    put(channel, "On" if switch else 0.25)
    assert getattr(faults, field.name) == (True if switch else 0.25)
    put(channel, "Off" if switch else field.default)
    assert faults == Faults()


def test_only_the_disconnect_takes_the_stage_from_the_network(group, calls):
    put(group.stage_stall, "On")
    assert calls == []
    put(group.stage_disconnect, "On")
    put(group.stage_disconnect, "Off")
    assert calls == [True, False]


@pytest.mark.parametrize("value", [0.0, -0.1, 1.1, float("nan")])
def test_impossible_speeds_are_refused(group, value):
    with pytest.raises(ValueError, match=r"Cannot write data"):
        put(group.stage_slow, value)
    assert group._faults.stage_slow == 1.0
