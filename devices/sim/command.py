"""Options, life and end of the IOC process."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bluesky_autofocus.errors import FocalStackError, SceneError
from bluesky_autofocus.focal_stack import FocalStack
from devices.sim.ioc import SimulatedStation
from devices.sim.network import PortError, free_port
from devices.sim.pv_list import pv_page
from devices.sim.scene.names import DEFAULT_SCENE, make_scene
from devices.sim.scene.replayed import ReplayedScene
from devices.sim.stage.settings import StageSettings

__all__ = ["main"]

PARENT_CHECK_S = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulated station until SIGTERM, SIGINT or the end of the parent process.

    When clients can connect, one line of JSON goes to standard output: ``prefix``, ``port``,
    ``pid``. Everything else goes to standard error.

    Parameters
    ----------
    arguments : sequence of str, optional
        Command line; by default the process's own.

    Returns
    -------
    int
        Exit status: 0 after a wanted end, 1 after a failure while running, 2 for a bad option.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(name)s %(levelname)s: %(message)s",
    )
    if options.list_pvs:
        print(pv_page(SimulatedStation("$(P)", scene=make_scene(shape=(64, 64))).pvdb))
        return 0
    try:
        station = _station(options)
        asyncio.run(_serve(station, options.port or free_port(), options.parent))
    except (SceneError, FocalStackError, PortError, OptionError) as error:
        parser.error(str(error))
    except Exception as error:
        logging.getLogger(__name__).exception("The simulated station %s died", options.prefix)
        print(f"{parser.prog}: error: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


class OptionError(ValueError):
    """An option whose value the station cannot take."""


def _station(options: argparse.Namespace) -> SimulatedStation:
    if options.data_dir is not None and not options.data_dir.is_dir():
        raise OptionError(
            f"--data-dir: {options.data_dir} is not a folder; create it or give another one"
        )
    stage = None
    if options.stack is not None:
        stack = FocalStack.read(options.stack)
        scene = ReplayedScene(stack)
        stage = StageSettings.for_planes(stack.positions.tolist(), stack.unit)
    else:
        scene = make_scene(
            options.scene or DEFAULT_SCENE, seed=options.seed, shape=tuple(options.shape)
        )
    try:
        return SimulatedStation(
            options.prefix,
            scene=scene,
            stage=stage,
            data_directory=options.data_dir,
            data_type=options.data_type,
            bits=options.bits,
            seed=options.seed,
        )
    except ValueError as error:
        raise OptionError(f"--data-type, --bits: {error}") from error


async def _serve(station: SimulatedStation, port: int, parent: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def announce() -> None:
        line = {"prefix": station.prefix, "port": port, "pid": os.getpid()}
        print(json.dumps(line), flush=True)

    watch = asyncio.create_task(_stop_with_parent(parent, stop))
    try:
        await station.serve(port, ready=announce, stop=stop)
    finally:
        watch.cancel()


async def _stop_with_parent(parent: int | None, stop: asyncio.Event) -> None:
    """Stop when the parent has died: no IOC is left behind by a killed test or demo."""
    if parent is None:
        return
    is_child = os.getppid() == parent
    while (os.getppid() == parent) if is_child else _alive(parent):
        await asyncio.sleep(PARENT_CHECK_S)
    logging.getLogger(__name__).warning("Parent process %d is gone: ending", parent)
    stop.set()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m devices.sim",
        description="Serve a simulated autofocus station over Channel Access, on loopback only.",
    )
    parser.add_argument("--prefix", default="SIM:", type=_prefix, help="PV prefix (%(default)s)")
    sample = parser.add_mutually_exclusive_group()
    sample.add_argument("--scene", help=f"rendered scene ({DEFAULT_SCENE})")
    sample.add_argument("--stack", type=Path, metavar="DIR", help="replay a recorded focal stack")
    parser.add_argument(
        "--shape",
        nargs=2,
        type=_pixels,
        default=(1024, 1024),
        metavar=("ROWS", "COLUMNS"),
        help="size of a rendered frame (1024 1024)",
    )
    parser.add_argument("--data-type", choices=("UInt8", "UInt16"), default="UInt8")
    parser.add_argument("--bits", type=_natural, help="depth of the camera's converter")
    parser.add_argument("--seed", default=0, type=_natural, help="seed of scene and noise")
    parser.add_argument("--port", default=5064, type=_port, help="port (%(default)s); 0: any free")
    parser.add_argument("--data-dir", type=Path, help="only folder the camera may write to")
    parser.add_argument("--parent", type=_natural, metavar="PID", help="end when this process ends")
    parser.add_argument(
        "--list-pvs", action="store_true", help="print the PVs as Markdown and exit"
    )
    parser.add_argument("--verbose", action="store_true", help="log connections")
    return parser


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= 0")
    return int(text)


def _pixels(text: str) -> int:
    pixels = _natural(text)
    if not 16 <= pixels <= 4096:
        raise argparse.ArgumentTypeError(f"{pixels} pixels are too few or too many: 16 to 4096")
    return pixels


def _port(text: str) -> int:
    port = _natural(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"{port} is above 65535; give 1024 to 65535, or 0")
    return port


def _prefix(text: str) -> str:
    if not text or any(letter.isspace() for letter in text) or len(text) > 40:
        raise argparse.ArgumentTypeError(
            f"{text!r} cannot be a PV prefix; give 1 to 40 characters without spaces, like SIM:"
        )
    return text
