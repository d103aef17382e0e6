"""A recorded run as this project's own commands see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import CatalogError
from ..verdict import Verdict
from .frame_stack import FrameStack
from .metadata import plain
from .opening import Catalog
from .stop_verdict import OUTCOME_STREAM, verdict_in

if TYPE_CHECKING:
    import pandas as pd
    from bluesky_tiled_plugins import CatalogOfBlueskyRuns
    from bluesky_tiled_plugins.clients.bluesky_run import BlueskyRunV3
    from databroker.v1 import Broker

__all__ = ["Run", "load_run"]


@dataclass(frozen=True)
class Run:
    """A recorded run.

    Parameters
    ----------
    client : BlueskyRunV3
        Tiled's client of the run, for all that this view does not show.
    """

    client: "BlueskyRunV3"

    @property
    def uid(self) -> str:
        """The run's unique identifier."""
        return self.start["uid"]

    @property
    def metadata(self) -> dict[str, Any]:
        """Start and stop document, and notes of what wrote the run."""
        # Tiled's read-only view, copied into plain mappings.
        return plain(self.client.metadata)

    @property
    def start(self) -> dict[str, Any]:
        """The start document."""
        return self.metadata["start"]

    @property
    def stop(self) -> dict[str, Any] | None:
        """The stop document; None while the run goes on."""
        return self.metadata.get("stop")

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams' names, sorted."""
        return tuple(self.client)

    @property
    def outcome(self) -> dict[str, Any] | None:
        """The last event of the ``outcome`` stream; None if the run has none."""
        if OUTCOME_STREAM not in self.streams:
            return None
        return self.table(OUTCOME_STREAM).iloc[-1].to_dict()

    @property
    def verdict(self) -> Verdict | None:
        """How the run ended; None if it recorded no outcome, or is a complete calibration.

        It stands in the ``outcome`` stream under ``verdict`` or ``<device>_verdict``.
        """
        verdict = verdict_in(self.outcome or {})
        return Verdict(verdict) if verdict else None

    def table(self, stream: str = "primary") -> "pd.DataFrame":
        """Return a stream's scalars, one row an event.

        Parameters
        ----------
        stream : str
            The stream's name.

        Returns
        -------
        pandas.DataFrame
            One column for each scalar key, and ``time`` (s since 1970); index ``seq_num``. Of an
            event sent again after a pause the later one counts. Frames are not in it.
        """
        import pandas as pd

        node = self._stream(stream)
        if "internal" not in node.base:
            return pd.DataFrame()
        table = _written(node)
        columns = [name for name in table.columns if not name.startswith("ts_")]
        return table[columns].iloc[_counting(table)].set_index("seq_num")

    def events(self, stream: str = "primary") -> list[dict[str, Any]]:
        """Return a stream's scalars and one-dimensional arrays, one mapping an event.

        Parameters
        ----------
        stream : str
            The stream's name.

        Returns
        -------
        list of dict
            In order of ``seq_num``, which is among the keys. Frames are not in it.

        Raises
        ------
        CatalogError
            If an array has another number of rows than there are events.
        """
        table, node = self.table(stream), self._stream(stream)
        rows = [
            {str(key): value for key, value in row.items()}
            for row in table.reset_index().to_dict(orient="records")
        ]
        arrays = [
            key
            for key, described in node.metadata["data_keys"].items()
            if len(described.get("shape", ())) == 1 and key in node.base
        ]
        if not arrays:
            return rows
        written = _written(node)
        for key in arrays:
            values = node.base[key].read()
            if len(values) != len(written):
                raise CatalogError(
                    f"Stream {stream!r} of run {self.uid[:8]} has {len(written)} events and "
                    f"{len(values)} rows of {key!r}. Replay the run's backup file."
                )
            for row, value in zip(rows, values[_counting(written)], strict=True):
                row[key] = value
        return rows

    def frames(self, stream: str = "primary", key: str | None = None) -> FrameStack:
        """Return a stream's frames without reading them yet.

        Parameters
        ----------
        stream : str
            The stream's name.
        key : str, optional
            The data key. Default: the only one that holds images.

        Returns
        -------
        FrameStack
            Shape (N, H, W); of an event sent again after a pause, the later one's frame.

        Raises
        ------
        CatalogError
            If there are none, or several and no key.
        """
        node = self._stream(stream)
        data_keys = node.metadata["data_keys"]
        images = [name for name, value in data_keys.items() if len(value.get("shape", ())) >= 2]
        if key is None:
            if len(images) != 1:
                raise CatalogError(
                    f"Stream {stream!r} of run {self.uid[:8]} holds {len(images)} image keys "
                    f"{images}; name the one to read."
                )
            (key,) = images
        if key not in images:
            raise CatalogError(
                f"{key!r} is not an image key of stream {stream!r} of run {self.uid[:8]}; "
                f"it has {images}."
            )
        array = node.base[key]
        if "internal" not in node.base or array.shape[0] != len(written := _written(node)):
            return FrameStack(array)
        return FrameStack(array, _counting(written))

    def documents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the run's documents in order, as (name, document).

        Frames in files stay there: their documents say where.
        """
        for name, document in self.client.documents():
            yield name, dict(document)

    def _stream(self, stream: str) -> Any:
        if stream not in self.streams:
            raise CatalogError(
                f"Run {self.uid[:8]} has no stream {stream!r}; it has {list(self.streams)}."
            )
        return self.client[stream]


def _written(node: Any) -> "pd.DataFrame":
    """Read a stream's table in the order in which its events were sent, as its arrays are."""
    return node.base["internal"].read().sort_values("time", kind="stable", ignore_index=True)


def _counting(written: "pd.DataFrame") -> list[int]:
    """Return which rows count: of each ``seq_num`` the last, in its order."""
    last = {int(number): row for row, number in enumerate(written["seq_num"])}
    return [last[number] for number in sorted(last)]


def load_run(catalog: "Catalog | Broker | CatalogOfBlueskyRuns", uid: str | int) -> Run:
    """Find a run.

    Parameters
    ----------
    catalog : Catalog, databroker Broker, or CatalogOfBlueskyRuns
        Where to look.
    uid : str or int
        The uid or its first five letters or more; a scan id; or -1 for the latest run.

    Returns
    -------
    Run
        A view of it.

    Raises
    ------
    CatalogError
        If there is no such run.
    """
    client = catalog.client if isinstance(catalog, Catalog) else catalog
    try:
        run: Any = client.v2.v3[uid]
    except (KeyError, IndexError, ValueError) as error:
        raise CatalogError(
            f"The catalog has no single run {uid!r} ({error}). Give a whole uid, its first five "
            "letters, a scan id, or -1 for the latest."
        ) from error
    return Run(run)
