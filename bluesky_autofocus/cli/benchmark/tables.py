"""What a benchmark has to say, for people."""

from collections.abc import Iterable, Sequence
from math import isfinite

from rich.console import Console
from rich.table import Table

from bluesky_autofocus.benchmark import BenchmarkResult, Goal, goals
from bluesky_autofocus.benchmark.decisions import Decisions
from bluesky_autofocus.benchmark.errors_by_distance import ErrorsByDistance
from bluesky_autofocus.benchmark.focus_decision import ErrorRate, FocusDecision
from bluesky_autofocus.benchmark.frames import FrameErrors
from bluesky_autofocus.benchmark.guards import Guards
from bluesky_autofocus.benchmark.latency import Latency
from bluesky_autofocus.benchmark.maps import MapErrors
from bluesky_autofocus.benchmark.memory import PeakMemory
from bluesky_autofocus.benchmark.searches import SearchResult
from bluesky_autofocus.benchmark.sharpness_ratio import SharpnessRatio
from bluesky_autofocus.benchmark.stacks import StackRatios

__all__ = ["goals_table", "number", "percent", "print_heading", "print_result", "print_table"]


def print_result(result: BenchmarkResult, console: Console) -> None:
    """Tell a person what was measured.

    Parameters
    ----------
    result : BenchmarkResult
        What was measured.
    console : rich.console.Console
        Where to.
    """
    print_heading(result, console)
    if result.frames is not None:
        _print_frames(result.frames, console)
    if result.stacks is not None:
        _print_stacks(result.stacks, console)
    if result.decision is not None:
        _print_decision(result.decision, console)
    if result.maps is not None:
        _print_maps(result.maps, console)
    if result.guards is not None:
        _print_guards(result.guards, console)
    if result.latency is not None:
        _print_latency(result.latency, console)
    if result.memory is not None:
        _print_memory(result.memory, console)
    console.print("\ngoals", style="bold")
    console.print(goals_table(goals(result)))
    for note in result.notes:
        console.print(f"- {note}", style="dim", markup=False)


def print_heading(result: BenchmarkResult | SearchResult, console: Console) -> None:
    """Say which estimator was measured, with which seed, in which time.

    Parameters
    ----------
    result : BenchmarkResult or SearchResult
        What was measured.
    console : rich.console.Console
        Where to.
    """
    sha = result.weights_sha256[:12]
    console.print(
        f"estimator {result.version} ({sha}), seed {result.seed}, {result.seconds:.0f} s",
        style="bold",
        markup=False,
    )


