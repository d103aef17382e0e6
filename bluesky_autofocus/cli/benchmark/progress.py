"""Progress on standard error."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bluesky_autofocus.benchmark import Track

__all__ = ["shown_progress"]

Item = TypeVar("Item")


@contextmanager
def shown_progress() -> Iterator[Track]:
    """Show a bar for each part on standard error; one line each where that is no terminal.

    Yields
    ------
    Track
        Hands on the items of a part and counts them.
    """
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description:>16}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as progress:

        def track(items: Iterable[Item], total: int, description: str) -> Iterable[Item]:
            if not console.is_terminal:
                console.print(f"{description}: {total}")
            yield from progress.track(items, total=total, description=description)

        yield track
