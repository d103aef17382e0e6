"""Sets of simulated scenes, and the shards that hold their examples."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from .own_images import OwnImage, read_own_images
from .plain import draw_plain_frames
from .scenes import TrainingFrame, draw_frames

__all__ = ["SHARD_SCENES", "Scenes", "Shard", "frames_of", "shards_of"]

SHARD_SCENES = 25
"""Scenes of a shard: half a minute of work, 6 MB."""


@dataclass(frozen=True)
class Scenes:
    """A set of scenes, each of which follows from its number and what is said here.

    Parameters
    ----------
    seed : int
        Seed.
    count : int
        Scenes 0 to count − 1.
    families : tuple of str
        Families of textures to draw from.
    images : tuple of str
        Bundled photographs to draw from.
    own : tuple of OwnImage
        Images of one's own to draw from.
    plain : bool
        Whether they are drawn by `plain.draw_plain_frames` instead of `scenes.draw_frames`.
    small : int
        Of the first so many scenes the end-to-end network's small frames are kept, too.
    """

    seed: int
    count: int
    families: tuple[str, ...]
    images: tuple[str, ...] = ()
    own: tuple[OwnImage, ...] = ()
    plain: bool = False
    small: int = 0


def frames_of(scenes: Scenes, numbers: Iterable[int]) -> Iterator[TrainingFrame]:
    """Draw the frames of some scenes.

    Parameters
    ----------
    scenes : Scenes
        The set.
    numbers : iterable of int
        Numbers of the scenes.

    Returns
    -------
    iterator of TrainingFrame
        One scene after the other.
    """
    if scenes.plain:
        each = (draw_plain_frames(scenes.seed, k, scenes.families) for k in numbers)
    else:
        own = read_own_images(scenes.own)
        each = (draw_frames(scenes.seed, k, scenes.families, scenes.images, own) for k in numbers)
    return chain.from_iterable(each)


@dataclass(frozen=True)
class Shard:
    """Some scenes of a set, and the files that hold their examples.

    Parameters
    ----------
    folder : Path
        Where the files are.
    scenes : Scenes
        The set.
    first, last : int
        Scenes first to last − 1.
    """

    folder: Path
    scenes: Scenes
    first: int
    last: int

    @property
    def path(self) -> Path:
        """File of the estimator's examples."""
        return self.folder / f"scenes-{self.first:06d}-{self.last - 1:06d}.npz"

    @property
    def small_path(self) -> Path | None:
        """File of the end-to-end network's examples; None if there are none."""
        if self.first >= self.scenes.small:
            return None
        return self.path.with_name("small-" + self.path.name)

    @property
    def origin(self) -> dict[str, Any]:
        """What decides the examples and nothing else, plain values."""
        said = asdict(self.scenes)
        del said["count"], said["small"]
        said["own"] = [image.sha256 for image in self.scenes.own]
        return said | {"first": self.first, "last": self.last}

    def frames(self) -> Iterator[TrainingFrame]:
        """Draw the frames, one scene after the other."""
        return frames_of(self.scenes, range(self.first, self.last))


def shards_of(folder: Path, scenes: Scenes) -> list[Shard]:
    """Divide a set of scenes.

    Parameters
    ----------
    folder : Path
        Where the files are.
    scenes : Scenes
        The set.

    Returns
    -------
    list of Shard
        In order of the scenes.
    """
    firsts = range(0, scenes.count, SHARD_SCENES)
    return [
        Shard(folder, scenes, first, min(first + SHARD_SCENES, scenes.count)) for first in firsts
    ]
