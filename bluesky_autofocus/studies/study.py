"""From the stored stacks of a study to its tables and pictures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StudyError
from .altitudes import regions_of_stack
from .consistency import consistency_figure, consistency_table, curve_table
from .deviation import deviation_table, sharpness_table
from .deviation_figure import deviation_figure
from .directions import direction_table, directions_figure
from .map_figure import map_figure, map_table
from .measured_stack import MeasuredStack, measure_stack
from .print_figure import save_print
from .stored_stacks import StoredStack, stacks_of_run, study_runs
from .summary import summary_table
from .table import Row, write_table

if TYPE_CHECKING:
    from ..catalog import Catalog

__all__ = ["StudyResult", "make_study", "measure_stored", "write_study"]

Told = Callable[[str], None]


@dataclass(frozen=True)
class StudyResult:
    """What a study has made.

    Parameters
    ----------
    study : str
        Its name.
    stacks, frames : int
        How many focal stacks of flat samples, and frames in them.
    summary : list of Row
        Each figure of the supplement with the measured one.
    files : list of pathlib.Path
        Tables and pictures.
    """

    study: str
    stacks: int
    frames: int
    summary: list[Row]
    files: list[Path]


def measure_stored(
    stored: Iterable[StoredStack], tell: Told = lambda line: None
) -> list[MeasuredStack]:
    """Measure every frame of stored stacks with the estimator and the end-to-end network.

    Parameters
    ----------
    stored : iterable of StoredStack
        The stacks.
    tell : callable, optional
        Told which stack comes next.

    Returns
    -------
    list of MeasuredStack
        In the same order.
    """
    # Late, because they import torch.
    from ..benchmark.estimators import has_end_to_end
    from ..estimator import SharpnessEstimator
    from ..estimator.end_to_end import EndToEndDistance

    measured = []
    for stack in stored:
        tell(f"{stack.source.sample}, {stack.source.light}: {len(stack.rows)} frames")
        optics = stack.source.optics
        measured.append(
            measure_stack(
                stack.planes(),
                stack.source,
                SharpnessEstimator(optics, full_scale=stack.full_scale),
                EndToEndDistance(optics) if has_end_to_end() else None,
            )
        )
    return measured


def make_study(
    catalog: "Catalog", folder: Path, *, study: str | None = None, tell: Told = lambda line: None
) -> StudyResult:
    """Make the figures of the supplement from the stored runs of a study.

    Parameters
    ----------
    catalog : Catalog
        Where the runs are.
    folder : pathlib.Path
        Where tables and pictures go.
    study : str, optional
        Name of the study; default: that of the latest run of the plan ``record_stacks``.
    tell : callable, optional
        Told which stack comes next.

    Returns
    -------
    StudyResult
        What was made.

    Raises
    ------
    StudyError
        If there are no such runs, or none of a flat sample.
    CalibrationError
        If nobody knows a stack's focus, and its sweep has no classical peak.
    """
    runs = study_runs(catalog, study)
    stored = [stack for run in runs for stack in stacks_of_run(run)]
    flat = [stack for stack in stored if stack.source.flat]
    name = str(runs[0].start["study"]["name"])
    if not flat:
        raise StudyError(
            f"The study {name} has no flat sample, and figures of errors need one. Record it with "
            "flat=True."
        )
    measured = measure_stored(flat, tell)
    uneven = [stack for stack in stored if not stack.source.flat]
    shown = min(uneven or flat, key=lambda stack: abs(stack.light_factor - 1))
    files = [*write_study(measured, folder), *_write_map(shown, measured, folder)]
    frames = sum(stack.u_dof.size for stack in measured)
    return StudyResult(name, len(measured), frames, summary_table(measured), files)


def write_study(stacks: list[MeasuredStack], folder: Path) -> list[Path]:
    """Write tables and pictures of measured stacks: all but the sharpness map.

    Parameters
    ----------
    stacks : list of MeasuredStack
        Stacks of flat samples.
    folder : pathlib.Path
        Where to.

    Returns
    -------
    list of pathlib.Path
        What was written.
    """
    tables = {
        "planes": curve_table,
        "figure-2ab": deviation_table,
        "figure-2c": sharpness_table,
        "figure-3": consistency_table,
        "summary": summary_table,
    }
    pictures = {"figure-2": deviation_figure, "figure-3": consistency_figure}
    directions = direction_table(stacks)
    if directions:
        tables["figure-5"] = direction_table
        pictures["figure-5"] = directions_figure
    files = [write_table(make(stacks), folder / f"{name}.csv") for name, make in tables.items()]
    for name, draw in pictures.items():
        files += save_print(draw(stacks), folder, name)
    return files


def _write_map(stored: StoredStack, measured: list[MeasuredStack], folder: Path) -> list[Path]:
    """Write figure 4 of the plane in focus."""
    from ..estimator import SharpnessEstimator

    source = stored.source
    focus = source.focus
    if focus is None:
        # Nobody knows where a sample with several altitudes is in focus: take the middle plane.
        same = [
            one.source.focus for one in measured if one.name == f"{source.sample}, {source.light}"
        ]
        focus = same[0] if same else sorted(stored.positions)[len(stored.positions) // 2]
    position, frame = stored.nearest(float(focus or 0.0))
    estimator = SharpnessEstimator(source.optics, full_scale=stored.full_scale)
    said = estimator(frame)
    regions = None if source.flat else regions_of_stack(stored, position, estimator)
    unit = "µm" if source.unit == "um" else source.unit
    title = f"{source.sample}, {source.light} light, at {position:.4g} {unit}"
    if source.simulated:
        title += " (simulated)"
    picture = map_figure(frame, said, source.optics.sample_pixel_um, title, regions)
    return [
        write_table(map_table(said), folder / "figure-4.csv"),
        *save_print(picture, folder, "figure-4"),
    ]
