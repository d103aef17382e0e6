"""Metadata either reads back as it went in, or is refused by name."""

from pathlib import Path

import numpy as np
import pytest

from bluesky_autofocus.catalog import safe_metadata
from bluesky_autofocus.errors import CatalogError
from bluesky_autofocus.verdict import Verdict


def test_numpy_enumerations_paths_and_tuples_become_plain():
    safe = safe_metadata(
        {
            "flag": np.bool_(True),
            "count": np.int32(3),
            "na": np.float32(0.5),
            "window": (np.float64(-1.5), 2),
            "grid": np.arange(4).reshape(2, 2),
            "verdict": Verdict.IN_FOCUS,
            "stack": Path("/data/stack"),
            "nested": {"a": {"b": np.str_("text")}},
            "nothing": None,
        }
    )
    assert safe == {
        "flag": True,
        "count": 3,
        "na": 0.5,
        "window": [-1.5, 2],
        "grid": [[0, 1], [2, 3]],
        "verdict": "in_focus",
        "stack": "/data/stack",
        "nested": {"a": {"b": "text"}},
        "nothing": None,
    }
    assert type(safe["flag"]) is bool
    assert type(safe["count"]) is int
    assert type(safe["verdict"]) is str
    assert type(safe["nested"]["a"]["b"]) is str


def test_the_original_is_left_alone():
    original = {"window": (np.float64(1), 2)}
    safe_metadata(original)["window"].append(3)
    assert original == {"window": (1.0, 2)}


@pytest.mark.parametrize("value", [2**53 - 1, 1 - 2**53, 9007199254740991.0, 0.1, 1e-300])
def test_numbers_that_the_catalog_keeps_are_taken(value):
    assert safe_metadata({"n": value}) == {"n": value}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2**53, r"search\.seed is 9007199254740992, beyond"),
        (-(2**60), r"search\.seed is -1152921504606846976, beyond"),
        (1e20, r"search\.seed is 1e\+20, beyond"),
        (np.uint64(2**63), r"search\.seed is 9223372036854775808, beyond"),
        (float("nan"), r"search\.seed is nan, which the catalog would turn into None"),
        (np.float32("-inf"), r"search\.seed is -inf, which"),
        ([0, [1, 2**53]], r"search\.seed\[1\]\[1\] is 9007199254740992"),
        (b"bytes", r"search\.seed is a bytes"),
        ({1, 2}, r"search\.seed is a set"),
        (np.datetime64("2026-01-01"), r"search\.seed is a date"),
        ({3: "x"}, r"key 3 in search\.seed is a int"),
    ],
)
def test_what_the_catalog_would_alter_is_refused_by_its_key(value, words):
    with pytest.raises(CatalogError, match=words):
        safe_metadata({"search": {"seed": value}})
