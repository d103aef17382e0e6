"""Examples on disk: files of a few scenes each, written whole or not at all."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ..pyramid import LEVELS
from .end_to_end import EndToEndExamples
from .examples import ExampleSet

__all__ = ["FORMAT", "read_shard", "read_small_shard", "write_shard", "write_small_shard"]

FORMAT = 2
"""Number of the format, and of what the features mean; it rises when either changes."""


def write_shard(path: Path, examples: ExampleSet, origin: Mapping[str, Any]) -> None:
    """Write examples to a file, uncompressed and without pickles.

    Parameters
    ----------
    path : Path
        File to write, ``….npz``; it appears whole or not at all.
    examples : ExampleSet
        What to write.
    origin : mapping
        Where they come from, plain values; see `read_shard`.
    """
    arrays: dict[str, NDArray] = {"origin": np.array(_text(origin))}
    arrays["summary"] = np.stack(examples.summary)
    arrays["info"] = np.array(examples.info, dtype=np.float64)
    columns = {f"level_{k}": [levels[k] for levels in examples.levels] for k in range(LEVELS)}
    # Frames differ in size: all their values one after the other, and their shapes.
    for name, parts in (columns | {"truth": examples.truth}).items():
        arrays[name] = np.concatenate([part.ravel() for part in parts])
        arrays[name + "_shape"] = np.array([part.shape for part in parts], dtype=np.int64)
    _write(path, arrays)


def read_shard(path: Path, origin: Mapping[str, Any] | None = None) -> ExampleSet:
    """Read the examples of a file, bit for bit as they were written.

    Parameters
    ----------
    path : Path
        What `write_shard` has written.
    origin : mapping, optional
        Where the examples should come from; default: anywhere.

    Returns
    -------
    ExampleSet
        One entry a frame.

    Raises
    ------
    TrainingError
        If the file is missing, damaged, or of another origin.
    """
    with _reading(path, origin) as arrays:
        levels = [_parts(arrays, f"level_{k}") for k in range(LEVELS)]
        return ExampleSet(
            summary=list(arrays["summary"]),
            levels=[list(frame) for frame in zip(*levels, strict=True)],
            truth=_parts(arrays, "truth"),
            info=[(q, s, bool(blank), int(n), step) for q, s, blank, n, step in _rows(arrays)],
        )


def write_small_shard(path: Path, examples: EndToEndExamples, origin: Mapping[str, Any]) -> None:
    """Write examples of the end-to-end network to a file.

    Parameters
    ----------
    path : Path
        As for `write_shard`.
    examples : EndToEndExamples
        What to write.
    origin : mapping
        Where they come from.
    """
    _write(path, {"origin": np.array(_text(origin)), **vars(examples)})


def read_small_shard(path: Path, origin: Mapping[str, Any] | None = None) -> EndToEndExamples:
    """Read examples of the end-to-end network.

    Parameters
    ----------
    path : Path
        What `write_small_shard` has written.
    origin : mapping, optional
        Where the examples should come from; default: anywhere.

    Returns
    -------
    EndToEndExamples
        As they were.

    Raises
    ------
    TrainingError
        If the file is missing, damaged, or of another origin.
    """
    with _reading(path, origin) as arrays:
        return EndToEndExamples(arrays["images"], arrays["sampling"], arrays["u_dof"])


def _write(path: Path, arrays: Mapping[str, NDArray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
    partial.replace(path)


@contextmanager
def _reading(path: Path, origin: Mapping[str, Any] | None) -> Iterator[dict[str, NDArray]]:
    """Give all arrays of a file, and name it in what goes wrong with them."""
    try:
        # The archive's checksums are verified as it is read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        found = str(arrays["origin"])
        if origin is not None and found != _text(origin):
            raise TrainingError(
                f"The examples {path} come from {found}, not from {_text(origin)}. Delete the "
                "file, or train in another folder."
            )
        yield arrays
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise TrainingError(
            f"The examples {path} cannot be read: {error}. Delete the file; the next training in "
            "this folder makes it anew."
        ) from error


def _text(origin: Mapping[str, Any]) -> str:
    return json.dumps({"format": FORMAT, **origin}, sort_keys=True)


def _rows(arrays: Mapping[str, NDArray]) -> list[list[float]]:
    return arrays["info"].tolist()


def _parts(arrays: Mapping[str, NDArray], name: str) -> list[NDArray]:
    shapes = arrays[name + "_shape"]
    ends = np.cumsum(shapes.prod(axis=1))
    if arrays[name].size != ends[-1]:
        raise ValueError(f"{name} has {arrays[name].size} values, {ends[-1]} belong to its shapes")
    parts = np.split(arrays[name], ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
