"""An IOC with two simulated cameras on a scene whose pixels can be computed by the tests."""

import argparse
import asyncio
import resource
import signal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from devices.sim.camera.area_detector import AreaDetector
from devices.sim.fault_pvs import FaultPVs
from devices.sim.faults import Faults
from devices.sim.network import StationServer


class Pattern:
    """Every frame differs from the one before it, and its pixels follow from its number."""

    focus_position = None

    def __init__(self, rows: int, columns: int) -> None:
        self.shape = (rows, columns)

    def frame(
        self,
        position: float,
        *,
        exposure_s: float,
        gain: float,
        bits: int,
        index: int,
        light: float = 1.0,
    ) -> NDArray[np.unsignedinteger]:
        rows, columns = np.indices(self.shape)
        values = (7 * rows + 3 * columns + 11 * index) % 2**bits * light
        return values.astype(np.uint8 if bits == 8 else np.uint16)


async def nothing_to_disconnect(_gone: bool) -> None:
    """There is no stage here."""


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    faults = Faults()
    pvdb = dict(
        FaultPVs(
            f"{options.prefix}fault:", faults=faults, disconnect_stage=nothing_to_disconnect
        ).pvdb
    )
    for name, data_type in (("eight:", "UInt8"), ("sixteen:", "UInt16")):
        pvdb |= AreaDetector(
            options.prefix + name,
            scene=Pattern(options.rows, options.columns),
            stage_position=lambda: 0.0,
            faults=faults,
            data_directory=options.data_dir,
            data_type=data_type,
        ).pvdb
    running = asyncio.ensure_future(StationServer(pvdb, options.port).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.wait({running})


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--data-dir", required=True, type=Path)
    parser.add_argument("--rows", default=96, type=int)
    parser.add_argument("--columns", default=128, type=int)
    parser.add_argument("--file-limit", type=int, help="largest file that may be written, bytes")
    options = parser.parse_args()
    if options.file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.file_limit, options.file_limit))
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
