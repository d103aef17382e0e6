"""How much of everything is measured."""

from dataclasses import dataclass, replace

__all__ = ["FULL", "QUICK", "Sizes"]


@dataclass(frozen=True)
class Sizes:
    """Numbers of scenes and frames of the parts.

    Parameters
    ----------
    frame_scenes, frame_draws : int
        Held-out scenes of the single frames, and frames of each in every light and bin.
    fit_scenes : int
        Scenes of training textures on which the classical measures are fitted.
    stacks : int
        Scenes of the focal stacks.
    decision_scenes : int
        Scenes of the decision, 24 frames each.
    map_scenes : int
        Scenes of the maps, 9 pairs of frames each.
    guard_frames : int
        Blank, dark and saturated frames, each; three times as many good ones.
    repeats : int
        Calls of everything that is timed.
    """

    frame_scenes: int
    frame_draws: int
    fit_scenes: int
    stacks: int
    decision_scenes: int
    map_scenes: int
    guard_frames: int
    repeats: int

    def with_scenes(self, scenes: int) -> "Sizes":
        """Return the same with another number of scenes of single frames, stacks and maps.

        Parameters
        ----------
        scenes : int
            Of each; the stacks have half as many.

        Returns
        -------
        Sizes
            New sizes.
        """
        stacks = max(2, scenes // 2)
        return replace(self, frame_scenes=scenes, map_scenes=scenes, stacks=stacks)


FULL = Sizes(
    frame_scenes=36,
    frame_draws=2,
    fit_scenes=22,
    stacks=18,
    decision_scenes=432,
    map_scenes=24,
    guard_frames=1000,
    repeats=31,
)
"""What the goals are judged by."""

QUICK = Sizes(
    frame_scenes=6,
    frame_draws=1,
    fit_scenes=11,
    stacks=3,
    decision_scenes=24,
    map_scenes=6,
    guard_frames=60,
    repeats=15,
)
"""A look at everything in a minute or two; too few frames to judge by."""
