"""What the search benchmark has to say, for people."""

from rich.console import Console

from bluesky_autofocus.benchmark.searches import SearchResult, SearchRow, search_goals
from bluesky_autofocus.search import BELIEF

from .tables import goals_table, number, percent, print_heading, print_table

__all__ = ["print_searches"]

HEADS = (
    "", "runs", "frames", "95 %", "success", "said", "false", "error", "95 %", "left 95 %",
    "wrong way", "s",
)  # fmt: skip


def print_searches(result: SearchResult, console: Console) -> None:
    """Tell a person what was measured.

    Parameters
    ----------
    result : SearchResult
        What was measured.
    console : rich.console.Console
        Where to.
    """
    print_heading(result, console)
    for half, rows in result.rows.items():
        cells = [(name, *_cells(row)) for name, row in rows.items()]
        if BELIEF in rows:
            by = result.by_light[half][BELIEF] | result.by_family[half][BELIEF]
            cells[1:1] = [(f"  {name}", *_cells(row)) for name, row in by.items()]
        print_table(console, f"{half} depths of field", HEADS, cells)
    _print_parts(result, console)
    _print_guards(result, console)
    _print_failures(result, console)
    judged = search_goals(result)
    if judged:
        console.print("\ngoals", style="bold")
        console.print(goals_table(judged))


def _cells(row: SearchRow) -> tuple[str, ...]:
    return (
        str(row.runs),
        f"{row.frames_median:g}",
        f"{row.frames_p95:.0f}",
        percent(row.success),
        percent(row.said_in_focus),
        percent(row.false_in_focus),
        f"{row.error_median_dof:.3f}",
        f"{row.error_p95_dof:.2f}",
        f"{row.left_p95_dof:.2f}",
        percent(row.wrong_direction),
        f"{row.seconds_median:.1f}",
    )


def _print_parts(result: SearchResult, console: Console) -> None:
    for half, lights in result.by_light.items():
        families = result.by_family[half]
        parts = {name: {**lights[name], **families[name]} for name in lights}
        heads = list(next(iter(parts.values()), {}))
        cells = (
            (name, *(f"{100 * rows[h].success:.1f}" if h in rows else "" for h in heads))
            for name, rows in parts.items()
        )
        print_table(console, f"{half} depths of field: success, %", ("", *heads), cells)


def _print_guards(result: SearchResult, console: Console) -> None:
    if not result.guards:
        return
    cells = (
        (
            kind,
            str(row.runs),
            percent(row.right),
            f"{row.frames_median:g}",
            f"{row.frames_p95:.0f}",
            percent(row.false_in_focus),
            ", ".join(f"{count} {verdict}" for verdict, count in row.verdicts.items()),
        )
        for kind, row in result.guards.items()
    )
    heads = ("", "runs", "right verdict", "frames", "95 %", "false", "")
    print_table(console, "no focus to be found: belief", heads, cells)


def _print_failures(result: SearchResult, console: Console) -> None:
    if not result.failures:
        return
    cells = (
        (
            f"±{t.half_dof:g}, scene {t.scene}, {t.family}, {t.light}",
            number(t.start_dof),
            t.verdict,
            number(t.last_dof),
            str(t.frames),
        )
        for t in result.failures
    )
    heads = ("", "start", "verdict", "end", "frames")
    print_table(console, "belief: what went worst", heads, cells)
