"""Names and folders of the camera's files, with areaDetector's rules and some bounds."""

import re
from pathlib import Path

from devices.sim.camera.pair import RefusedError

__all__ = ["create_folder", "file_name", "inside"]

CONVERSION = re.compile(r"%(?:[-+ 0#]*\d{0,2}(?:\.\d{1,2})?([sd])|(.?))")
LONGEST_NAME = 255


def file_name(template: str, folder: str, name: str, number: int) -> str:
    """Return the full name of a file.

    Parameters
    ----------
    template : str
        Two ``%s`` for folder and name, then at most one ``%d`` for the number, as in
        ``%s%s_%6.6d.h5``.
    folder, name : str
        Folder with its trailing slash, and name.
    number : int
        File number.

    Returns
    -------
    str
        The name.

    Raises
    ------
    RefusedError
        If the template has other conversions, or the name comes out too long.
    """
    conversions = "".join(found or "?" for found, _ in CONVERSION.findall(template))
    if conversions not in ("ss", "ssd"):
        raise RefusedError(
            f"the file template {template!r} must hold two %s and at most one %d, in this order, "
            "as %s%s_%6.6d.h5 does"
        )
    full = template % (folder, name, number)[: len(conversions)]
    if len(full.encode()) > LONGEST_NAME:
        raise RefusedError(f"the file name has {len(full.encode())} bytes; keep to {LONGEST_NAME}")
    if not name or "\x00" in full:
        raise RefusedError("the file name is empty or broken; set FileName")
    return full


def inside(path: Path, data_directory: Path | None) -> bool:
    """Tell whether the camera may write there, links followed.

    Parameters
    ----------
    path : pathlib.Path
        Folder or file; it need not exist.
    data_directory : pathlib.Path or None
        The only folder that may be written to; None allows every absolute path.

    Returns
    -------
    bool
        Whether it may.
    """
    if not path.is_absolute():
        return False
    return data_directory is None or path.resolve().is_relative_to(data_directory.resolve())


def create_folder(folder: Path, depth: int) -> bool:
    """Create a folder as far as areaDetector's CreateDirectory allows.

    Parameters
    ----------
    folder : pathlib.Path
        The folder, absolute.
    depth : int
        0 creates nothing; -n at most the last n levels; n > 0 anything below the n-th level.

    Returns
    -------
    bool
        Whether the folder exists now.

    Raises
    ------
    OSError
        If it may be created but cannot be.
    """
    if folder.is_dir():
        return True
    missing = [level for level in (folder, *folder.parents) if not level.exists()]
    existing_levels = len(folder.parts) - 1 - len(missing)
    allowed = len(missing) <= -depth if depth <= 0 else existing_levels >= depth - 1
    if not allowed or not missing:
        return False
    folder.mkdir(parents=True)
    return folder.is_dir()
