"""An interactive session: the RunEngine, the catalog and the station, as far as they answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bluesky import RunEngine
from numpy.typing import NDArray

from bluesky_autofocus.catalog import Catalog, Recorder, open_catalog
from bluesky_autofocus.errors import AutofocusError, CameraFaultError, StationError
from bluesky_autofocus.live import StepTable
from bluesky_autofocus.live_figure import LiveFigure
from devices import FocusCamera, Station, load_station

from .absent import Absent
from .greeting import greeting
from .live_view import live_view

__all__ = ["Session"]

PICTURE = "focus-live.png"
CONNECTION_TIMEOUT_S = 3.0


class Session:
    """The RunEngine with its live view, and what else of a session answers.

    Parameters
    ----------
    station_file : pathlib.Path
        The station file.
    share : callable
        Takes names and values for the user's namespace, as IPython's ``push`` does.
    picture : pathlib.Path, optional
        PNG file of the live picture. Default: ``focus-live.png`` in the working directory.

    Attributes
    ----------
    RE : RunEngine
        Records each run in the catalog, if there is one.
    figure : LiveFigure
        Draws the autofocus run at hand.
    catalog : Catalog or None
        The open catalog.
    station : Station or None
        The connected station.
    troubles : dict of str to str
        For ``catalog`` and ``station``: why it does not answer.
    """

    def __init__(
        self,
        station_file: Path,
        *,
        share: Callable[[dict[str, Any]], object],
        picture: Path | None = None,
    ) -> None:
        self.RE = RunEngine({}, call_returns_result=True)
        self.station_file = station_file
        self.catalog: Catalog | None = None
        self.station: Station | None = None
        self.recorder: Recorder | None = None
        self.troubles: dict[str, str] = {}
        self._share = share
        self.figure = LiveFigure(self._frame, picture or Path.cwd() / PICTURE)
        self.RE.subscribe(live_view(StepTable(), self.figure))
        share({"RE": self.RE, "connect": self.connect})

    def open_catalog(self) -> None:
        """Open the catalog, from now on record every run in it, and share its name."""
        if self.catalog is None:
            try:
                self.catalog = open_catalog()
            except AutofocusError as error:
                self._miss("catalog", error, ["catalog"])
                return
            self.troubles.pop("catalog", None)
            self.recorder = Recorder(self.catalog)
            self.RE.subscribe(self.recorder)
        self._share({"catalog": self.catalog})

    def connect_station(self, timeout_s: float = CONNECTION_TIMEOUT_S) -> None:
        """Connect to the station, and share its devices by their names.

        Parameters
        ----------
        timeout_s : float
            Longest wait for each device, seconds.
        """
        if self.station is None:
            frames = None if self.catalog is None else str(self.catalog.storage.frames)
            try:
                self.station = load_station(
                    self.station_file, frames_directory=frames, connection_timeout_s=timeout_s
                )
            except AutofocusError as error:
                self._miss("station", error, ["station", "stage", "camera"])
                return
            self.troubles.pop("station", None)
        devices = [self.station.stage, self.station.camera, self.station.sensor]
        if self.station.estimator is not None:
            devices.append(self.station.estimator)
        self._share({"station": self.station, **{device.name: device for device in devices}})

    def connect(self, timeout_s: float = 10.0) -> None:
        """Try again what did not answer, and say what is there.

        Parameters
        ----------
        timeout_s : float
            Longest wait for each device, seconds.
        """
        self.open_catalog()
        self.connect_station(timeout_s)
        print(self.greeting())

    def greeting(self) -> str:
        """Say what is there, what does not answer, and what to type first.

        Returns
        -------
        str
            A few lines.
        """
        return greeting(self.catalog, self.station, self.troubles, self.figure.path)

    def require_all(self) -> None:
        """Make sure that nothing is missing.

        Raises
        ------
        StationError
            If the catalog or the station does not answer.
        """
        if self.troubles:
            raise StationError(" ".join(self.troubles.values()))

    def settle(self) -> None:
        """Wait until the catalog has every run, and the picture its last step; half a minute."""
        if self.recorder is not None and not self.recorder.flush():
            print("The catalog is slow: some of the last run is not in it yet.")
        self.figure.flush()

    def _miss(self, part: str, error: Exception, names: list[str]) -> None:
        self.troubles[part] = str(error)
        self._share({name: Absent(name, str(error)) for name in names})

    def _frame(self) -> NDArray[np.number]:
        if self.station is None or not isinstance(self.station.camera, FocusCamera):
            raise CameraFaultError("There is no camera whose frames could be shown.")
        return self.station.camera.frame()
