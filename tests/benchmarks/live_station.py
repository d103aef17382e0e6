"""A simulated station over Channel Access on which trials are run, and all that is seen of it."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import epics
from bluesky import Msg, RunEngine
from bluesky.utils import TransitionError  # pyright: ignore[reportPrivateImportUsage]

from devices import Station, StationSettings, connect_station
from devices.sim.faults import Faults
from devices.sim.process import RunningIoc

__all__ = ["LiveStation", "connected"]

CONNECTION_S = 10.0
CTRL_C_S = 0.15
CAMERA_STATE = (
    "cam1:Acquire_RBV",
    "cam1:AcquireTime_RBV",
    "cam1:ArrayCallbacks_RBV",
    "cam1:Gain_RBV",
    "cam1:ImageMode_RBV",
    "cam1:NumImages_RBV",
    "HDF1:Capture_RBV",
    "HDF1:EnableCallbacks_RBV",
    "HDF1:FileWriteMode_RBV",
    "HDF1:NumCapture_RBV",
    "image1:EnableCallbacks_RBV",
)
"""What a run changes on the camera and has to put back."""


class LiveStation:
    """A station, its RunEngine, and what was asked of it since the last `clear`.

    Parameters
    ----------
    ioc : RunningIoc
        The simulation.
    station : Station
        Connected to it.
    engine : RunEngine
        Runs the plans.
    """

    def __init__(self, ioc: RunningIoc, station: Station, engine: RunEngine) -> None:
        self.ioc = ioc
        self.station = station
        self.stage: Any = station.stage
        self.camera: Any = station.camera
        self.engine = engine
        self.documents: list[tuple[str, dict[str, Any]]] = []
        self.moves: list[tuple[float, float]] = []
        self.places: list[float] = []
        self.messages = 0
        self.due: dict[int, list[Any]] = {}
        self._pvs: dict[str, epics.PV] = {}
        engine.subscribe(lambda name, doc: self.documents.append((name, doc)))
        self.stage.user_readback.subscribe(self._moved, run=False)

    def clear(self) -> None:
        """Forget what was seen."""
        self.documents, self.moves, self.places = [], [], []
        self.messages, self.due = 0, {}

    def _moved(self, value: Any = None, **_: Any) -> None:
        if value is not None:
            self.places.append(float(value))

    def hear(self, message: Msg) -> None:
        """Note a message of the plan, and do what is due with it.

        Parameters
        ----------
        message : Msg
            What the RunEngine is about to carry out.
        """
        self.messages += 1
        if message.command == "set" and message.obj is self.stage:
            self.moves.append((self._place(), float(message.args[0])))
        for action in self.due.pop(self.messages, []):
            action()

    def _place(self) -> float:
        """Ask where the stage is, since monitors may come late."""
        if not self.stage.user_readback.connected:
            return float(self.stage.position)
        return float(self.stage.user_readback.get(use_monitor=False))

    def pv(self, name: str) -> epics.PV:
        """Return a PV of the simulation, connected.

        Parameters
        ----------
        name : str
            Its name without the prefix.

        Returns
        -------
        epics.PV
            The same for the same name: pyepics shares channels.
        """
        if name not in self._pvs:
            self._pvs[name] = epics.PV(self.ioc.prefix + name, auto_monitor=False)
        pv = self._pvs[name]
        if not pv.wait_for_connection(timeout=CONNECTION_S):
            raise TimeoutError(f"{pv.pvname} does not answer")
        return pv

    def put(self, name: str, value: float, *, wait: bool = True) -> None:
        """Put a value."""
        self.pv(name).put(value, wait=wait, timeout=CONNECTION_S)

    def get(self, name: str) -> float:
        """Get a value."""
        value = self.pv(name).get(use_monitor=False, timeout=CONNECTION_S)
        if value is None:
            raise TimeoutError(f"{self.ioc.prefix}{name} has no value")
        return float(value)

    def fault(self, name: str, value: float) -> None:
        """Bring a fault into force without waiting for it."""
        self.put(f"fault:{name}", value, wait=False)

    def clear_faults(self) -> None:
        """End all faults, and whatever they left under way."""
        for name, value in asdict(Faults()).items():
            self.put(f"fault:{name}", float(value))
        self.stage.wait_for_connection(timeout=CONNECTION_S)
        self.put("m1.STOP", 1)

    def camera_state(self) -> dict[str, float]:
        """Return how the camera is set."""
        return {name: self.get(name) for name in CAMERA_STATE}

    def ask_for_pause(self, after_s: float, *, keyboard: bool) -> None:
        """Ask for a pause from another thread, as a person would.

        Parameters
        ----------
        after_s : float
            How long to wait before, s.
        keyboard : bool
            Whether by pressing Ctrl-C twice.
        """

        def ask() -> None:
            if keyboard:
                os.kill(os.getpid(), signal.SIGINT)
                threading.Event().wait(CTRL_C_S)
                os.kill(os.getpid(), signal.SIGINT)
                return
            try:
                self.engine.request_pause()
            except TransitionError:
                # The run has ended meanwhile.
                return

        timer = threading.Timer(after_s, ask)
        timer.daemon = True
        timer.start()

    def events(self, stream: str) -> list[dict[str, Any]]:
        """Return the data of the events of a stream."""
        uids = {d["uid"] for n, d in self.documents if n == "descriptor" and d["name"] == stream}
        return [d["data"] for n, d in self.documents if n == "event" and d["descriptor"] in uids]


@contextmanager
def connected(ioc: RunningIoc, engine: RunEngine, frames: Path) -> Iterator[LiveStation]:
    """Connect to a simulation for the length of a with-block.

    Parameters
    ----------
    ioc : RunningIoc
        The simulation.
    engine : RunEngine
        Runs the plans.
    frames : pathlib.Path
        Folder for the frames.

    Yields
    ------
    LiveStation
        The station.
    """
    settings = StationSettings.model_validate(
        {
            "name": "simulated",
            "stage": {"prefix": f"{ioc.prefix}m1"},
            "camera": {"prefix": ioc.prefix, "exposure_s": 0.02},
            "optics": {
                "numerical_aperture": 0.30,
                "wavelength_um": 0.55,
                "magnification": 10,
                "pixel_um": 3.45,
            },
            "window": (-1000.0, 1000.0),
            "approach": {"side": "low", "backlash": 5.0},
            "limits": {"move_timeout_s": 3.0, "frame_timeout_s": 1.0},
        }
    )
    live = LiveStation(ioc, connect_station(settings, frames_directory=str(frames)), engine)
    # It is annotated as what it is before anyone sets it.
    engine.msg_hook = live.hear  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield live
    finally:
        engine.msg_hook = None