def goals_table(judged: Sequence[Goal]) -> Table:
    """Make the table of goals.

    Parameters
    ----------
    judged : sequence of Goal
        The goals.

    Returns
    -------
    rich.table.Table
        Goal, range, measured, met.
    """
    rows = (
        (goal.name, _range(goal), number(goal.measured), "yes" if goal.met else "NO")
        for goal in judged
    )
    return _table(("", "goal", "measured", "met"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for k, head in enumerate(heads):
        table.add_column(head, justify="right" if k else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def print_table(
    console: Console, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Print a table under its title.

    Parameters
    ----------
    console : rich.console.Console
        Where to.
    title : str
        Its title.
    heads : sequence of str
        Heads of the columns.
    rows : iterable of sequence of str
        Cells.
    """
    # Not the table's own title: that one is broken to the width of the table.
    console.print(f"\n{title}", style="bold", markup=False)
    console.print(_table(heads, rows))


def number(value: float) -> str:
    """Return a number to four digits, or "none".

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        For a cell.
    """
    return f"{value:.4g}" if isfinite(value) else "none"


def percent(value: float) -> str:
    """Return a share in percent, or "none".

    Parameters
    ----------
    value : float
        From 0 to 1.

    Returns
    -------
    str
        For a cell.
    """
    return f"{100 * value:.2f} %" if isfinite(value) else "none"


def _range(goal: Goal) -> str:
    if goal.low == 0:
        return f"≤ {goal.high:g}"
    if goal.high == 1:
        return f"≥ {goal.low:g}"
    return f"{goal.low:g} to {goal.high:g}"


def _rate(rate: ErrorRate) -> str:
    return f"{rate.errors} of {rate.trials}, {percent(rate.rate)} (< {percent(rate.upper)})"


def _print_frames(frames: FrameErrors, console: Console) -> None:
    rows = {"estimator": frames.estimator, "  good frames only": frames.good_only}
    rows |= {"  contrast .03-.3": frames.weak}
    if frames.end_to_end is not None:
        rows["end-to-end network"] = frames.end_to_end.errors
    rows |= frames.measures
    bins = [f"{b.low_dof:g}-{b.high_dof:g}" for b in frames.estimator.bins]
    heads = ("", *bins, "±50", "±1")
    title = f"RMSE of s by |U|, {frames.frames} frames of {frames.scenes} scenes"
    print_table(console, title, heads, ((name, *_rmse(e)) for name, e in rows.items()))
    for what, value in (
        ("standard deviation of the error of distance (DoF)", "std_dof"),
        ("median relative error of distance", "median_relative_error"),
    ):
        cells = (
            (name, *(number(getattr(b, value)) for b in errors.bins))
            for name, errors in rows.items()
        )
        print_table(console, what, ("", *bins), cells)
    covered = [
        (f"{kind} {c.level:.0%}", percent(c.overall), *(percent(b) for b in c.bins))
        for kind, part in (("", frames.calibration), ("contrast .03-.3", frames.weak_calibration))
        for c in part
    ]
    print_table(console, "intervals that hold the truth", ("", "all", *bins), covered)
    good = f"{percent(frames.share_good)} of the frames are called good"
    console.print(f"{good}, {percent(frames.weak_share_good)} of those of contrast .03-.3")
    if frames.end_to_end is not None:
        wrong = _rate(frames.end_to_end.wrong_directions)
        console.print(f"wrong directions of the end-to-end network: {wrong}")


def _rmse(errors: ErrorsByDistance) -> tuple[str, ...]:
    pooled = (errors.rmse_s_50, errors.rmse_s_1)
    return tuple(number(value) for value in (*(b.rmse_s for b in errors.bins), *pooled))


def _print_stacks(stacks: StackRatios, console: Console) -> None:
    def row(name: str, r: SharpnessRatio) -> tuple[str, ...]:
        values = (r.all_stacks, r.same_scene_median, r.same_scene_worst)
        return (name, *(number(value) for value in values))

    rows = [row("estimator, clipped", stacks.clipped), row("  unclipped", stacks.unclipped)]
    if stacks.end_to_end is not None:
        rows.append(row("end-to-end network", stacks.end_to_end))
    for name, ratio in stacks.raw_measures.items():
        rows += [row(name, ratio), row("  freed of gain", stacks.normalised_measures[name])]
    heads = ("", "all stacks", "same scene, median", "same scene, worst")
    title = f"sharpness ratio, {stacks.stacks} stacks of {stacks.planes} planes in three lights"
    print_table(console, title, heads, rows)


def _print_decision(decision: Decisions, console: Console) -> None:
    rows: dict[str, FocusDecision] = {"estimator": decision.estimator}
    rows |= {f"  {light}": part for light, part in decision.by_light.items()}
    if decision.end_to_end is not None:
        rows["end-to-end network"] = decision.end_to_end
    rows |= decision.measures
    title = f"decision, {decision.frames} frames of {decision.scenes} scenes"
    heads = ("", "false accepts beyond 1 DoF", "false rejects within ½ DoF")
    cells = ((n, _rate(d.false_accept), _rate(d.false_reject)) for n, d in rows.items())
    print_table(console, title, heads, cells)


def _print_maps(maps: MapErrors, console: Console) -> None:
    rows = []
    for frames, everything, by_kind, by_light in (
        ("one frame", maps.one_frame, maps.one_frame_by_kind, maps.one_frame_by_light),
        ("two frames", maps.two_frames, maps.two_frames_by_kind, maps.two_frames_by_light),
    ):
        parts = {frames: everything}
        parts |= {f"  {name}": part for name, part in {**by_kind, **by_light}.items()}
        rows += [
            (name, number(p.rmse_s_valid), number(p.rmse_s_all), percent(p.share_valid))
            for name, p in parts.items()
        ]
    title = f"maps, {maps.frames} frames of {maps.scenes} scenes"
    print_table(console, title, ("", "RMSE of s, valid", "all cells", "valid"), rows)
    signs = {"all": maps.sign, **maps.sign_by_kind, **maps.sign_by_light}
    cells = (
        (name, _rate(s.wrong_claimed), percent(s.share_claimed), percent(s.wrong_all.rate))
        for name, s in signs.items()
    )
    heads = ("", "wrong where claimed", "claimed", "wrong of all")
    print_table(console, "sign of defocus from two frames", heads, cells)


def _print_guards(guards: Guards, console: Console) -> None:
    rows = [
        (
            name,
            str(part.frames),
            percent(part.share_flagged),
            ", ".join(f"{count} {validity}" for validity, count in part.validity.items()),
        )
        for name, part in vars(guards).items()
    ]
    print_table(console, "flagged frames", ("", "frames", "flagged", ""), rows)


def _print_latency(latency: Sequence[Latency], console: Console) -> None:
    for part in latency:
        rows = (
            (t.name, f"{t.median_ms:.2f}", f"{t.p95_ms:.2f}", f"{t.ratio:.2f}")
            for t in part.timings
        )
        title = f"{part.side_px}² uint16, {part.repeats} calls, {part.threads} threads"
        print_table(console, title, ("", "median ms", "95 % ms", "÷ numpy"), rows)


def _print_memory(memory: Sequence[PeakMemory], console: Console) -> None:
    rows = ((f"{m.side_px}²", f"{m.summary_mb:.1f}", f"{m.map_mb:.1f}") for m in memory)
    heads = ("", "after the summary", "after the map")
    print_table(console, "peak memory beyond packages, weights and frame (MB)", heads, rows)
