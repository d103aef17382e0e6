"""One process, or many that `torchrun` started on one node or several."""

import importlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import nn

from ...errors import AutofocusError, TrainingError

__all__ = ["Processes", "checked_device", "joined"]

Answer = TypeVar("Answer")

# Processes do the same in step, so this is far longer than any of them waits for another.
TIMEOUT_S = 1800.0
POLL_S = 0.2


@dataclass(frozen=True)
class Processes:
    """The processes that train together, seen from one of them.

    Parameters
    ----------
    rank, world : int
        Number of this process, and how many there are.
    device : str
        Where this one computes.
    """

    rank: int
    world: int
    device: str

    def everywhere(self, action: Callable[[], Answer]) -> Answer:
        """Do something in all processes; what fails in one fails in all.

        Parameters
        ----------
        action : callable
            What to do here.

        Returns
        -------
        object
            What this process's action gave, once all have done theirs.

        Raises
        ------
        AutofocusError
            This process's own, or a `TrainingError` that tells another's.
        """
        answer: Answer | None = None
        error: AutofocusError | None = None
        try:
            answer = action()
        except AutofocusError as raised:
            error = raised
        said = self.gathered(None if error is None else str(error))
        if error is not None:
            raise error
        for rank, other in enumerate(said):
            if other is not None:
                raise TrainingError(f"Process {rank} of {self.world}: {other}")
        return answer  # pyright: ignore[reportReturnType]

    def same(self, net: nn.Module, name: str) -> None:
        """See that all processes hold the same weights.

        Parameters
        ----------
        net : torch.nn.Module
            Any network.
        name : str
            What it is called in the error.

        Raises
        ------
        TrainingError
            If they differ.
        """
        digest = sha256()
        for value in net.state_dict().values():
            digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        if len(set(self.gathered(digest.hexdigest()))) > 1:
            raise TrainingError(
                f"The {self.world} processes ended with different weights of the network for "
                f"{name}. Use the same versions of all packages on all nodes, and one folder that "
                "all see; then train in a new folder."
            )

    def wait_for(self, paths: Sequence[Path], patience_s: float) -> None:
        """Wait for files that other processes make.

        Parameters
        ----------
        paths : sequence of Path
            The files.
        patience_s : float
            How long to wait for the next one, seconds.

        Raises
        ------
        TrainingError
            If none came for that long.
        """
        missing = [path for path in paths if not path.exists()]
        deadline = time.monotonic() + patience_s
        while missing:
            if time.monotonic() > deadline:
                raise TrainingError(
                    f"No other process has made {missing[0]} or any more examples for "
                    f"{patience_s:g} s. See that all nodes run and see the same folder, and start "
                    "the same command again; it goes on where it was."
                )
            time.sleep(POLL_S)
            left = [path for path in missing if not path.exists()]
            if len(left) < len(missing):
                deadline = time.monotonic() + patience_s
            missing = left

    def gathered(self, said: Any) -> list[Any]:
        """Tell all processes something.

        Parameters
        ----------
        said : object
            What this one says.

        Returns
        -------
        list
            What each says, by rank.
        """
        if self.world == 1:
            return [said]
        answers: list[Any] = [None] * self.world
        dist.all_gather_object(answers, said)
        return answers


def checked_device(device: str) -> str:
    """Check that torch can compute somewhere.

    Parameters
    ----------
    device : str
        ``cpu``, or ``cuda`` or ``cuda:N``.

    Returns
    -------
    str
        The device.

    Raises
    ------
    TrainingError
        If it is another one, or not there.
    """
    try:
        kind = torch.device(device).type
    except RuntimeError:
        kind = ""
    if kind not in ("cpu", "cuda"):
        raise TrainingError(f"The device is {device!r}. Give cpu, cuda or cuda:N.")
    if kind == "cuda" and not torch.cuda.is_available():
        raise TrainingError(
            f"The device is {device!r}, but torch finds no CUDA here. Give cpu, or install a build "
            "of torch with CUDA."
        )
    return device


@contextmanager
def joined(device: str = "cpu") -> Iterator[Processes]:
    """Join the processes that `torchrun` started, over gloo, or nccl for CUDA.

    Parameters
    ----------
    device : str, default "cpu"
        Where to compute; with several processes on a node ``cuda`` means one GPU each.

    Yields
    ------
    Processes
        This process alone if `torchrun` did not start it.

    Raises
    ------
    TrainingError
        If the device is not there, or the other processes do not answer.
    """
    checked_device(device)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Processes(0, 1, device)
        return
    # An optimizer imports it. While a group is open its functions would keep that group as a
    # parameter's default: the group's threads outlived the interpreter, and aborted the process.
    importlib.import_module("torch.distributed.nn.functional")
    backend = "gloo"
    if device == "cuda":
        backend, device = "cpu:gloo,cuda:nccl", f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(device)
    try:
        dist.init_process_group(backend, timeout=timedelta(seconds=TIMEOUT_S))
    except (dist.DistError, RuntimeError, ValueError) as error:
        raise TrainingError(
            f"The {world} processes cannot be joined: {error}. Start them with torchrun."
        ) from error
    try:
        yield Processes(dist.get_rank(), world, device)
    finally:
        dist.destroy_process_group()
