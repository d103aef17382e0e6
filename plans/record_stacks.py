"""The plan that records focal stacks of one sample in several lights, for studies."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import (
    CameraFaultError,
    NotRestoredError,
    StageFaultError,
    StudyError,
)
from bluesky_autofocus.verdict import Verdict
from devices.station import Station

from .checks import approachable, checked_start, checked_window
from .frame_stubs import record, take_frame
from .light_stubs import Light, put_back_light, read_light, set_light
from .stacks_checks import check_settings, checked_positions, light_of
from .stacks_run import StacksResult, StacksRun
from .staged_camera import with_camera_staged
from .stubs import move_and_verify, return_to

__all__ = ["LIGHTS", "record_stacks"]

LIGHTS: Mapping[str, float] = {"bright": 1.4, "normal": 1.0, "dark": 0.7}
"""Factors on the light as it is found, two to one from end to end."""


def record_stacks(
    station: Station,
    positions: Sequence[float],
    *,
    sample: str,
    study: str = "study",
    light: Light | None = None,
    lights: Mapping[str, float] = LIGHTS,
    window: tuple[float, float] | None = None,
    known_focus: float | None = None,
    flat: bool = True,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[StacksResult]:
    """Sweep through focus once in each light, and record every frame.

    One run for each sample: move the sample, run the plan, and so on. Stage, light and camera are
    left as found. What the frames show is told afterwards, from the recorded runs of the same
    study: ``bluesky-autofocus study figures``.

    Parameters
    ----------
    station : Station
        Stage, camera and sensor, with known optics.
    positions : sequence of float
        Where to take frames, in the stage's unit, 7 to 200 different ones with the focus among
        them; taken in the order in which the stage arrives from its approach side.
    sample : str
        Name of what is under the objective.
    study : str
        Name of the study; its runs are found by it.
    light : Light, optional
        What sets the light: its level is multiplied. Default: the camera's exposure time.
    lights : mapping of str to float
        Name of each light, and factor on the level as it is found. The brightest frame in focus
        should not saturate.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    known_focus : float, optional
        Where focus is, in the stage's unit, if somebody knows better than the sweep itself.
    flat : bool
        Whether the whole field is at one altitude: others are left out of figures of errors.
    md : dict, optional
        Metadata for the run; ``simulated`` where the frames are.

    Returns
    -------
    StacksResult
        The run's uid, and whether it is complete.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StudyError
        Before anything moves: if positions or lights are out of range, optics are unknown, or
        nothing sets the light.
    WindowError
        Before anything moves: if the window cannot be used, or a position cannot be arrived at.
    StageFaultError, CameraFaultError
        Before anything moves: if stage or camera do not answer.
    NotRestoredError
        If stage, light or camera could not be put back as they were found; the run says so as well.
    """
    allowed = checked_window(station, window)
    targets = checked_positions(station, positions, approachable(station, allowed))
    check_settings(station, sample, study, lights, known_focus)
    lamp = light_of(station, light)
    start = yield from checked_start(station, allowed)
    run = StacksRun(station, start, allowed)
    try:
        metadata = run.metadata(
            study=study, sample=sample, positions=targets, lights=lights, light=lamp.name,
            known_focus=known_focus, flat=flat,
        )  # fmt: skip
    except Exception as error:
        raise CameraFaultError(
            f"{station.camera.name} cannot be read: {error}. Is its IOC running?"
        ) from error

    @bpp.subs_decorator({"all": [run.witness]})
    @bpp.run_decorator(md={**metadata, **(md or {})})
    def recorded() -> MsgGenerator[None]:
        yield from bpp.contingency_wrapper(
            _record(run, targets, lamp, lights), except_plan=lambda e: _interrupted(run, lamp, e)
        )

    yield from with_camera_staged(station, recorded())
    return StacksResult(run.uid, run.verdict, run.message, run.frames)


def _record(
    run: StacksRun, targets: Sequence[float], light: Light, lights: Mapping[str, float]
) -> MsgGenerator[None]:
    verdict, message = None, "All frames were taken."
    try:
        yield from _sweeps(run, targets, light, lights)
    except StudyError as error:
        verdict, message = Verdict.NOT_CONVERGED, str(error)
    except StageFaultError as error:
        verdict, message = Verdict.STAGE_FAULT, str(error)
    except CameraFaultError as error:
        verdict, message = Verdict.CAMERA_FAULT, str(error)
    yield from _conclude(run, light, verdict, message)


def _sweeps(
    run: StacksRun, targets: Sequence[float], light: Light, lights: Mapping[str, float]
) -> MsgGenerator[None]:
    station = run.station
    run.found_light = found = yield from read_light(light)
    for name, factor in lights.items():
        yield from bps.checkpoint()
        yield from set_light(station, light, factor * found)
        for target in targets:
            yield from bps.checkpoint()
            yield from move_and_verify(station, target, run.window)
            run.announce(name, factor, target)
            yield from take_frame(station, cast(Readable, station.sensor), [run.step_readout])
            # From here on a pause does not repeat the frame.
            yield from bps.checkpoint()
            run.frames += 1


def _interrupted(run: StacksRun, light: Light, error: Exception) -> MsgGenerator[None]:
    """After a stop, an abort or an error that is not ours."""
    if not run.concluded:
        said = f"The run was interrupted by {type(error).__name__}: {error}".rstrip(": ")
        # On the way back it is known how the recording ended, and that stays.
        yield from _conclude(run, light, *(run.ending or (Verdict.NOT_CONVERGED, f"{said}.")))


def _conclude(
    run: StacksRun, light: Light, verdict: Verdict | None, message: str
) -> MsgGenerator[None]:
    """Put light and stage back, and record how it ended."""
    run.ending = verdict, message
    failures = []
    yield from bps.checkpoint()
    if run.found_light is not None:
        try:
            yield from put_back_light(run.station, light, run.found_light)
        except StudyError as error:
            failures.append(f"The light could not be put back: {error}")
    try:
        yield from return_to(run.station, run.start, run.window)
    except StageFaultError as error:
        failures.append(f"The stage could not be returned to its start: {error}")
    failure = " ".join(failures)
    run.publish_outcome(verdict, message, failure)
    yield from record("outcome", [run.outcome_readout])
    run.concluded = True
    # A pause that comes when the run is closed must not repeat its last event.
    yield from bps.checkpoint()
    if failure:
        raise NotRestoredError(f"{message} {failure}")
