"""What a training is asked to do, checked before anything is computed."""

import os
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Self

from bluesky_autofocus.errors import TrainingError
from bluesky_autofocus.estimator.training.options import TrainingOptions
from bluesky_autofocus.estimator.training.own_images import find_own_images
from bluesky_autofocus.estimator.training.processes import checked_device
from bluesky_autofocus.evaluation import read_optics_file
from bluesky_autofocus.optics import Optics

__all__ = ["TrainRequest"]

FINE_TUNING_SCENES, FINE_TUNING_CALIBRATION_SCENES = 250, 100


@dataclass(frozen=True)
class TrainRequest:
    """A training that can be run.

    Parameters
    ----------
    out : Path
        Folder for everything.
    options : TrainingOptions
        What to learn.
    workers : int
        Processes that make scenes.
    device : str
        Where to fit.
    runs : tuple of str
        Runs of the catalog to fine-tune on.
    stacks : tuple of Path
        Stacks to fine-tune on.
    weights : Path or None
        What to fine-tune; None takes the shipped ones.
    optics : Optics or None
        What took the sweeps; None if they say it themselves.
    focus : tuple of float
        Where focus is in each sweep; empty if nobody knows.
    force : bool
        Whether to save weights that got worse.
    """

    out: Path
    options: TrainingOptions
    workers: int
    device: str
    runs: tuple[str, ...]
    stacks: tuple[Path, ...]
    weights: Path | None
    optics: Optics | None
    focus: tuple[float, ...]
    force: bool

    @property
    def fine_tuning(self) -> bool:
        """Whether there are sweeps to fine-tune on."""
        return bool(self.runs or self.stacks)

    @classmethod
    def checked(
        cls,
        *,
        out: Path | None,
        scenes: int | None,
        calibration_scenes: int | None,
        seed: int,
        workers: int | None,
        images: Path | None,
        epochs_scale: float,
        end_to_end: bool,
        device: str,
        runs: list[str],
        stacks: list[Path],
        weights: Path | None,
        optics: Path | None,
        focus: list[float],
        force: bool,
    ) -> Self:
        """Check the options of the command.

        Parameters
        ----------
        out, scenes, calibration_scenes, seed, workers, images, epochs_scale, end_to_end, device
            The options as given.
        runs, stacks, weights, optics, focus, force
            Those of fine-tuning.

        Returns
        -------
        TrainRequest
            What to run.

        Raises
        ------
        AutofocusError
            What is wrong, with the value, the limit and what to do.
        """
        sweeps = len(runs) + len(stacks)
        of_sweeps = {"--from": weights, "--optics": optics, "--focus": focus, "--force": force}
        given = [name for name, value in of_sweeps.items() if value]
        if given and not sweeps:
            raise TrainingError(
                f"{given[0]} is for fine-tuning, but there are no sweeps. Give --runs or --stacks."
            )
        if sweeps and int(os.environ.get("WORLD_SIZE", "1")) > 1:
            raise TrainingError("Fine-tuning is done by one process. Start it without torchrun.")
        if focus and len(focus) != sweeps:
            raise TrainingError(
                f"--focus was given {len(focus)} times, for {sweeps} sweeps. Give one for each, "
                "runs first, or none."
            )
        if not all(isfinite(z) for z in focus):
            raise TrainingError(f"--focus {focus} is not finite. Give a position.")
        if workers is not None and workers < 1:
            raise TrainingError(f"--workers is {workers}; give 1 or more.")
        usual = TrainingOptions()
        fewer = (FINE_TUNING_SCENES, FINE_TUNING_CALIBRATION_SCENES)
        default = fewer if sweeps else (usual.scenes, usual.calibration_scenes)
        options = TrainingOptions(
            scenes=default[0] if scenes is None else scenes,
            calibration_scenes=default[1] if calibration_scenes is None else calibration_scenes,
            seed=seed,
            own=() if images is None else find_own_images(images),
            epochs_scale=epochs_scale,
            end_to_end=end_to_end and not sweeps,
        )
        cores = len(os.sched_getaffinity(0)) // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        return cls(
            out=out or Path("fine-tuning" if sweeps else "training"),
            options=options,
            workers=workers or max(1, cores),
            device=checked_device(device),
            runs=tuple(runs),
            stacks=tuple(stacks),
            weights=weights,
            optics=None if optics is None else read_optics_file(optics),
            focus=tuple(focus),
            force=force,
        )
