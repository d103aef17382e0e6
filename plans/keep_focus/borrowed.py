"""A camera that the user's plan has staged, lent to another run."""

from typing import Any

from bluesky.protocols import Readable, Reading, Status

from devices.station import FrameCamera

__all__ = ["BorrowedCamera"]


class BorrowedCamera(Readable[Any]):
    """Takes frames with a camera that is staged for another run, and records none of them.

    The camera has announced its files in that other run, so no event of this one may refer to
    them; and who did not stage it must not unstage it.

    Parameters
    ----------
    camera : FrameCamera
        A staged camera.
    """

    parent = None

    def __init__(self, camera: FrameCamera):
        self._camera = camera

    @property
    def name(self) -> str:
        """The camera's own name."""
        return self._camera.name

    def trigger(self) -> Status:
        """Take one frame.

        Returns
        -------
        Status
            The camera's own.
        """
        return self._camera.trigger()

    def read(self) -> dict[str, Reading[Any]]:
        """Return nothing: the frame belongs to the other run."""
        return {}

    def describe(self) -> dict[str, Any]:
        """Return nothing, as `read`."""
        return {}
