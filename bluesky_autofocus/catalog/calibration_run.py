"""The frames of a recorded sweep, for its analysis."""

from ..calibration.arrival import Arrival, Leg
from ..errors import CatalogError
from .run import Run

__all__ = ["approach_of_run", "arrivals_of_run"]

LARGEST_BYTES = 4 * 2**30


def arrivals_of_run(run: Run) -> list[Arrival]:
    """Read the frames of a calibration, or of any run that stepped one motor.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    list of Arrival
        In the order in which they were taken; all of leg ``sweep`` where the run names none.

    Raises
    ------
    CatalogError
        If the run holds no frames with positions, or more than 4 GiB of them.
    """
    events, frames = run.events(), run.frames()
    hints = run.start.get("hints", {}).get("dimensions") or [[run.start.get("motors") or ["stage"]]]
    key = str(hints[0][0][0])
    if len(frames) != len(events) or any(key not in event for event in events):
        raise CatalogError(
            f"Run {run.uid[:8]} has {len(events)} events, {len(frames)} frames and no position "
            f"{key!r} with each. Give a run that took one frame at each of several positions."
        )
    size = len(frames) * frames.shape[1] * frames.shape[2] * frames.dtype.itemsize
    if size > LARGEST_BYTES:
        raise CatalogError(
            f"Run {run.uid[:8]} holds {size / 2**30:.1f} GiB of frames; a calibration reads at "
            f"most {LARGEST_BYTES // 2**30}. Take one with fewer planes or a smaller region."
        )
    return [
        Arrival(
            position=float(event[key]),
            frame=frame,
            leg=Leg(event.get("step_leg", Leg.SWEEP)),
            number=int(event.get("step_arrival", index)),
        )
        for index, (event, frame) in enumerate(zip(events, frames, strict=True))
    ]


def approach_of_run(run: Run) -> Leg:
    """Return the leg in whose direction a run made its repeated arrivals.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    Leg
        ``up`` unless it says otherwise.
    """
    side = run.start.get("calibration", {}).get("approach", "low")
    return Leg.UP if side == "low" else Leg.DOWN
