"""The procedure of a focus run: move and measure until there is an outcome, then conclude."""

from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import CameraFaultError, NotRestoredError, StageFaultError
from bluesky_autofocus.verdict import Outcome, Verdict
from devices import EstimatorSensor

from .focus_run import FocusRun
from .frame_stubs import record, take_frame
from .stubs import last_readback, move_and_verify, return_to

__all__ = ["find_focus"]


def find_focus(run: FocusRun) -> MsgGenerator[None]:
    """Search, bring the stage to its place, and record the verdict, whatever happens.

    Parameters
    ----------
    run : FocusRun
        The run, open, with its camera staged.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    NotRestoredError
        If the stage could not be put back as it was found; the run says so as well.
    """
    yield from bpp.contingency_wrapper(_search(run), except_plan=lambda e: _interrupted(run, e))


def _search(run: FocusRun) -> MsgGenerator[None]:
    """Move and measure until the search has an outcome; then bring the stage to its place."""
    if isinstance(run.sensor, EstimatorSensor):
        run.sensor.prepare()
    try:
        while not isinstance(step := run.search.suggest(), Outcome):
            yield from bps.checkpoint()
            target = run.announce(step)
            yield from move_and_verify(run.station, target, run.window)
            yield from take_frame(run.station, run.sensor, [run.step_readout])
            # From here on a pause does not repeat the frame, so what was recorded is taken in.
            yield from bps.checkpoint()
            run.ingest()
            yield from record("search", [run.search_readout])
        outcome = step
    except StageFaultError as error:
        outcome = Outcome(Verdict.STAGE_FAULT, detail=str(error))
    except CameraFaultError as error:
        outcome = Outcome(Verdict.CAMERA_FAULT, detail=str(error))
    yield from _conclude(run, outcome)


def _interrupted(run: FocusRun, error: Exception) -> MsgGenerator[None]:
    """After a stop, an abort or an error that is not ours: as after any search without focus."""
    if not run.concluded:
        said = f"The run was interrupted by {type(error).__name__}: {error}".rstrip(": ")
        unfinished = Outcome(Verdict.NOT_CONVERGED, detail=f"{said}.")
        # On the way back the verdict is known, and stays.
        yield from _conclude(run, run.outcome or unfinished)


def _conclude(run: FocusRun, outcome: Outcome) -> MsgGenerator[None]:
    """Take the stage back unless it is in focus, and record the verdict."""
    run.outcome = outcome
    failure = ""
    yield from bps.checkpoint()
    if outcome.verdict is Verdict.IN_FOCUS and run.destination is not None:
        try:
            run.position = yield from move_and_verify(run.station, run.destination, run.window)
        except StageFaultError as error:
            run.outcome = Outcome(Verdict.STAGE_FAULT, detail=str(error))
    if run.outcome.verdict is not Verdict.IN_FOCUS:
        try:
            run.position = yield from return_to(run.station, run.start, run.window)
        except StageFaultError as error:
            failure = f"The stage could not be returned to its start: {error}"
            run.position = yield from last_readback(run.station, run.position)
    for stream, readout in run.findings():
        yield from record(stream, [readout])
        yield from bps.checkpoint()
    run.publish_outcome(failure)
    yield from record("outcome", [run.outcome_readout])
    run.concluded = True
    # A pause that comes when the run is closed must not repeat its last event.
    yield from bps.checkpoint()
    if failure:
        raise NotRestoredError(f"{run.result().message} {failure}", run.result())
