"""Copy runs with progress on standard error."""

import time
from pathlib import Path

from rich.console import Console

from bluesky_autofocus.catalog import (
    CopyState,
    Storage,
    connect_catalog,
    copy_runs,
    home_directory,
    open_embedded_catalog,
    run_uids,
)
from bluesky_autofocus.errors import CatalogError

from ..benchmark.progress import shown_progress
from .report import CopyReport

__all__ = ["run_copy"]


def run_copy(server: str, uids: list[str], source: Path | None) -> CopyReport:
    """Copy all runs that can be.

    Parameters
    ----------
    server : str
        Address of the Tiled server.
    uids : list of str
        The runs; none for all.
    source : Path or None
        Folder of the embedded catalog; None for the usual one.

    Returns
    -------
    CopyReport
        What came of each.

    Raises
    ------
    CatalogError
        If nothing can be copied, or the server does not answer any more.
    """
    said = Console(stderr=True, highlight=False)
    storage = Storage(home_directory(source))
    if not storage.database.is_file():
        raise CatalogError(
            f"There is no catalog in {storage.home}. Give the folder that holds catalog.db: "
            "--source FOLDER."
        )
    begin = time.monotonic()
    with (
        connect_catalog(server, storage) as destination,
        open_embedded_catalog(storage.home) as catalog,
        shown_progress() as track,
    ):
        asked = list(dict.fromkeys(uids)) or run_uids(catalog)
        every = list(track(copy_runs(catalog, destination, asked), len(asked), "copy"))
    report = CopyReport(tuple(every), time.monotonic() - begin)
    for run in report.of(CopyState.FAILED):
        said.print(f"{run.uid}: {run.error}", style="red", markup=False, soft_wrap=True)
    return report
