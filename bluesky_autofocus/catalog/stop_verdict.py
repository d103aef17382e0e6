"""Put a run's verdict where a search of the catalog finds it."""

from collections.abc import Mapping
from typing import Any

__all__ = ["OUTCOME_STREAM", "StopVerdict", "verdict_in"]

OUTCOME_STREAM = "outcome"


def verdict_in(data: Mapping[str, Any]) -> str:
    """Return the verdict that an event of the ``outcome`` stream holds.

    Parameters
    ----------
    data : mapping
        The event's data; the verdict stands under ``verdict`` or ``<device>_verdict``.

    Returns
    -------
    str
        Empty where there is none, as of a complete calibration. Another package's plan may have
        a stream of this name, and say there what is none of our verdicts.
    """
    for key, value in data.items():
        if (key == "verdict" or key.endswith("_verdict")) and isinstance(value, str):
            return value
    return ""


class StopVerdict:
    """The verdict of one run, and a patch that repeats it in the run's stop document.

    A catalog is searched by what the start and stop documents say; events it cannot search.
    """

    def __init__(self) -> None:
        self._descriptors: set[str] = set()
        self._verdict = ""

    def descriptor(self, document: dict[str, Any]) -> dict[str, Any]:
        """Note which events tell how the run ended.

        Parameters
        ----------
        document : dict
            A descriptor.

        Returns
        -------
        dict
            The same.
        """
        if document["name"] == OUTCOME_STREAM:
            self._descriptors.add(document["uid"])
        return document

    def event(self, document: dict[str, Any]) -> dict[str, Any]:
        """Note the verdict.

        Parameters
        ----------
        document : dict
            An event.

        Returns
        -------
        dict
            The same.
        """
        if document["descriptor"] in self._descriptors:
            self._verdict = verdict_in(document["data"])
        return document

    def stop(self, document: dict[str, Any]) -> dict[str, Any]:
        """Say the verdict, if there is one.

        Parameters
        ----------
        document : dict
            The stop document; changed in place.

        Returns
        -------
        dict
            The same, with ``verdict``.
        """
        if self._verdict:
            document["verdict"] = self._verdict
        return document
