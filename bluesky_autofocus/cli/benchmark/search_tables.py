"""What the search benchmark has to say, for people."""

from rich.console import Console

from bluesky_autofocus.benchmark.searches import SearchResult, SearchRow, search_goals

from .tables import goals_table, number, percent, print_table

__all__ = ["print_searches"]

HEADS = (
    "", "runs", "frames", "95 %", "within ½ DoF", "said", "false", "error", "95 %", "wrong way",
    "seconds",
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
    sha = result.weights_sha256[:12]
    console.print(
        f"estimator {result.version} ({sha}), seed {result.seed}, {result.seconds:.0f} s",
        style="bold",
        markup=False,
    )
    for half, rows in result.rows.items():
        cells = [(name, *_cells(row)) for name, row in rows.items()]
        if half == "±50":
            parts = {**result.belief_by_light, **result.belief_by_family}
            cells[1:1] = [(f"  {name}", *_cells(row)) for name, row in parts.items()]
        print_table(console, f"{half} depths of field", HEADS, cells)
    if result.guards:
        rows = [
            (kind, percent(right), ", ".join(f"{n} {verdict}" for verdict, n in verdicts.items()))
            for kind, (right, verdicts) in result.guards.items()
        ]
        print_table(console, "no focus to be found: belief", ("", "right verdict", ""), rows)
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
        number(row.error_median_dof),
        number(row.error_p95_dof),
        percent(row.wrong_direction),
        f"{row.seconds_median:.1f}",
    )
