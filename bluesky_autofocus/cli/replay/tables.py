"""What a replay has to say, for people."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from bluesky_autofocus.replay import Ending, ReplayedRun, WhatIfRun

from .report import ReplayReport

__all__ = ["print_report"]

# Frame by frame where a person can still look at each.
MOST_RUNS_BY_FRAME = 3
LETTERS = 8
SHOWN = ("sharpness", "distance_dof")


def print_report(report: ReplayReport, console: Console) -> None:
    """Tell a person what a replay gave.

    Parameters
    ----------
    report : ReplayReport
        What it gave.
    console : rich.console.Console
        Where to.
    """
    if len(report.estimated) <= MOST_RUNS_BY_FRAME:
        for run in report.estimated:
            _print_frames(run, console)
    if report.estimated:
        console.print(_runs(report.estimated))
    if report.tried:
        console.print(_endings(report.tried))
    if len(report.tried) == 1:
        console.print(report.tried[0].message, markup=False, soft_wrap=True)
    console.print(
        f"{len(report.runs)} runs with {report.frames} frames replayed in {report.seconds:.1f} s, "
        f"{len(report.failed)} failed.",
        soft_wrap=True,
    )


def _runs(runs: list[ReplayedRun]) -> Table:
    table = _table("run", "derived run", "frames", "weights", "identical", "largest difference")
    for run in runs:
        compared = run.comparison
        table.add_row(
            run.uid[:LETTERS],
            _derived(run),
            str(len(run.frames)),
            _weights(run),
            "nothing recorded" if compared is None else f"{compared.identical}/{compared.frames}",
            _differences(run),
            style="" if run.as_expected else "red",
        )
    return table


def _endings(runs: list[WhatIfRun]) -> Table:
    table = _table("run", "derived run", "search", "verdict", "focus", "frames", "difference (DoF)")
    for run in runs:
        far = run.difference_dof
        table.add_row(run.uid[:LETTERS], "", *_ending(run.recorded, run.unit))
        table.add_row(
            "",
            _derived(run),
            *_ending(run.what_if, run.unit),
            "" if far is None else f"{far:+.2f}",
        )
    return table


def _ending(ending: Ending, unit: str) -> tuple[str, str, str, str]:
    error = "" if ending.expected_error is None else f" ± {ending.expected_error:.2g}"
    return (
        ending.search or "none",
        ending.verdict or "",
        "" if ending.focus_position is None else f"{ending.focus_position:.6g}{error} {unit}",
        "" if ending.frames is None else str(ending.frames),
    )


def _derived(run: ReplayedRun | WhatIfRun) -> str:
    return run.derived_uid[:LETTERS] + (" (was there)" if run.done_before else "")


def _weights(run: ReplayedRun) -> str:
    if run.recorded_weights_sha256 is None:
        return ""
    return "as recorded" if run.same_weights else "other"


def _differences(run: ReplayedRun) -> str:
    if run.comparison is None or run.comparison.is_identical:
        return ""
    said = [f"{f} {run.comparison.largest[f]:.2g}" for f in SHOWN if f in run.comparison.largest]
    said += [f"{field} of {count}" for field, count in run.comparison.changed.items()]
    return ", ".join(said) or "in other fields"


def _print_frames(run: ReplayedRun, console: Console) -> None:
    console.print(f"Run {run.uid}", style="bold", soft_wrap=True)
    table = _table("frame", f"at ({run.unit})", "recorded (DoF)", "replayed (DoF)", "replayed")
    for frame in run.frames:
        table.add_row(
            str(frame.seq_num),
            "" if frame.position is None else f"{frame.position:.6g}",
            "" if frame.recorded is None else _distance(frame.recorded),
            _distance(frame.replayed),
            "in focus" if frame.replayed["in_focus"] else frame.replayed["validity"],
        )
    console.print(table)


def _distance(fields: Mapping[str, Any]) -> str:
    return f"{fields['distance_dof']:.3g} ± {fields['distance_std_dof']:.2g}"


def _table(*heads: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for head in heads:
        table.add_column(head)
    return table
