"""A few of the searches that ``tests/benchmarks/bench_safety.py`` makes by the hundred thousand."""

import pytest
from bench_safety import tried
from drawn_frames import KINDS
from drawn_search import NEVER, searched

from bluesky_autofocus.search import BELIEF, CURVE_SEARCHES

SEED = 7


@pytest.mark.parametrize(("search", "runs"), [(BELIEF, 200), *((s, 40) for s in CURVE_SEARCHES)])
def test_no_search_at_random_leaves_the_window_or_is_wrong_about_focus(search, runs):
    tally = tried((search, SEED, 0, runs))
    assert tally.total(search, ["in_focus"]) > 0
    assert tally.total(search, ["stage_fault"]) > 0
    assert tally.total(search, [*NEVER, "far"]) == 0, tally.examples


def test_a_number_names_a_search():
    assert searched(BELIEF, SEED, 3) == searched(BELIEF, SEED, 3)
    kinds = {searched("golden", SEED, number)[0] for number in range(60)}
    assert len(kinds) > len(KINDS) / 2
