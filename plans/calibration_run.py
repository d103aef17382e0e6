"""What one calibration knows while it runs: its start, its frames and how it ended."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus import __version__
from bluesky_autofocus.calibration.arrival import Leg
from bluesky_autofocus.verdict import Verdict
from devices.station import Station

from .readouts import Readout
from .recorded_event import position_key

__all__ = ["CalibrationResult", "CalibrationRun"]


@dataclass(frozen=True)
class CalibrationResult:
    """How a calibration's run ended.

    Parameters
    ----------
    uid : str
        The run's unique identifier, for `bluesky-autofocus calibrate`.
    verdict : Verdict or None
        What kept it from being complete; None if nothing did.
    message : str
        What happened, and what to do.
    focus : float or None
        Where the sharpness peaked, in the stage's unit.
    unit : str
        The stage's unit.
    frames : int
        How many frames were taken.
    """

    uid: str
    verdict: Verdict | None
    message: str
    focus: float | None
    unit: str
    frames: int


class CalibrationRun:
    """The state of one calibration.

    Parameters
    ----------
    station : Station
        Where it runs.
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
        start: float,
        window: tuple[float, float],
        searched: tuple[float, float],
    ):
        unit = station.scale.unit
        self.station = station
        self.start = self.position = start
        self.window = window
        self.searched = searched
        self.frames = self.arrivals = 0
        self.focus: float | None = None
        self.verdict: Verdict | None = None
        self.message = ""
        self.ending: tuple[Verdict | None, str] | None = None
        self.concluded = False
        self.uid = ""
        self.step_readout = Readout(
            "step", {"number": "", "leg": "", "arrival": "", "target": unit}
        )
        self.outcome_readout = Readout(
            "outcome",
            {
                "complete": "",
                "verdict": "",
                "message": "",
                "focus_position": unit,
                "frames": "",
                "restored": "",
            },
        )
        self._primary = ""
        self._recorded: dict[str, Any] = {}
        self._curves: dict[Leg, dict[float, float]] = {}

    def metadata(self, ends: tuple[float, float], planes: int) -> dict[str, Any]:
        """Return what the run's start document says beside the plan's name.

        Parameters
        ----------
        ends : (float, float)
            The first sweep's ends, in the stage's unit.
        planes : int
            Its positions.

        Returns
        -------
        dict
            The metadata.
        """
        station = self.station
        return {
            "plan_name": "calibrate",
            "purpose": "calibration",
            "station": station.name,
            "detectors": [station.camera.name],
            "motors": [station.stage.name],
            "hints": {"dimensions": [([position_key(station)], "primary")]},
            "calibration": {
                "version": __version__,
                "position_key": position_key(station),
                "sweep": list(ends),
                "planes": planes,
                "window": list(self.window),
                "start": self.start,
                "unit": station.scale.unit,
                "approach": station.approach.side,
                "full_scale": float(station.sensor.camera.full_scale),
            },
        }

    def witness(self, name: str, document: dict[str, Any]) -> None:
        """Keep the data of the latest primary event.

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

    def announce(self, leg: Leg, target: float) -> None:
        """Publish which frame comes next.

        Parameters
        ----------
        leg : Leg
            Part of the calibration.
        target : float
            Where the stage was sent.
        """
        self.step_readout.publish(
            number=self.frames + 1, leg=str(leg), arrival=self.arrivals, target=target
        )

    def ingest(self, leg: Leg) -> None:
        """Take in the recorded event.

        Parameters
        ----------
        leg : Leg
            Part of the calibration.
        """
        data, sensor = self._recorded, self.station.sensor.name
        position = float(data[position_key(self.station)])
        sharpness = max(float(data[f"{sensor}_sharpness"]), 1e-12)
        self._curves.setdefault(leg, {}).setdefault(position, sharpness)
        self.frames += 1

    def curve(self, leg: Leg) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what a leg has seen so far.

        Parameters
        ----------
        leg : Leg
            Part of the calibration.

        Returns
        -------
        (numpy.ndarray, numpy.ndarray)
            Positions, rising, and sharpness.
        """
        seen = sorted(self._curves.get(leg, {}).items())
        return np.array([z for z, _ in seen]), np.array([sharp for _, sharp in seen])

    def publish_outcome(self, verdict: Verdict | None, message: str, failure: str) -> None:
        """Publish how the run ended.

        Parameters
        ----------
        verdict : Verdict or None
            What kept it from being complete.
        message : str
            What happened.
        failure : str
            Why the stage could not be taken back; empty if it could.
        """
        self.verdict, self.message = verdict, f"{message} {failure}".strip()
        values: dict[str, Any] = {
            "complete": verdict is None,
            "verdict": str(verdict or ""),
            "message": self.message,
            "focus_position": float("nan") if self.focus is None else self.focus,
            "frames": self.frames,
            "restored": not failure,
        }
        self.outcome_readout.publish(**values)
