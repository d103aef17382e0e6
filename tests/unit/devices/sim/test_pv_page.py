"""The reference page of PVs and the station that it describes."""

from pathlib import Path

import pytest
from ophyd import EpicsMotor

from devices.sim.command import main

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "pvs.md"


@pytest.fixture(scope="module")
def printed():
    lines = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text: lines.append(text))
        assert main(["--list-pvs"]) == 0
    return "\n".join(lines) + "\n"


def rows(page):
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row for row in cells}


def test_page_is_what_the_station_prints(printed):
    assert PAGE.read_text() == printed, (
        "docs/reference/pvs.md is out of date: python -m devices.sim --list-pvs > "
        "docs/reference/pvs.md"
    )


def test_every_pv_says_what_it_is(printed):
    for name, row in rows(printed).items():
        assert len(row) == 5, name
        assert len(row[4]) > 3, f"{name} has no documentation"
        if row[1] == "DOUBLE" and name.startswith("$(P)m1"):
            assert row[2].strip(), f"{name} has no unit"


def test_every_signal_of_ophyds_motor_is_served(printed):
    served = set(rows(printed)) | {"$(P)m1.VAL"}
    for walk in EpicsMotor.walk_components():
        assert f"$(P)m1{walk.item.suffix}" in served
