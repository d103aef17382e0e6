"""Tell which run a document belongs to."""

from collections.abc import Mapping
from typing import Any

__all__ = ["RunIndex"]

_PARENT = {
    "stop": "run_start",
    "descriptor": "run_start",
    "resource": "run_start",
    "stream_resource": "run_start",
    "event": "descriptor",
    "event_page": "descriptor",
    "datum": "resource",
    "datum_page": "resource",
    "stream_datum": "descriptor",
}


class RunIndex:
    """The uids of open runs and of their parts.

    ``event_model.RunRouter`` does this too, but turns events into pages and fills them on the way;
    a backup should hold the documents as they were.
    """

    def __init__(self) -> None:
        self._run_of: dict[str, str] = {}

    def run_of(self, name: str, document: Mapping[str, Any]) -> str:
        """Return the uid of the document's run.

        Parameters
        ----------
        name : str
            Kind of document.
        document : mapping
            The document.

        Returns
        -------
        str
            Uid of the run's start document.

        Raises
        ------
        KeyError
            If the document refers to something that was never seen.
        """
        if name == "start":
            run = document["uid"]
        else:
            run = self._run_of[document[_PARENT[name]]]
        if name in ("start", "descriptor", "resource", "stream_resource"):
            self._run_of[document["uid"]] = run
        return run

    def forget(self, run: str) -> None:
        """Drop a run that is over.

        Parameters
        ----------
        run : str
            Uid of its start document.
        """
        self._run_of = {part: owner for part, owner in self._run_of.items() if owner != run}
