"""A stage drawn at random, and what a plan's messages make of it, without a RunEngine."""

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np
from bluesky.run_engine import WaitForTimeoutError
from bluesky.utils import FailedStatus, MsgGenerator

from devices import Approach, SampleSide, Station

__all__ = ["DrawnStage", "carried_out"]

T = TypeVar("T")

STAGE_FAULTS = ("short", "stall", "refuse")


@dataclass
class DrawnStage:
    """A stage with play, an encoder that errs, and perhaps a fault; it keeps what it was told.

    Parameters
    ----------
    here : float
        What the encoder says, in the stage's unit.
    tolerance : float
        How far from its target it may end; the encoder errs by less.
    play : float
        How far the motor turns back before the sample follows.
    side : {'low', 'high'}
        From where it has to arrive: there the play has no effect.
    rng : numpy.random.Generator
        Draws fault and errors.
    """

    here: float
    tolerance: float
    play: float
    side: str
    rng: np.random.Generator
    name: str = "stage"
    parent: None = None
    hints: dict[str, list[str]] = field(default_factory=lambda: {"fields": ["stage"]})
    moves: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        faulty = self.rng.random() < 0.15
        self.fault = STAGE_FAULTS[int(self.rng.integers(3))] if faulty else ""
        self.fault_from = int(self.rng.integers(1, 12))
        self.fault_lasts = bool(self.rng.random() < 0.5)
        self.lead = float(self.rng.uniform(0, 1)) * (
            self.play if self.side == "low" else -self.play
        )
        self.failure: Exception | None = None

    @property
    def sample(self) -> float:
        """Where the sample is, in the coordinate of a stage that has arrived as it should."""
        return self.here + self.lead

    def read(self) -> dict[str, Any]:
        """Return the encoder's reading."""
        return {"stage": {"value": self.here, "timestamp": 0.0}}

    def go(self, target: float) -> None:
        """Move, or fail to.

        Parameters
        ----------
        target : float
            Where to.
        """
        self.moves.append((self.here, target))
        number = len(self.moves)
        faulty = number == self.fault_from or (self.fault_lasts and number > self.fault_from)
        fault = self.fault if faulty else ""
        end = target + self.tolerance / 4 * float(np.clip(self.rng.normal(), -3, 3))
        if fault == "stall":
            end, self.failure = self.here, WaitForTimeoutError()
        elif fault == "refuse":
            end, self.failure = self.here, FailedStatus("refused")
        elif fault == "short":
            end = target + float(self.rng.uniform(0, 1)) * (self.here - target)
        # The sample stays until the play is used up.
        ends = (0.0, self.play) if self.side == "low" else (-self.play, 0.0)
        self.lead = float(np.clip(self.lead - (end - self.here), *ends))
        self.here = end

    def too_far(self, window: tuple[float, float], sample: SampleSide | None) -> int:
        """Count moves that were asked for outside the window, or too far towards the sample.

        Parameters
        ----------
        window : (float, float)
            Where the stage may go.
        sample : SampleSide or None
            Where the sample is.

        Returns
        -------
        int
            How many.
        """
        slack = 1e-9 * (window[1] - window[0])
        count = 0
        for before, target in self.moves:
            count += not window[0] - slack <= target <= window[1] + slack
            if sample is not None and (target > before) == (sample.side == "high"):
                # What the encoder shows beyond a target is not the plan's doing.
                count += abs(target - before) > sample.largest_step + 2 * self.tolerance
        return count

    def wrong_arrivals(self, approach: Approach, window: tuple[float, float]) -> int:
        """Tell whether the last move came from the wrong side, though there was room for it.

        Parameters
        ----------
        approach : Approach
            From where it should.
        window : (float, float)
            Where the stage may go.

        Returns
        -------
        int
            1 if so.
        """
        # A shorter way than the encoder errs by has no side.
        if approach.backlash <= 2 * self.tolerance or not self.moves:
            return 0
        before, target = self.moves[-1]
        up = approach.side == "low"
        room = target - window[0] if up else window[1] - target
        return int(
            room > 3 * self.tolerance
            and (before - target if up else target - before) > self.tolerance
        )


def carried_out(plan: MsgGenerator[T], station: Station) -> T:
    """Do what a plan of moves and readings says.

    Parameters
    ----------
    plan : generator
        It may set, stop and read the stage, and wait.
    station : Station
        Whose stage is a `DrawnStage`.

    Returns
    -------
    object
        What the plan returns.
    """
    stage = cast(DrawnStage, station.stage)
    answer: Any = None
    failure: Exception | None = None
    while True:
        try:
            message = plan.throw(failure) if failure else plan.send(answer)
        except StopIteration as end:
            return end.value
        answer = failure = None
        match message.command:
            case "set":
                stage.go(message.args[0])
            case "read":
                answer = stage.read()
            case "wait":
                failure, stage.failure = stage.failure, None
            case "stop":
                pass
            case other:
                raise AssertionError(f"a plan of moves sent {other!r}")
