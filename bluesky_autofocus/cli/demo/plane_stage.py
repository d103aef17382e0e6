"""A stage that stops only where a plane of a stack was recorded."""

from dataclasses import replace
from typing import cast

import numpy as np
from ophyd.status import StatusBase

from devices import FocusStage, Station
from devices.station import FocusMovable

__all__ = ["PlaneStage", "with_plane_stage"]

CONNECTION_TIMEOUT_S = 10.0


class PlaneStage(FocusStage):
    """A motor record that is sent to the nearest plane.

    Its readback is then where the frame was taken, however far apart the planes are: a search that
    trusts positions must not be shown a plane from elsewhere.

    Parameters
    ----------
    prefix : str
        The motor record.
    positions : numpy.ndarray
        Position of each plane, ascending, shape (planes,).
    **kwargs
        Passed to `FocusStage`.
    """

    def __init__(self, prefix: str, *, positions: np.ndarray, **kwargs):
        super().__init__(prefix, **kwargs)
        self._positions = positions

    def set(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, new_position: float, **kwargs
    ) -> StatusBase:
        """Move to the plane that is nearest to a position.

        Parameters
        ----------
        new_position : float
            Where to, in engineering units.
        **kwargs
            Passed to `FocusStage.set`.

        Returns
        -------
        ophyd.status.StatusBase
            As `FocusStage.set`.
        """
        nearest = float(self._positions[np.argmin(np.abs(self._positions - new_position))])
        return super().set(nearest, **kwargs)


def with_plane_stage(station: Station, positions: np.ndarray) -> Station:
    """Replace the stage of a station by one that stops only at planes.

    Parameters
    ----------
    station : Station
        Connected; its own stage is closed.
    positions : numpy.ndarray
        Position of each plane, ascending, shape (planes,).

    Returns
    -------
    Station
        The station, which takes it for an arrival if the plane is the nearest one.
    """
    before = cast(FocusStage, station.stage)
    stage = PlaneStage(
        before.prefix,
        name=before.name,
        position_tolerance=station.position_tolerance,
        positions=positions,
    )
    stage.wait_for_connection(timeout=CONNECTION_TIMEOUT_S)
    before.destroy()
    return replace(
        station,
        stage=cast(FocusMovable, stage),
        position_tolerance=station.position_tolerance + float(np.diff(positions).max()) / 2,
    )
