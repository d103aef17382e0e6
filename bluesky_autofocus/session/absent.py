"""What stands in for a part of the session that does not answer."""

from typing import Any

from bluesky_autofocus.errors import AutofocusError

__all__ = ["Absent"]


class Absent:
    """A part of the session that is not there: using it says why, and what to do.

    Parameters
    ----------
    name : str
        What it is called in the session.
    why : str
        What happened, as a sentence.
    """

    def __init__(self, name: str, why: str) -> None:
        self._name = name
        self._why = why

    def __getattr__(self, attribute: str) -> Any:
        """Say why there is no such attribute.

        Parameters
        ----------
        attribute : str
            Its name.

        Raises
        ------
        AutofocusError
            Always; but for private names, for which Python itself asks.
        """
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        raise AutofocusError(f"{self._name} cannot be used yet. {self._why} Then type connect().")

    def __bool__(self) -> bool:
        """Tell that it is not there."""
        return False

    def __repr__(self) -> str:
        """Say that it is not there."""
        return f"<{self._name}: not connected; type connect()>"
