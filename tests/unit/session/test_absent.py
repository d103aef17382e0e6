"""What stands in for a part of the session that does not answer."""

import copy

import pytest

from bluesky_autofocus.errors import AutofocusError
from bluesky_autofocus.session import Absent

STAGE = Absent("stage", "Its IOC is down.")


def test_it_is_false_and_says_what_to_type():
    assert not STAGE
    assert repr(STAGE) == "<stage: not connected; type connect()>"


def test_using_it_says_why():
    with pytest.raises(AutofocusError, match="stage cannot be used yet. Its IOC is down. Then"):
        _ = STAGE.position


def test_python_may_ask_for_what_it_has_not():
    assert not hasattr(STAGE, "_repr_html_")
    assert repr(copy.copy(STAGE)) == repr(STAGE)
