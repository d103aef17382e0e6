"""Tell on standard error how far a training is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["shown"]

# Where nobody watches, as in a log, a line now and then.
LINE_S = 30.0


@contextmanager
def shown(console: Console) -> Iterator[Callable[[str, int, int, float | None], None]]:
    """Show a bar for each stage; lines where the console is no terminal.

    Parameters
    ----------
    console : rich.console.Console
        Where to.

    Yields
    ------
    callable
        Takes a stage, what is done of it, what there is to do, and the loss if there is one.
    """
    tasks = {}
    lines: dict[str, float] = {}
    columns = (TextColumn("{task.description:>24}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bars:

        def tell(stage: str, done: int, of: int, loss: float | None) -> None:
            said = stage if loss is None else f"{stage}, loss {loss:.3f}"
            if console.is_terminal:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=of)
                bars.update(tasks[stage], completed=done, description=said)
            elif stage not in lines or done == of or time.monotonic() - lines[stage] > LINE_S:
                lines[stage] = time.monotonic()
                console.print(f"{said}: {done} of {of}", soft_wrap=True)

        yield tell
