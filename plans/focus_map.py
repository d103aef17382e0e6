"""The plan that finds where the stage is in focus over the sample."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import SurfaceError
from bluesky_autofocus.focus_surface import FocusSurface, fit_surface
from bluesky_autofocus.result import FocusMapResult, MappedPoint
from devices.station import Station

from .autofocus import autofocus
from .checks import checked_window
from .sample_move import SampleAxis, move_sample
from .stubs import move_and_verify

__all__ = ["focus_map"]

MOST_POINTS = 10_000
# Before the surface is trusted, so many points are measured.
FIRST_POINTS = 10
# A prediction is believed up to this standard deviation, and checked at every so manyth point.
TRUSTED_STD_DOF, CHECK_EVERY = 0.15, 4
# A check that differs by more ends the trust, until as many points in a row agree.
MOST_MISS_DOF, POINTS_TO_TRUST_AGAIN = 0.35, 3
POINT_ERROR_DOF = 0.1
MOST_FAILURES = 5
# A search that begins at a prediction looks no farther than this.
NEAR_DOF = 10.0


def focus_map(
    station: Station,
    x: SampleAxis,
    y: SampleAxis,
    points: Sequence[tuple[float, float]],
    *,
    window: tuple[float, float] | None = None,
    search: str | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[FocusMapResult]:
    """Find the focus at points of the sample, and the smooth surface through them.

    The first ten points are brought into focus one by one, each from where the surface of those
    before predicts it, or else in the whole window. Then, as long as the surface is known to 0.15
    depths of field and every fourth point agrees with it to 0.35, the others are predicted only.
    Each search is a run of its own, with ``focus_map`` in its start document. At the end the last
    point is in focus as far as the surface tells.

    Parameters
    ----------
    station : Station
        Stage, camera and what may be done with them.
    x, y : SampleAxis
        Axes of the sample; soft limits are theirs.
    points : sequence of (float, float)
        Places x, y in the order in which they are to be visited, at most 10,000.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    search : {'belief', 'sweep', 'golden', 'brent', 'hill_climb'}, optional
        As `autofocus`.
    md : dict, optional
        Metadata for each run.

    Returns
    -------
    FocusMapResult
        The surface, and of each point its focus, measured or predicted.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    SurfaceError
        Before anything moves: if there are no points, too many, or one is no number. Later: if
        five points in a row, or all of them, could not be brought into focus.
    WindowError, StageFaultError, CameraFaultError, StationError
        As `autofocus`.
    """
    places = _checked(points)
    low, high = allowed = checked_window(station, window)
    dof = station.scale.depth_of_field
    done: list[MappedPoint] = []
    surface: FocusSurface | None = None
    failures, trust, since = 0, POINTS_TO_TRUST_AGAIN, 0
    for number, (place_x, place_y) in enumerate(places):
        predicted = surface(place_x, place_y) if surface else float("nan")
        std = surface.std(place_x, place_y) if surface else float("inf")
        inside = low <= predicted <= high
        known = sum(point.measured for point in done) >= FIRST_POINTS
        trusted = trust >= POINTS_TO_TRUST_AGAIN and std <= TRUSTED_STD_DOF * dof
        if known and inside and trusted and since < CHECK_EVERY - 1:
            since += 1
            done.append(MappedPoint(place_x, place_y, predicted, std, measured=False, frames=0))
            continue
        since = 0
        yield from move_sample(station, {x: place_x, y: place_y})
        near = allowed
        if inside:
            yield from move_and_verify(station, predicted, allowed)
            near = (max(low, predicted - NEAR_DOF * dof), min(high, predicted + NEAR_DOF * dof))
        said = {"number": number, "x": place_x, "y": place_y}
        meta = {**(md or {}), "focus_map": said}
        result = yield from autofocus(station, window=near, search=search, md=meta)
        frames = result.frames
        if not result.in_focus and near != allowed:
            result = yield from autofocus(station, window=allowed, search=search, md=meta)
            frames += result.frames
        if not result.in_focus or result.focus_position is None:
            failures += 1
            done.append(MappedPoint(place_x, place_y, None, None, False, frames, result.uid))
            if failures >= MOST_FAILURES:
                raise SurfaceError(
                    f"{failures} points in a row could not be brought into focus, the last one at "
                    f"({place_x:g}, {place_y:g}): {result.message}"
                )
            continue
        failures = 0
        error = max(result.expected_error or 0.0, POINT_ERROR_DOF * dof)
        focus = result.focus_position
        done.append(MappedPoint(place_x, place_y, focus, error, True, result.frames, result.uid))
        missed = abs(focus - predicted) > MOST_MISS_DOF * dof
        trust = 0 if missed and known else trust + 1
        measured = [point for point in done if point.measured]
        surface = fit_surface(
            [(p.x, p.y) for p in measured],
            [p.focus for p in measured if p.focus is not None],
            error=POINT_ERROR_DOF * dof,
        )
    if surface is None:
        raise SurfaceError(
            f"None of {len(places)} points could be brought into focus: {done[-1].uid} was the "
            "last run."
        )
    final = [_settled(point, surface) for point in done]
    last = final[-1]
    yield from move_sample(station, {x: last.x, y: last.y})
    if last.focus is not None and low <= last.focus <= high:
        yield from move_and_verify(station, last.focus, allowed)
    return FocusMapResult(surface, tuple(final), station.scale.unit)


def _checked(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    places = [(float(x), float(y)) for x, y in points]
    if not 1 <= len(places) <= MOST_POINTS:
        raise SurfaceError(f"{len(places)} points are given; 1 to {MOST_POINTS} can be mapped.")
    wrong = [place for place in places if not all(map(isfinite, place))]
    if wrong:
        raise SurfaceError(f"The point {wrong[0]} is no place; give two finite numbers.")
    return places


def _settled(point: MappedPoint, surface: FocusSurface) -> MappedPoint:
    """Give a point that was predicted on the way what the whole surface says."""
    if point.measured:
        return point
    return MappedPoint(
        point.x,
        point.y,
        surface(point.x, point.y),
        surface.std(point.x, point.y),
        False,
        point.frames,
        point.uid,
    )
