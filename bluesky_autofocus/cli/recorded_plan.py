"""A command's plan, run to its end, and its runs in the catalog."""

from typing import TypeVar, cast

from bluesky import RunEngine
from bluesky.run_engine import RunEngineResult
from bluesky.utils import MsgGenerator, RunEngineInterrupted

from bluesky_autofocus.catalog import Catalog, Recorder, RunState
from bluesky_autofocus.errors import CatalogError

__all__ = ["check_recorded", "run_plan"]

FLUSH_TIMEOUT_S = 60.0

Result = TypeVar("Result")


def run_plan(engine: RunEngine, plan: MsgGenerator[Result]) -> Result:
    """Run a plan, and return what it returns.

    Parameters
    ----------
    engine : bluesky.RunEngine
        Made with ``call_returns_result=True``.
    plan : generator
        The plan.

    Returns
    -------
    object
        The plan's own result.

    Raises
    ------
    KeyboardInterrupt
        If the plan was aborted by Ctrl-C.
    """
    try:
        return cast(RunEngineResult, engine(plan)).plan_result
    except RunEngineInterrupted:
        raise KeyboardInterrupt from None


def check_recorded(recorder: Recorder, catalog: Catalog) -> None:
    """Wait until the catalog has all runs.

    Parameters
    ----------
    recorder : Recorder
        Records them.
    catalog : Catalog
        Where to.

    Raises
    ------
    CatalogError
        If it does not take them within a minute, or not at all.
    """
    if not recorder.flush(FLUSH_TIMEOUT_S):
        raise CatalogError(
            f"The catalog did not take the run within {FLUSH_TIMEOUT_S:g} s. It is kept in "
            f"{catalog.storage.backup}."
        )
    for run in recorder.runs:
        if run.state is not RunState.WRITTEN:
            raise CatalogError(run.message)
