"""Sweeps from the catalog and from folders, with the optics that took them."""

from typing import Any

import numpy as np

from bluesky_autofocus.catalog import Run, load_run, open_catalog
from bluesky_autofocus.errors import CatalogError, OpticsError, TrainingError
from bluesky_autofocus.estimator.training.sweep import Sweep
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.scale import UM_PER_UNIT

from .request import TrainRequest

__all__ = ["sweeps_of"]

STREAM = "primary"


def sweeps_of(request: TrainRequest, catalog: Any = None) -> list[Sweep]:
    """Find the sweeps of a request, runs first.

    Parameters
    ----------
    request : TrainRequest
        What was asked for.
    catalog : Catalog, optional
        Where the runs are, open for as long as their frames are read; needed if there are any.

    Returns
    -------
    list of Sweep
        Frames are read when they are asked for.

    Raises
    ------
    AutofocusError
        What is missing, and what to do.
    """
    focus = [*request.focus] or [None] * (len(request.runs) + len(request.stacks))
    sweeps = [
        sweep_of_run(load_run(catalog, uid), request.optics, z)
        for uid, z in zip(request.runs, focus, strict=False)
    ]
    for folder, z in zip(request.stacks, focus[len(sweeps) :], strict=True):
        stack = FocalStack.read(folder)
        if stack.unit not in UM_PER_UNIT:
            raise TrainingError(
                f"The positions of {folder} are in {stack.unit}, which is no length, so distances "
                "in depths of field are unknown. Give them in um or mm."
            )
        optics = _known(request.optics, str(folder))
        sweeps.append(Sweep(str(folder), stack.plane, stack.positions, stack.unit, optics, z))
    return sweeps


def sweep_of_run(run: Run, optics: Optics | None, focus: float | None) -> Sweep:
    """Take a run's frames and readbacks for a sweep.

    Parameters
    ----------
    run : Run
        A run with frames and one motor in the stream primary.
    optics : Optics or None
        What took it; None takes what its start document says.
    focus : float or None
        Where focus is.

    Returns
    -------
    Sweep
        Of all its events.

    Raises
    ------
    AutofocusError
        If it has no frames, no positions or no unit, or nobody knows the optics.
    """
    name = f"run {run.uid[:8]}"
    start = run.start
    said = start.get("autofocus", {})
    if optics is None and said.get("optics"):
        optics = Optics(**said["optics"])
    frames = run.frames(STREAM)
    table = run.table(STREAM)
    key = _position_key(start)
    if key not in table:
        raise CatalogError(
            f"{name} has no readback {key!r} in stream {STREAM!r}; it has {list(table.columns)}. "
            "Give a run of a plan that names its motor."
        )
    z = np.asarray(table[key], dtype=float)
    if z.size != len(frames):
        raise CatalogError(
            f"{name} has {len(frames)} frames and {z.size} positions in stream {STREAM!r}. "
            "Give a run that ended as it should."
        )
    data_keys: Any = run.client[STREAM].metadata["data_keys"]
    unit = said.get("unit") or data_keys[key].get("units") or ""
    if unit not in UM_PER_UNIT:
        raise TrainingError(
            f"{name} has positions {key!r} in {unit or 'no unit'}, which is no length known here "
            f"({', '.join(UM_PER_UNIT)}). Set the motor record's EGU and record again."
        )
    return Sweep(name, frames.__getitem__, z, unit, _known(optics, name), focus)


def catalog_of(request: TrainRequest) -> Any:
    """Open the catalog, if runs are asked for.

    Parameters
    ----------
    request : TrainRequest
        What was asked for.

    Returns
    -------
    Catalog or None
        A context manager, or None.
    """
    return open_catalog() if request.runs else None


def _position_key(start: dict[str, Any]) -> str:
    dimensions = start.get("hints", {}).get("dimensions") or []
    if dimensions:
        fields, _ = dimensions[0]
        return fields[0]
    return (list(start.get("motors", [])) or [""])[0]


def _known(optics: Optics | None, name: str) -> Optics:
    if optics is None:
        raise OpticsError(
            f"The optics of {name} are unknown, and with them its depth of field. Say them with "
            "--optics FILE."
        )
    return optics
