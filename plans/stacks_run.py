"""What one recording of focal stacks knows while it runs: its start, its frames, how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bluesky_autofocus import __version__
from bluesky_autofocus.verdict import Verdict
from devices.station import Station

from .readouts import Readout
from .recorded_event import position_key

__all__ = ["StacksResult", "StacksRun"]


@dataclass(frozen=True)
class StacksResult:
    """How a recording of focal stacks ended.

    Parameters
    ----------
    uid : str
        The run's unique identifier.
    verdict : Verdict or None
        What kept it from being complete; None if nothing did.
    message : str
        What happened, and what to do.
    frames : int
        How many frames were taken.
    """

    uid: str
    verdict: Verdict | None
    message: str
    frames: int


class StacksRun:
    """The state of one recording of focal stacks.

    Parameters
    ----------
    station : Station
        Where it runs.
    start : float
        Where the stage was, in its unit.
    window : (float, float)
        Where the stage may go, in its unit.
    """

    def __init__(self, station: Station, start: float, window: tuple[float, float]):
        unit = station.scale.unit
        self.station = station
        self.start = start
        self.window = window
        self.frames = 0
        self.found_light: float | None = None
        self.verdict: Verdict | None = None
        self.message = ""
        self.ending: tuple[Verdict | None, str] | None = None
        self.concluded = False
        self.uid = ""
        self.step_readout = Readout(
            "step", {"number": "", "light": "", "light_factor": "", "target": unit}
        )
        self.outcome_readout = Readout(
            "outcome", {"complete": "", "verdict": "", "message": "", "frames": "", "restored": ""}
        )

    def metadata(
        self,
        *,
        study: str,
        sample: str,
        positions: Sequence[float],
        lights: Mapping[str, float],
        light: str,
        known_focus: float | None,
        flat: bool,
    ) -> dict[str, Any]:
        """Return what the run's start document says beside the plan's name.

        Parameters
        ----------
        study, sample : str
            Names of the study and of the sample.
        positions : sequence of float
            Of each sweep, in the stage's unit.
        lights : mapping of str to float
            Factor on the light of each sweep.
        light : str
            Name of what sets the light.
        known_focus : float or None
            Where focus is, in the stage's unit.
        flat : bool
            Whether the whole field is at one altitude.

        Returns
        -------
        dict
            As `docs/reference/data-keys.md` says.
        """
        station = self.station
        region = getattr(station.sensor, "part", None)
        return {
            "plan_name": "record_stacks",
            "purpose": "study",
            "station": station.name,
            "detectors": [station.camera.name],
            "motors": [station.stage.name],
            "hints": {"dimensions": [([position_key(station)], "primary")]},
            "study": {
                "version": __version__,
                "name": study,
                "sample": sample,
                "flat": flat,
                "positions": list(positions),
                "lights": dict(lights),
                "light": light,
                "position_key": position_key(station),
                "window": list(self.window),
                "start": self.start,
                "unit": station.scale.unit,
                "depth_of_field": station.scale.depth_of_field,
                "optics": {} if station.optics is None else asdict(station.optics),
                "full_scale": float(station.sensor.camera.full_scale),
                "region": region.as_list() if region else [],
                **({} if known_focus is None else {"known_focus": known_focus}),
            },
        }

    def witness(self, name: str, document: dict[str, Any]) -> None:
        """Keep the run's uid.

        Parameters
        ----------
        name : str
            Kind of document.
        document : dict
            The document.
        """
        if name == "start":
            self.uid = document["uid"]

    def announce(self, light: str, factor: float, target: float) -> None:
        """Publish which frame comes next.

        Parameters
        ----------
        light : str
            Name of the light.
        factor : float
            Factor on the light as it was found.
        target : float
            Where the stage was sent.
        """
        self.step_readout.publish(
            number=self.frames + 1, light=light, light_factor=factor, target=target
        )

    def publish_outcome(self, verdict: Verdict | None, message: str, failure: str) -> None:
        """Publish how the run ended.

        Parameters
        ----------
        verdict : Verdict or None
            What kept it from being complete.
        message : str
            What happened.
        failure : str
            What could not be put back; empty if all could.
        """
        self.verdict, self.message = verdict, f"{message} {failure}".strip()
        self.outcome_readout.publish(
            complete=verdict is None,
            verdict=str(verdict or ""),
            message=self.message,
            frames=self.frames,
            restored=not failure,
        )
