"""The focus stage: an EPICS motor record that admits when it did not arrive."""

from ophyd import Component as Cpt
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO
from ophyd.status import DeviceStatus, StatusBase

from bluesky_autofocus.errors import StageFaultError

__all__ = ["FocusStage"]


class FocusStage(EpicsMotor):
    """A motor record whose moves succeed only at their target.

    ``ophyd.EpicsMotor`` reports success for a motor that was stopped, or that stopped by itself,
    before its target. Here the status of such a move fails with `StageFaultError`.

    Parameters
    ----------
    prefix : str
        The motor record, for instance ``XF:OAV:m1``.
    name : str
        Device name; the readback's data key.
    position_tolerance : float, optional
        Largest distance between readback and target that counts as arrived, in engineering units.
        Default: the record's retry deadband (``.RDBD``) or its resolution, whichever is larger,
        times two.
    """

    resolution = Cpt(EpicsSignalRO, ".MRES", kind="omitted", auto_monitor=True)
    retry_deadband = Cpt(EpicsSignal, ".RDBD", kind="omitted", auto_monitor=True)

    def __init__(
        self, prefix: str, *, name: str, position_tolerance: float | None = None, **kwargs
    ):
        super().__init__(prefix, name=name, **kwargs)
        self.position_tolerance = position_tolerance

    @property
    def tolerance(self) -> float:
        """Largest distance between readback and target that counts as arrived."""
        if self.position_tolerance is not None:
            return self.position_tolerance
        return 2 * max(float(self.retry_deadband.get()), abs(float(self.resolution.get())))

    def set(self, new_position: float, **kwargs) -> StatusBase:
        """Move, and fail unless the readback ends at the target.

        Parameters
        ----------
        new_position : float
            Target, in engineering units.
        **kwargs
            Passed to ``EpicsMotor.set``: ``timeout``, ``moved_cb``.

        Returns
        -------
        ophyd.status.StatusBase
            Finishes when the stage has arrived; fails with `StageFaultError` if it is elsewhere.

        Raises
        ------
        ophyd.utils.LimitError
            If the target lies beyond the soft limits.
        """
        move = super().set(new_position, **kwargs)
        arrived = DeviceStatus(self)

        def check(finished: StatusBase) -> None:
            error = finished.exception(timeout=0)
            if error is not None:
                arrived.set_exception(error)
                return
            readback = float(self.user_readback.get(use_monitor=False))
            miss = abs(readback - new_position)
            if miss <= self.tolerance:
                arrived.set_finished()
            else:
                arrived.set_exception(
                    StageFaultError(
                        f"{self.name} was sent to {new_position:g} {self.egu} and ended at "
                        f"{readback:g}, {miss:g} away (allowed: {self.tolerance:g})."
                    )
                )

        move.add_callback(check)
        return arrived
