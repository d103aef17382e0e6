"""What the estimator must show, beside what was measured."""

from collections.abc import Iterator

import numpy as np

from .decisions import Decisions
from .frames import FrameErrors
from .goal import Goal
from .guards import Guards
from .latency import Latency
from .maps import MapErrors
from .memory import PeakMemory
from .run import BenchmarkResult
from .stacks import StackRatios

__all__ = ["goals"]

GOAL_SIDE_PX = 2048


def goals(result: BenchmarkResult) -> tuple[Goal, ...]:
    """Compare a result with the goals.

    Parameters
    ----------
    result : BenchmarkResult
        What was measured.

    Returns
    -------
    tuple of Goal
        Those of the parts that were run.
    """
    out: list[Goal] = []
    if result.frames is not None:
        out += _frames(result.frames)
    if result.stacks is not None:
        out += _stacks(result.stacks)
    if result.decision is not None:
        out += _decision(result.decision)
    if result.maps is not None:
        out += _maps(result.maps)
    if result.guards is not None:
        out += _guards(result.guards)
    if result.latency is not None:
        out += _latency(result.latency)
    if result.memory is not None:
        out += _memory(result.memory)
    return tuple(out)


def _most(name: str, high: float, measured: float) -> Goal:
    return Goal(name, 0.0, high, measured)


def _least(name: str, low: float, measured: float) -> Goal:
    return Goal(name, low, 1.0, measured)


def _frames(frames: FrameErrors) -> Iterator[Goal]:
    yield _most("RMSE of s, one frame, U even in ±50", 0.035, frames.estimator.rmse_s_50)
    yield _most("RMSE of s, one frame, U even in ±1", 0.015, frames.estimator.rmse_s_1)
    nine = next(c for c in frames.calibration if c.level == 0.9)
    yield Goal("90 % interval covers", 0.87, 0.93, nine.overall)
    yield Goal("90 % interval covers, least bin of U", 0.80, 0.97, float(np.nanmin(nine.bins)))
    yield Goal("90 % interval covers, greatest bin of U", 0.80, 0.97, float(np.nanmax(nine.bins)))


def _stacks(stacks: StackRatios) -> Iterator[Goal]:
    most = 1.005, 1.01
    yield Goal("SR, all stacks and lights, clipped", 1.0, most[0], stacks.clipped.all_stacks)
    same = stacks.unclipped
    yield Goal("SR, same scene, unclipped, worst", 1.0, most[1], same.same_scene_worst)
    yield Goal("SR, same scene, unclipped, median", 1.0, most[1], same.same_scene_median)


def _decision(decision: Decisions) -> Iterator[Goal]:
    said = decision.estimator
    yield _most("false accepts beyond 1 DoF", 0.001, said.false_accept.rate)
    yield _most("false rejects within ½ DoF", 0.005, said.false_reject.rate)


def _maps(maps: MapErrors) -> Iterator[Goal]:
    yield _most("map, one frame: RMSE of s, valid cells", 0.05, maps.one_frame.rmse_s_valid)
    yield _most("map, one frame: RMSE of s, all cells", 0.075, maps.one_frame.rmse_s_all)
    yield _least("map, one frame: share valid", 0.75, maps.one_frame.share_valid)
    yield _most("map, two frames: RMSE of s, valid cells", 0.042, maps.two_frames.rmse_s_valid)
    yield _most("map, two frames: sign wrong where claimed", 0.01, maps.sign.wrong_claimed.rate)
    yield _least("map, two frames: share of signs claimed", 0.75, maps.sign.share_claimed)


def _guards(guards: Guards) -> Iterator[Goal]:
    for name in ("blank", "dark", "saturated"):
        yield _least(f"{name} frames flagged", 0.999, getattr(guards, name).share_flagged)
    yield _most("good frames flagged", 0.005, guards.good.share_flagged)


def _latency(latency: tuple[Latency, ...]) -> Iterator[Goal]:
    large = next(part for part in latency if part.side_px == GOAL_SIDE_PX)
    for what, most in (("summary", 0.33), ("map", 3.0)):
        measured = large.ratio(f"estimator {what}")
        yield _most(f"{what} of 2048² ÷ numpy squared gradient", most, measured)


def _memory(memory: tuple[PeakMemory, ...]) -> Iterator[Goal]:
    large = next(part for part in memory if part.side_px == GOAL_SIDE_PX)
    yield _most("peak memory at 2048², MB", 100.0, max(large.summary_mb, large.map_mb))
