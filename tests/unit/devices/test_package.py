"""What the package exports, and what it leaves alone until it is asked."""

import subprocess
import sys

import pytest

import devices


@pytest.mark.parametrize("name", devices.__all__)
def test_every_export_is_there(name):
    assert getattr(devices, name).__name__ == name


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = devices.nothing


def test_simulation_opens_no_channel_access_client():
    script = "import sys, devices.sim.command; sys.exit('ophyd' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
