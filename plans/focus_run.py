"""What one autofocus run knows while it runs: its search, its start, its frames and its outcome."""

from collections.abc import Iterator
from typing import Any, cast

from bluesky.protocols import Readable

from bluesky_autofocus.measurement import Measurement
from bluesky_autofocus.result import FocusResult
from bluesky_autofocus.search import Believing, Move, Search
from bluesky_autofocus.verdict import Outcome
from devices import EstimatorSensor, FocusSensor
from devices.station import Station

from .readouts import Readout, Value
from .recorded_event import position_key, recorded_measurement
from .run_metadata import run_metadata
from .told_outcome import outcome_readout, place_in_words

__all__ = ["FocusRun"]

NAN = float("nan")
MOST_CANDIDATES = 3


class FocusRun:
    """The state of one autofocus run.

    Parameters
    ----------
    station : Station
        Where it runs.
    sensor : FocusSensor or EstimatorSensor
        Measures the frames.
    search : Search
        The search at its start.
    start : float
        Where the stage was, in its unit.
    window : (float, float)
        Where the stage may go, in its unit.
    searched : (float, float)
        Where frames may be taken, in the same unit.
    """

    def __init__(
        self,
        station: Station,
        sensor: FocusSensor | EstimatorSensor,
        search: Search,
        start: float,
        window: tuple[float, float],
        searched: tuple[float, float],
    ):
        unit = station.scale.unit
        self.station = station
        self.sensor = cast(Readable, sensor)
        self.measure = str(sensor.measure.get())
        self.region = sensor.part.as_list() if sensor.part else []
        self.search = search
        self.start = start
        self.window = window
        self.searched = searched
        self.frames = 0
        self.position = start
        self.outcome: Outcome | None = None
        self.concluded = False
        self.step_readout = Readout("step", {"number": "", "reason": "", "target": unit})
        decided = {"number": "", "position": unit, "sharpness": "", "decision": "", "next": unit}
        self.search_readout = Readout("search", decided | self._fields())
        self.outcome_readout = outcome_readout(unit)
        self.uid = ""
        self._primary = ""
        self._recorded: dict[str, Any] = {}

    def metadata(self, search_name: str) -> dict[str, Any]:
        """Return what the run's start document says beside the plan's name.

        Parameters
        ----------
        search_name : str
            Name of the search.

        Returns
        -------
        dict
            The metadata.
        """
        return run_metadata(
            self.station,
            search=search_name,
            measure=self.measure,
            region=self.region,
            window=self.window,
            searched=self.searched,
            start=self.start,
        )

    def witness(self, name: str, document: dict[str, Any]) -> None:
        """Keep the data of the latest primary event: only what was recorded is taken in.

        Parameters
        ----------
        name : str
            Kind of document.
        document : dict
            The document.
        """
        if name == "start":
            self.uid = document["uid"]
        elif name == "descriptor" and document["name"] == "primary":
            self._primary = document["uid"]
        elif name == "event" and document["descriptor"] == self._primary:
            self._recorded = document["data"]

    def announce(self, move: Move) -> float:
        """Publish why the next frame is taken where.

        Parameters
        ----------
        move : Move
            What the search suggests.

        Returns
        -------
        float
            Where, in the stage's unit; a place where frames may be taken.
        """
        low, high = self.searched
        target = min(max(self.station.scale.to_stage(move.position_dof), low), high)
        self.step_readout.publish(number=self.frames + 1, reason=move.reason, target=target)
        return target

    def ingest(self) -> None:
        """Take the recorded event into the search, and publish what the search makes of it."""
        station, data = self.station, self._recorded
        position = float(data[position_key(station)])
        measurement = self.measured(data)
        self.search = self.search.ingest(station.scale.to_dof(position), measurement)
        self.frames += 1
        self.position = position
        step = self.search.suggest()
        if isinstance(step, Outcome):
            decision, target = str(step.verdict), NAN
        else:
            decision, target = step.reason, station.scale.to_stage(step.position_dof)
        self.search_readout.publish(
            number=self.frames,
            position=position,
            sharpness=measurement.sharpness,
            decision=decision,
            next=target,
            **self._believed(),
        )

    @property
    def destination(self) -> float | None:
        """Where the stage is to end if in focus, in its unit; None if that is where it is."""
        return None

    def findings(self) -> Iterator[tuple[str, Readout]]:
        """Publish what is to be recorded at the end, beside the verdict.

        Yields
        ------
        (str, Readout)
            A stream, and what goes into its next event.
        """
        yield from ()

    def measured(self, data: dict[str, Any]) -> Measurement:
        """Return what the recorded event says of its frame.

        Parameters
        ----------
        data : dict
            The event's data.

        Returns
        -------
        Measurement
            For the search.
        """
        return recorded_measurement(data, self.sensor.name)

    def _fields(self) -> dict[str, str]:
        """Name what `_believed` says, with units."""
        if not isinstance(self.search, Believing):
            return {}
        unit = self.station.scale.unit
        return {"best": unit, "best_sigma": unit, "best_probability": "", "candidates": ""}

    def _believed(self) -> dict[str, Value]:
        """Say where the search believes focus to be, in the stage's unit."""
        if not isinstance(self.search, Believing):
            return {}
        scale, posterior = self.station.scale, self.search.belief.posterior
        return {
            "best": scale.to_stage(posterior.best_dof),
            "best_sigma": scale.to_stage(posterior.local_sigma_dof),
            "best_probability": posterior.best_mass,
            "candidates": "; ".join(
                f"{scale.to_stage(c.position_dof):.6g} ({c.mass:.2f})"
                for c in posterior.candidates[:MOST_CANDIDATES]
            ),
        }

    def publish_outcome(self, failure: str) -> None:
        """Publish how the run ended.

        Parameters
        ----------
        failure : str
            Why the stage could not be taken back; empty if it could, or is in focus.
        """
        result = self.result()
        self.outcome_readout.publish(
            verdict=str(result.verdict),
            side=str(result.side or ""),
            message=f"{result.message} {failure}".strip(),
            focus_position=NAN if result.focus_position is None else result.focus_position,
            expected_error=NAN if result.expected_error is None else result.expected_error,
            frames=result.frames,
            restored=not failure,
        )

    def result(self) -> FocusResult:
        """Return the outcome in the stage's unit.

        Returns
        -------
        FocusResult
            What the plan hands back.

        Raises
        ------
        RuntimeError
            If the run has no outcome yet.
        """
        outcome, scale = self.outcome, self.station.scale
        if outcome is None:
            raise RuntimeError("The run has no outcome yet.")
        focus, error = outcome.position_dof, outcome.expected_error_dof
        return FocusResult(
            verdict=outcome.verdict,
            message=f"{place_in_words(outcome, scale)}{outcome.message}",
            position=self.position,
            focus_position=None if focus is None else scale.to_stage(focus),
            expected_error=None if error is None else scale.to_stage(error),
            start=self.start,
            unit=scale.unit,
            frames=self.frames,
            side=outcome.side,
            uid=self.uid,
        )
