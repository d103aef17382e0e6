"""What was measured so far, in a file: an interrupted benchmark goes on where it ended."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from ...errors import BenchmarkError
from ...workers import each
from ..conditions import Conditions
from ..scenes import SceneSpec
from .trial import Trial

__all__ = ["Kept", "kept_in"]


@dataclass
class Kept:
    """Trials by part and scene, and the file to which new ones are added.

    Parameters
    ----------
    file : file or None
        Where to; None keeps nothing.
    done : dict
        From part and number of the scene to its trials.
    """

    file: TextIO | None = None
    done: dict[tuple[str, int], list[Trial]] = field(default_factory=dict)

    def each(
        self,
        conditions: Conditions,
        part: str,
        function: Callable[[SceneSpec], list[Trial]],
        specs: Sequence[SceneSpec],
    ) -> list[Trial]:
        """Apply a function to the scenes to which it has not been applied yet.

        Parameters
        ----------
        conditions : Conditions
            Processes, progress.
        part : str
            What is being measured; told as progress.
        function : callable
            Of one scene; a module's own function, so that another process finds it.
        specs : sequence of SceneSpec
            The scenes.

        Returns
        -------
        list of Trial
            Of all scenes, in their order.
        """
        left = [spec for spec in specs if (part, spec.index) not in self.done]
        results = conditions.track(each(function, left, conditions.workers), len(left), part)
        for spec, trials in zip(left, results, strict=True):
            self.done[part, spec.index] = trials
            self._write(part, spec.index, trials)
        return [trial for spec in specs for trial in self.done[part, spec.index]]

    def _write(self, part: str, scene: int, trials: list[Trial]) -> None:
        if self.file is None:
            return
        line = {"part": part, "scene": scene, "trials": [asdict(trial) for trial in trials]}
        try:
            print(json.dumps(line), file=self.file, flush=True)
        except OSError as error:
            raise _unusable(Path(self.file.name), error) from error


@contextmanager
def kept_in(path: Path | None, settings: dict[str, Any]) -> Iterator[Kept]:
    """Open the file of a benchmark, new or begun.

    Parameters
    ----------
    path : Path or None
        The file; None keeps nothing.
    settings : dict
        All that decides the trials; a file begun with others is refused.

    Yields
    ------
    Kept
        What is in the file; it takes more.

    Raises
    ------
    BenchmarkError
        If the file cannot be read or written, or holds something else.
    """
    if path is None:
        yield Kept()
        return
    try:
        lines = path.read_text().splitlines() if path.exists() else []
        lines = _begun(lines, settings, path)
        # Without the line that was being written when the process ended.
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text("".join(f"{line}\n" for line in (json.dumps(settings), *lines)))
        fresh.replace(path)
        file = path.open("a")
    except OSError as error:
        raise _unusable(path, error) from error
    with file:
        yield Kept(file, dict(_read(line) for line in lines))


def _unusable(path: Path, error: OSError) -> BenchmarkError:
    return BenchmarkError(f"{path} cannot be used: {error.strerror}. Give another file.")


def _begun(lines: list[str], settings: dict[str, Any], path: Path) -> list[str]:
    if not lines:
        return []
    try:
        begun = json.loads(lines[0])
    except ValueError:
        begun = None
    if begun != settings:
        raise BenchmarkError(
            f"{path} was not begun by this benchmark: its first line is {lines[0][:200]!r}, "
            f"expected {json.dumps(settings)!r}. Give another file, or the same options as then."
        )
    whole = []
    for line in lines[1:]:
        try:
            json.loads(line)
        except ValueError:
            break
        whole.append(line)
    return whole


def _read(line: str) -> tuple[tuple[str, int], list[Trial]]:
    found = json.loads(line)
    return (found["part"], found["scene"]), [Trial(**trial) for trial in found["trials"]]
