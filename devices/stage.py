"""The focus stage: an EPICS motor record that admits when it did not arrive."""

import time
from typing import Any

from ophyd import Component as Cpt
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO
from ophyd.status import DeviceStatus, StatusBase

from bluesky_autofocus.errors import StageFaultError

__all__ = ["FocusStage"]

CONNECTION_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 1.0
POLL_S = 0.02


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
    **kwargs
        Passed to ``ophyd.EpicsMotor``.
    """

    resolution = Cpt(EpicsSignalRO, ".MRES", kind="omitted", auto_monitor=True)
    retry_deadband = Cpt(EpicsSignal, ".RDBD", kind="omitted", auto_monitor=True)

    def __init__(
        self, prefix: str, *, name: str, position_tolerance: float | None = None, **kwargs
    ):
        super().__init__(prefix, name=name, **kwargs)
        self.position_tolerance = position_tolerance

    def wait_for_connection(
        self, all_signals: bool = False, timeout: Any = CONNECTION_TIMEOUT_S
    ) -> None:
        """Wait until the record has answered and its readback is known.

        A value that comes just as ophyd subscribes to it is lost, and ophyd's own motor then waits
        for the next one: a stage at rest has none. It is asked for again, half of the way through.

        Parameters
        ----------
        all_signals : bool
            Whether to wait for the lazy signals, too.
        timeout : float
            Longest wait, seconds.

        Raises
        ------
        TimeoutError
            If the record does not answer.
        """
        if not isinstance(timeout, int | float):
            timeout = CONNECTION_TIMEOUT_S
        end = time.monotonic() + timeout
        try:
            super().wait_for_connection(all_signals=all_signals, timeout=timeout / 2)
        except TimeoutError:
            self._ask_again()
            left = max(POLL_S, end - time.monotonic())
            super().wait_for_connection(all_signals=all_signals, timeout=left)
        if self.position is None:
            self._ask_again()
        while self.position is None:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{self.user_readback.pvname} is connected, but told no position in "
                    f"{timeout:g} s. See that its IOC runs, and connect again."
                )
            time.sleep(POLL_S)

    def _ask_again(self) -> None:
        for signal in (self.user_readback, self.motor_done_move):
            channel = signal._read_pv  # noqa: SLF001
            if channel is not None and channel.get(timeout=READ_TIMEOUT_S) is not None:
                channel.run_callbacks()

    @property
    def tolerance(self) -> float:
        """Largest distance between readback and target that counts as arrived."""
        if self.position_tolerance is not None:
            return self.position_tolerance
        return 2 * max(float(self.retry_deadband.get()), abs(float(self.resolution.get())))

    def set(
        self,
        new_position: float,
        *,
        timeout: float | None = None,
        moved_cb=None,
        wait: bool = False,
    ) -> StatusBase:
        """Move, and fail unless the readback ends at the target.

        Uses the record's put-completion. ophyd's own way, through the done flag, loses the end of
        a move that begins while the callbacks of the one before still run.

        Parameters
        ----------
        new_position : float
            Target, in engineering units.
        timeout : float, optional
            Longest time for the move, seconds.
        moved_cb : callable, optional
            Called with the status when it is finished.
        wait : bool
            Whether to wait for the end.

        Returns
        -------
        ophyd.status.StatusBase
            Finishes when the stage has arrived; fails with `StageFaultError` if it is elsewhere.

        Raises
        ------
        ophyd.utils.LimitError
            If the target lies beyond the soft limits.
        """
        self.check_value(new_position)
        arrived = DeviceStatus(self, timeout=timeout)

        def check(**_) -> None:
            try:
                self._check_arrival(new_position)
            except Exception as error:
                arrived.set_exception(error)
            else:
                arrived.set_finished()

        if moved_cb is not None:
            arrived.add_callback(moved_cb)
        self.user_setpoint.put(new_position, use_complete=True, callback=check)
        if wait:
            arrived.wait()
        return arrived

    def _check_arrival(self, target: float) -> None:
        readback = float(self.user_readback.get(use_monitor=False))
        miss = abs(readback - target)
        if miss <= self.tolerance:
            return
        switches = [
            name
            for name, switch in (
                ("low", self.low_limit_switch),
                ("high", self.high_limit_switch),
            )
            if switch.get(use_monitor=False)
        ]
        said = f" The {' and '.join(switches)} limit switch is hit." if switches else ""
        raise StageFaultError(
            f"{self.name} was sent to {target:.6g} {self.egu} and ended at {readback:.6g}, "
            f"{miss:.3g} away (allowed: {self.tolerance:.3g}).{said}"
        )
