from textwrap import dedent

import pytest

from bluesky_autofocus.benchmark.conditions import Conditions
from bluesky_autofocus.benchmark.fresh_process import in_fresh_process
from bluesky_autofocus.errors import BenchmarkError


def test_progress_sees_every_task_and_results_are_joined():
    seen = []

    def track(items, total, description):
        seen.append((total, description))
        return items

    conditions = Conditions(track=track)
    assert conditions.each(str.split, ["a b", "c"], "letters") == ["a", "b", "c"]
    assert seen == [(2, "letters")]


def test_a_fresh_process_answers():
    assert in_fresh_process(dict, {"a": 1, "b": None}) == {"a": 1, "b": None}


def test_a_fresh_process_that_fails_says_why():
    with pytest.raises(BenchmarkError, match=r"textwrap\.dedent.*status 1: TypeError.*nothing"):
        in_fresh_process(dedent, {"nothing": 1})  # pyright: ignore[reportArgumentType]
