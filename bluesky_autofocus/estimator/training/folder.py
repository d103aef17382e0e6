"""The folder of a training: examples, checkpoints, weights, and what it was asked to do."""

import fcntl
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

from ...errors import TrainingError

__all__ = ["TrainingFolder"]


class TrainingFolder:
    """A folder in which a training goes on where it was interrupted.

    Parameters
    ----------
    path : Path
        Where it is, or shall be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.weights = path / "estimator.safetensors"
        self.card = path / "estimator.json"
        self.end_to_end = path / "end_to_end.safetensors"
        self._options = path / "options.json"
        self._seconds = path / "seconds.json"

    def examples(self, name: str) -> Path:
        """Name the folder of a set's shards.

        Parameters
        ----------
        name : str
            Of the set.

        Returns
        -------
        Path
            Whether or not it is there.
        """
        return self.path / "examples" / name

    def checkpoint(self, network: str) -> Path:
        """Name the checkpoint of a network.

        Parameters
        ----------
        network : str
            Its name.

        Returns
        -------
        Path
            Whether or not it is there.
        """
        return self.path / "checkpoints" / f"{network}.ckpt"

    @contextmanager
    def claimed(self, options: Mapping[str, Any]) -> Iterator[None]:
        """Keep the folder for this process as long as it trains.

        Parameters
        ----------
        options : mapping
            What it is asked to do, plain values.

        Yields
        ------
        None
            The folder is there, and is of these options.

        Raises
        ------
        TrainingError
            If it was made with others, holds something else, is in use or cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._refuse_foreign()
            lock = (self.path / "lock").open("w")
        except OSError as error:
            raise TrainingError(
                f"The folder {self.path} cannot be written: {error}. Name another with --out."
            ) from error
        with lock:
            self._take(lock)
            self._compare(json.loads(json.dumps(options)))
            yield

    def finished(self) -> dict[str, Any] | None:
        """Return the model card, if the weights that it tells of are there and whole.

        Returns
        -------
        dict or None
            None if the training is not at its end.
        """
        try:
            card = json.loads(self.card.read_text())
            whole = sha256(self.weights.read_bytes()).hexdigest() == card["sha256"]
        except (OSError, ValueError, KeyError):
            return None
        return card if whole else None

    def write_card(self, card: Mapping[str, Any]) -> None:
        """Write the model card.

        Parameters
        ----------
        card : mapping
            Plain values.
        """
        _write_json(self.card, card)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds that each stage took so far, interrupted calls included."""
        try:
            return json.loads(self._seconds.read_text())
        except FileNotFoundError:
            return {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add to the seconds of a stage.

        Parameters
        ----------
        stage : str
            Its name.

        Yields
        ------
        None
            The time until the end of the block counts, however it ends.
        """
        began = time.monotonic()
        try:
            yield
        finally:
            seconds = self.seconds
            took = seconds.get(stage, 0.0) + time.monotonic() - began
            _write_json(self._seconds, seconds | {stage: round(took, 1)})

    def _refuse_foreign(self) -> None:
        others = sorted(p.name for p in self.path.iterdir() if p.name != "lock")
        if others and not self._options.exists():
            raise TrainingError(
                f"{self.path} holds {others[0]} and was not made by a training. Name an empty "
                "folder with --out."
            )

    def _take(self, lock: TextIO) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingError(
                f"Another process trains in {self.path}. Wait for its end, or name another folder "
                "with --out."
            ) from None

    def _compare(self, options: dict[str, Any]) -> None:
        try:
            found = json.loads(self._options.read_text())
        except FileNotFoundError:
            _write_json(self._options, options)
            return
        except ValueError as error:
            raise TrainingError(
                f"{self._options} is damaged: {error}. Name another folder with --out."
            ) from error
        differing = [key for key in options | found if options.get(key) != found.get(key)]
        if differing:
            said = ", ".join(
                f"{key} {json.dumps(found.get(key))} there and {json.dumps(options.get(key))} now"
                for key in differing
            )
            raise TrainingError(
                f"The training in {self.path} was begun with other options: {said}. Go on with the "
                "same, or name another folder with --out."
            )


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(content, indent=2) + "\n")
    partial.replace(path)
