"""Searches over real focal stacks, replayed by nearest plane."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.measurement import Measurement, full_scale_level, measure_frame
from bluesky_autofocus.measures import blurred_gradient
from bluesky_autofocus.search import CURVE_SEARCHES, CurveSearch, Window, make_curve_search
from bluesky_autofocus.verdict import Outcome, Verdict

STACKS = Path(__file__).parents[3] / ".." / "shared" / "data" / "stacks"
# The depth of field of these is not known; the whole stack is taken for so many of them.
WIDTH = 60.0
COARSE_STEP = WIDTH / 20
NAMES = (
    "bnl_wafer/level1_iy000",
    "bnl_wafer/level1_iy001",
    "bnl_wafer/level1_iy002",
    "firepick_xp005/neopixel",
    "firepick_xp005/rep1_img1",
    "firepick_xp005/rep2_img1",
    "focusstack_pcb/depthmap",
    "openflexure_onion/stack",
)

pytestmark = pytest.mark.skipif(
    not STACKS.is_dir(), reason=f"The recorded focal stacks are not at {STACKS}."
)


@dataclass(frozen=True)
class Replay:
    positions: NDArray[np.float64]
    measurements: tuple[Measurement, ...]

    @property
    def sharpness(self) -> NDArray[np.float64]:
        return np.array([measurement.sharpness for measurement in self.measurements])

    def nearest(self, position: float) -> int:
        return int(np.argmin(np.abs(self.positions - position)))


@cache
def replay_of(name: str) -> Replay:
    stack = FocalStack.read(STACKS / name)
    planes = (stack.plane(index) for index in range(len(stack)))
    measurements = tuple(
        measure_frame(frame, measure=blurred_gradient, full_scale=full_scale_level(frame.dtype))
        for frame in planes
    )
    z = stack.positions
    return Replay(WIDTH * (z - z[0]) / (z[-1] - z[0]), measurements)


def search_through(replay: Replay, name: str, start: float = 0.0) -> tuple[Outcome, CurveSearch]:
    search: CurveSearch = make_curve_search(name, window=Window(0.0, WIDTH), start_dof=start)
    while not isinstance(step := search.suggest(), Outcome):
        plane = replay.nearest(step.position_dof)
        search = search.ingest(step.position_dof, replay.measurements[plane])
    return step, search


@pytest.mark.parametrize("name", NAMES)
def test_a_sweep_ends_where_the_blurred_gradient_is_strongest(name: str):
    replay = replay_of(name)
    outcome, _ = search_through(replay, "sweep")
    assert outcome.verdict is Verdict.IN_FOCUS
    assert outcome.position_dof is not None
    strongest = int(np.argmax(replay.sharpness))
    plane_step = np.abs(np.diff(replay.positions))[max(strongest - 1, 0) : strongest + 1].max()
    off = abs(replay.positions[replay.nearest(outcome.position_dof)] - replay.positions[strongest])
    assert off <= max(COARSE_STEP, plane_step)
    assert replay.sharpness[replay.nearest(outcome.position_dof)] > 0.98 * replay.sharpness.max()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", sorted(CURVE_SEARCHES))
def test_no_search_ends_less_sharp_than_what_it_saw(name: str, kind: str):
    replay = replay_of(name)
    for start in (0.0, 0.3 * WIDTH, 0.7 * WIDTH):
        outcome, search = search_through(replay, kind, start)
        if outcome.verdict is Verdict.IN_FOCUS:
            seen = max(sample.sharpness for sample in search.history)
            assert search.history[-1].sharpness > 0.98 * seen


@pytest.mark.parametrize("name", ["golden", "brent", "hill_climb"])
def test_the_other_searches_find_the_onion(name: str):
    replay = replay_of("openflexure_onion/stack")
    outcome, _ = search_through(replay, name)
    assert outcome.verdict is Verdict.IN_FOCUS
    assert outcome.position_dof is not None
    strongest = int(np.argmax(replay.sharpness))
    assert abs(replay.nearest(outcome.position_dof) - strongest) <= 1
