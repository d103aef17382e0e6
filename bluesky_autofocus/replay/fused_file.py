"""A fused stack in an HDF5 file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ..errors import FusionError
from ..fusion import FusedStack

__all__ = ["ARRAYS", "read_fused", "write_fused"]

ARRAYS = ("image", "height", "sigma", "valid")
"""What the file holds of every pixel, shape (1, rows, cols) each."""


def write_fused(stack: FusedStack, path: Path, attributes: Mapping[str, Any]) -> Path:
    """Write a fused stack; the file is there as a whole or not at all.

    Parameters
    ----------
    stack : FusedStack
        What to write.
    path : pathlib.Path
        Where to; the folder is made, and an older file replaced.
    attributes : mapping
        Strings and numbers to be kept with it.

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    FusionError
        If the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(part, "w") as file:
            for name in ARRAYS:
                values: NDArray[Any] = getattr(stack, name)
                if values.dtype == np.bool_:
                    values = values.astype(np.uint8)
                file.create_dataset(name, data=values[np.newaxis], compression="gzip")
            file.attrs.update(attributes)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FusionError(
            f"{path} cannot be written: {error}. Make room, or name another place."
        ) from error
    return path


def read_fused(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a fused stack.

    Parameters
    ----------
    path : pathlib.Path
        A file of `write_fused`.

    Returns
    -------
    dict of str to numpy.ndarray
        `ARRAYS`, shape (rows, cols) each; ``valid`` as bool.

    Raises
    ------
    FusionError
        If the file cannot be read.
    """
    try:
        with h5py.File(path) as file:
            arrays = {name: np.asarray(file[name])[0] for name in ARRAYS}
    except (OSError, KeyError) as error:
        raise FusionError(
            f"{path} cannot be read: {error}. Delete it and fuse the run again."
        ) from error
    return arrays | {"valid": arrays["valid"].astype(bool)}
