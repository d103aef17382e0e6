"""What a training is asked to do."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from ...errors import TrainingError
from ..families import CALIBRATION, TRAINING, TRAINING_IMAGES
from ..networks import Widths
from .own_images import OwnImage
from .scene_sets import Scenes
from .shards import FORMAT
from .trainer import Schedule

__all__ = ["TrainingOptions"]

SCHEDULES = {
    "summary": Schedule(epochs=14, rate=2e-3, decay=0.05),
    "maps": Schedule(epochs=6, rate=2e-3),
    "pairs": Schedule(epochs=4, rate=2e-3),
}
END_TO_END_EPOCHS = 6
# More frames than that make its wrong directions no fewer.
END_TO_END_SCENES = 640
# Calibration draws other numbers than training, though its families differ anyway.
CALIBRATION_SEED = 76
PLAIN_SHARE = 0.4
FEWEST_SCENES, FEWEST_CALIBRATION_SCENES, MOST_SCENES = 2, 10, 1_000_000
LARGEST_SEED = 2**31 - 1
EPOCHS_SCALES = (0.01, 100.0)


@dataclass(frozen=True)
class TrainingOptions:
    """Everything that decides the weights, but for the number of processes.

    Parameters
    ----------
    scenes : int
        Simulated scenes to learn from, four frames each.
    seed : int
        Decides the scenes, the first weights and the order.
    own : tuple of OwnImage
        Images of one's own to draw scenes from, beside the bundled ones.
    epochs_scale : float
        Factor on the passes over the examples.
    calibration_scenes : int
        Scenes of other families by which confidence is scaled, four frames each, and ⅖ as many
        plain ones of twelve frames.
    end_to_end : bool
        Whether the end-to-end network is fitted, too, on the first 640 scenes.
    widths : Widths
        Sizes of the networks.

    Raises
    ------
    TrainingError
        If one of them cannot be.
    """

    scenes: int = 8_000
    seed: int = 1
    own: tuple[OwnImage, ...] = ()
    epochs_scale: float = 1.0
    calibration_scenes: int = 300
    end_to_end: bool = True
    widths: Widths = field(default_factory=Widths)

    def __post_init__(self) -> None:
        for name, fewest in (
            ("scenes", FEWEST_SCENES), ("calibration_scenes", FEWEST_CALIBRATION_SCENES)
        ):  # fmt: skip
            count = getattr(self, name)
            if not fewest <= count <= MOST_SCENES:
                raise TrainingError(f"{name} is {count}; give {fewest} to {MOST_SCENES}.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise TrainingError(f"The seed is {self.seed}; give 0 to {LARGEST_SEED}.")
        low, high = EPOCHS_SCALES
        if not (isfinite(self.epochs_scale) and low <= self.epochs_scale <= high):
            raise TrainingError(
                f"The factor on the epochs is {self.epochs_scale}; give {low:g} to {high:g}."
            )

    @property
    def sets(self) -> dict[str, Scenes]:
        """Sets of scenes by name: those to learn from, and two to calibrate on."""
        seed = self.seed + CALIBRATION_SEED
        plain = round(PLAIN_SHARE * self.calibration_scenes)
        small = min(self.scenes, END_TO_END_SCENES) if self.end_to_end else 0
        return {
            "training": Scenes(
                self.seed, self.scenes, TRAINING, TRAINING_IMAGES, self.own, small=small
            ),
            "varied": Scenes(seed, self.calibration_scenes, CALIBRATION),
            "plain": Scenes(seed, plain, CALIBRATION, plain=True),
        }

    def schedule(self, network: str) -> Schedule:
        """Return how long and how fast a network learns.

        Parameters
        ----------
        network : str
            ``summary``, ``maps`` or ``pairs``.

        Returns
        -------
        Schedule
            At least one epoch.
        """
        usual = SCHEDULES[network]
        return Schedule(self._epochs(usual.epochs), usual.rate, usual.decay, usual.average)

    @property
    def end_to_end_epochs(self) -> int:
        """Passes of the end-to-end network over its examples."""
        return self._epochs(END_TO_END_EPOCHS)

    def _epochs(self, usual: int) -> int:
        return max(1, round(self.epochs_scale * usual))

    def as_dict(self) -> dict[str, Any]:
        """Return the options as plain values, with all that they mean.

        Returns
        -------
        dict
            Own images by their checksums.
        """
        return {
            "format": FORMAT,
            "scenes": self.scenes,
            "seed": self.seed,
            "own_images": [image.sha256 for image in self.own],
            "epochs_scale": self.epochs_scale,
            "calibration_scenes": self.calibration_scenes,
            "end_to_end_epochs": self.end_to_end_epochs if self.end_to_end else None,
            "widths": self.widths.as_dict(),
            "schedules": {name: vars(self.schedule(name)) for name in SCHEDULES},
        }
