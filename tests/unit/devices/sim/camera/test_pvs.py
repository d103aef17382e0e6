import asyncio

import pytest
from caproto import AccessRights

from devices.sim.camera.pair import YES_NO, RefusedError
from devices.sim.camera.records import Records


class Talking(Records):
    def __init__(self):
        super().__init__("X:")
        self.said: list[str] = []

    async def refuse(self, message):
        self.said.append(message)


def put(pair, value):
    asyncio.run(pair.setpoint.write(value))
    return pair.setpoint.value, pair.readback.value


def positive(value):
    if value <= 0:
        raise RefusedError("give more than 0")
    return value


def test_a_put_shows_on_the_readback():
    records = Talking()
    assert put(records.number("Time", 1.0, "doc", units="s"), 2.5) == (2.5, 2.5)
    assert put(records.number("Count", 1, "doc"), 7) == (7, 7)
    assert put(records.choice("Mode", "No", "doc", YES_NO), 1) == ("Yes", "Yes")
    assert put(records.text_pair("Path", "/", "doc"), "/data\x00junk") == ("/data", "/data")


def test_the_names_units_and_meanings_are_served():
    records = Talking()
    records.number("Time", 1.0, "Exposure", units="s")
    setpoint, readback = records.pvdb["X:Time"], records.pvdb["X:Time_RBV"]
    assert getattr(setpoint, "units", None) == getattr(readback, "units", None) == "s"
    assert setpoint.__doc__ == "Exposure"
    assert AccessRights.WRITE in setpoint.check_access("", "")
    assert AccessRights.WRITE not in readback.check_access("", "")


def test_a_put_that_is_refused_changes_nothing_and_says_why():
    records = Talking()
    pair = records.number("Time", 1.0, "doc", check=positive)
    assert put(pair, -1.0) == (1.0, 1.0)
    assert records.said == ["Time = -1.0 is refused: give more than 0"]


def test_a_choice_that_does_not_exist_is_refused():
    records = Talking()
    assert put(records.choice("Mode", "No", "doc", YES_NO), 5) == ("No", "No")
    assert "No, Yes" in records.said[0]


def test_a_checked_value_is_what_is_in_force():
    records = Talking()
    pair = records.number("Size", 10, "doc", check=lambda wanted: min(wanted, 12))
    assert put(pair, 40) == (12, 12)


def test_what_follows_a_put_comes_after_the_readback():
    records = Talking()
    seen: list[int] = []

    async def then():
        seen.append(pair.value)

    pair = records.number("Size", 10, "doc", then=then)
    put(pair, 3)
    assert seen == [3]


def test_a_readback_may_have_labels_of_its_own():
    records = Talking()
    pair = records.choice(
        "Acquire",
        "Done",
        "doc",
        ("Done", "Acquire"),
        readback_labels=("Done", "Acquiring"),
    )
    assert put(pair, 1) == ("Acquire", "Acquiring")
    assert pair.value == "Acquire"
    asyncio.run(pair.write("Done"))
    assert (pair.setpoint.value, pair.readback.value) == ("Done", "Done")


@pytest.mark.parametrize(("value", "other"), [(1, 2), ("CAM", "ROI1"), (0.0, 1.0)])
def test_a_fixed_setting_takes_only_what_it_is(value, other):
    records = Talking()
    pair = records.fixed("Setting", value, "doc")
    assert put(pair, other) == (value, value)
    assert "leave it" in records.said.pop()
    assert put(pair, value) == (value, value)
    assert not records.said
