"""Fuse a stored run or a folder, and write what came out into files."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from bluesky_autofocus.catalog import open_catalog
from bluesky_autofocus.errors import FusionError
from bluesky_autofocus.figure import save_figure
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.fused_figure import fused_figure
from bluesky_autofocus.fusion import FusedStack
from bluesky_autofocus.replay import FusedRun, fuse_planes, fuse_run, write_fused

from .report import FuseReport

__all__ = ["run_fuse"]


def run_fuse(source: str, out: Path | None, *, align: bool, window_px: float) -> FuseReport:
    """Fuse, and write the files.

    Parameters
    ----------
    source : str
        A folder that exists, or else a run's uid.
    out : pathlib.Path, optional
        Folder for the files.
    align, window_px
        As of `fuse_run`.

    Returns
    -------
    FuseReport
        What came out.

    Raises
    ------
    AutofocusError
        If it cannot be fused, or the files cannot be written.
    """
    folder = Path(source).expanduser()
    if folder.is_dir() or "/" in source:
        return _of_folder(folder, out, align=align, window_px=window_px)
    with open_catalog() as catalog:
        run = fuse_run(catalog, source, align=align, window_px=window_px)
    name = run.uid[:8]
    files = _written(run, out or Path(f"fused-{name}"), run.unit, f"Run {name}")
    return FuseReport(
        source=run.uid,
        derived_uid=run.derived_uid,
        done_before=run.done_before,
        planes=len(run.positions),
        lowest=float(run.positions[0]),
        highest=float(run.positions[-1]),
        unit=run.unit,
        quality=run.quality,
        note=run.note,
        files=(*files, str(run.path)),
    )


class _Planes:
    """The planes of a recorded stack, as the fusion reads them."""

    def __init__(self, stack: FocalStack) -> None:
        self._stack = stack

    def __len__(self) -> int:
        return len(self._stack)

    def __getitem__(self, index: int) -> NDArray[np.unsignedinteger]:
        return self._stack.plane(index)


def _of_folder(folder: Path, out: Path | None, *, align: bool, window_px: float) -> FuseReport:
    stack = FocalStack.read(folder)
    fused, note = fuse_planes(_Planes(stack), stack.positions, align=align, window_px=window_px)
    to = out or Path(f"fused-{folder.resolve().name}")
    files = _written(fused, to, stack.unit, folder.resolve().name)
    path = write_fused(fused, to / "fused.h5", {"source": str(folder), "unit": stack.unit})
    return FuseReport(
        source=str(folder),
        derived_uid=None,
        done_before=False,
        planes=len(stack),
        lowest=float(stack.positions[0]),
        highest=float(stack.positions[-1]),
        unit=stack.unit,
        quality=asdict(fused.quality),
        note=note,
        files=(*files, str(path)),
    )


def _written(stack: FusedStack | FusedRun, out: Path, unit: str, name: str) -> tuple[str, ...]:
    """Write image and heights as TIFF, and the picture."""
    image, height, picture = (out / f for f in ("image.tiff", "height.tiff", "fused.png"))
    heights: Any = np.where(stack.valid, stack.height, np.float32(np.nan))
    try:
        out.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(image, stack.image)
        tifffile.imwrite(height, heights)
        save_figure(fused_figure(stack.image, heights, unit=unit, title=name), picture)
    except OSError as error:
        raise FusionError(
            f"The folder {out} cannot be written: {error}. Give another one with --out."
        ) from error
    return str(image), str(height), str(picture)
