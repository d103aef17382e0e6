"""Room on the disk, held ahead of an HDF5 file that grows."""

import errno
import os
import struct
from pathlib import Path

__all__ = ["Reserve"]

SLACK_BYTES = 2**20
"""More than HDF5 needs for its own records between two frames and at the end."""

SUPERBLOCK = struct.Struct("<8sBBBBQQQ")
SIGNATURE = b"\x89HDF\r\n\x1a\n"


class Reserve:
    """Blocks that the operating system has promised to a file.

    HDF5 does not survive a write that fails: it cannot close the file any more, and the process
    dies. So the blocks for the next frame are taken before HDF5 writes it, where a full disk or an
    exceeded quota is an ordinary error.

    Parameters
    ----------
    path : pathlib.Path
        The file; it is made if it is not there.

    Raises
    ------
    OSError
        If the file cannot be opened for writing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)

    def hold(self, size: int, more: int) -> None:
        """Take blocks for what is there and what comes next.

        Parameters
        ----------
        size : int
            Bytes of the file as HDF5 counts them.
        more : int
            Bytes of pixels to come.

        Raises
        ------
        OSError
            If the disk has no such room.
        """
        wanted = size + more + SLACK_BYTES
        if wanted <= self._held:
            return
        try:
            os.posix_fallocate(self._descriptor, self._held, wanted - self._held)
        except OSError as error:
            raise OSError(
                error.errno,
                f"{os.strerror(error.errno or errno.EIO)}: the file needs {wanted} bytes; make "
                "room or choose another FilePath",
                str(self._path),
            ) from error
        self._held = wanted

    def forget(self) -> None:
        """Begin anew after the file was emptied by someone else."""
        self._held = 0

    def release(self) -> None:
        """Give back what lies beyond the end that a closed HDF5 file states for itself."""
        if self._descriptor < 0:
            return
        try:
            end = self._stated_end()
            if end is not None and end < os.fstat(self._descriptor).st_size:
                os.ftruncate(self._descriptor, end)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _stated_end(self) -> int | None:
        # Superblock versions 2 and 3, HDF5 File Format Specification II.A.
        head = os.pread(self._descriptor, SUPERBLOCK.size, 0)
        if len(head) < SUPERBLOCK.size:
            return None
        signature, version, offset_bytes, _, _, base, _, end = SUPERBLOCK.unpack(head)
        if signature != SIGNATURE or version not in (2, 3) or offset_bytes != 8 or base != 0:
            return None
        return end
