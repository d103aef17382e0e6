"""The focal stacks of a study, found in the catalog and read frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import StudyError
from ..frame_region import FrameRegion
from ..optics import Optics
from .measured_stack import CLASSICAL_PEAK, SIMULATED_FOCUS, StackSource

if TYPE_CHECKING:
    from ..catalog import Catalog, Run

__all__ = ["KNOWN_FOCUS", "StoredStack", "stacks_of_run", "study_runs"]

KNOWN_FOCUS = "focus as it was given"


@dataclass(frozen=True)
class StoredStack:
    """A focal stack in the catalog; its frames are read when asked for.

    Parameters
    ----------
    run : Run
        The run that holds it.
    source : StackSource
        Where it comes from.
    full_scale : float
        Grey level at which the camera saturates.
    light_factor : float
        Factor on the light as it was found.
    positions : tuple of float
        Of each plane, in the stage's unit.
    rows : tuple of int
        Which frames of the run they are.
    """

    run: "Run"
    source: StackSource
    full_scale: float
    light_factor: float
    positions: tuple[float, ...]
    rows: tuple[int, ...]

    def planes(self) -> Iterator[tuple[float, NDArray[Any]]]:
        """Read one plane after the other.

        Yields
        ------
        (float, numpy.ndarray)
            Position, and the part of the frame that was measured.
        """
        frames = self.run.frames()
        region = self.run.start["study"].get("region")
        part = FrameRegion.of(region) if region else None
        for position, row in zip(self.positions, self.rows, strict=True):
            frame = frames[row]
            yield position, frame if part is None else part.cut(frame)

    def nearest(self, position: float) -> tuple[float, NDArray[Any]]:
        """Read the plane nearest to a position.

        Parameters
        ----------
        position : float
            In the stage's unit.

        Returns
        -------
        (float, numpy.ndarray)
            Its position and its frame.
        """
        k = int(np.argmin(np.abs(np.array(self.positions) - position)))
        one = replace(self, positions=self.positions[k : k + 1], rows=self.rows[k : k + 1])
        return next(one.planes())


def study_runs(catalog: "Catalog", study: str | None = None) -> list["Run"]:
    """Find the complete runs of a study; of each sample the latest one.

    Parameters
    ----------
    catalog : Catalog
        Where to look.
    study : str, optional
        Name of the study. Default: that of the latest run of any.

    Returns
    -------
    list of Run
        In the order in which they were taken.

    Raises
    ------
    StudyError
        If there is none.
    """
    from ..catalog import load_run

    starts = sorted(
        (dict(run.start) for run in catalog.v1(purpose="study")), key=lambda start: start["time"]
    )
    names = list(dict.fromkeys(start["study"]["name"] for start in starts))
    wanted = study or (starts[-1]["study"]["name"] if starts else None)
    found: dict[str, Run] = {}
    for start in starts:
        if start["study"]["name"] != wanted:
            continue
        run = load_run(catalog, start["uid"])
        if (run.outcome or {}).get("outcome_complete"):
            found[start["study"]["sample"]] = run
    if not found:
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise StudyError(
            f"The catalog has no complete run of the study {wanted or 'that was asked for'}: "
            f"{there}. Record one with `bluesky-autofocus study acquire`, or with the plan "
            "record_stacks."
        )
    return sorted(found.values(), key=lambda run: run.start["time"])


def stacks_of_run(run: "Run") -> list[StoredStack]:
    """Tell the focal stacks of a run of the plan ``record_stacks``.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    list of StoredStack
        One for each light.

    Raises
    ------
    StudyError
        If it is no such run.
    """
    said = run.start.get("study")
    if not said:
        raise StudyError(
            f"Run {run.uid[:8]} is of the plan {run.start.get('plan_name')}. Give one of the plan "
            "record_stacks."
        )
    events = run.events()
    if len(run.frames()) != len(events):
        raise StudyError(
            f"Run {run.uid[:8]} has {len(events)} events and {len(run.frames())} frames. Replay "
            "its backup file, or record it again."
        )
    focus, simulated = said.get("known_focus"), bool(run.start.get("simulated"))
    known = SIMULATED_FOCUS if simulated else KNOWN_FOCUS
    source = StackSource(
        sample=said["sample"],
        light="",
        unit=said["unit"],
        depth_of_field=said["depth_of_field"],
        optics=Optics(**said["optics"]),
        focus=focus,
        truth=CLASSICAL_PEAK if focus is None else known,
        simulated=simulated,
        flat=said["flat"],
    )
    rows: dict[str, list[int]] = {}
    for row, event in enumerate(events):
        rows.setdefault(event["step_light"], []).append(row)
    return [
        StoredStack(
            run,
            replace(source, light=light),
            said["full_scale"],
            float(said["lights"][light]),
            tuple(float(events[k][said["position_key"]]) for k in which),
            tuple(which),
        )
        for light, which in rows.items()
    ]
