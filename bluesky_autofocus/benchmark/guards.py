"""Whether frames that tell nothing are flagged, and good ones are not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .conditions import Conditions
from .distance_bins import EDGES_DOF, bin_index
from .estimators import estimator_of
from .focus_decision import ErrorRate, error_rate
from .guard_frames import FRAMES_OF_SCENE, KINDS, guard_frames
from .scenes import Scene, SceneSpec, draw_scenes

__all__ = ["Flagged", "Guards", "flagged", "guards"]

SIDES_PX = (512, 768, 1024)
CONTRAST = (0.1, 1.0)
GOOD = "good"
# As many good frames as blank, dark and saturated ones together.
GOOD_TIMES = 3


@dataclass(frozen=True)
class Flagged:
    """What became of the frames of one kind.

    Parameters
    ----------
    frames : int
        How many.
    share_flagged : float
        Share that was given any validity but good.
    wrong : ErrorRate
        Bad frames that were not flagged, or good ones that were.
    validity : dict
        From a validity to the number of frames with it.
    share_flagged_by_bin : tuple of float
        By bin of ``|U|``, from focus outwards to 50 depths of field; NaN where a bin is empty.
    """

    frames: int
    share_flagged: float
    wrong: ErrorRate
    validity: dict[str, int]
    share_flagged_by_bin: tuple[float, ...]


@dataclass(frozen=True)
class Guards:
    """Frames by kind.

    Parameters
    ----------
    blank, dark, saturated : Flagged
        No object; a signal of at most 2 grey levels; more than 10 % of the pixels clipped.
    good : Flagged
        Contrast 0.1 to 1, U to ±50, mean light 5 to 80 % of full well.
    """

    blank: Flagged
    dark: Flagged
    saturated: Flagged
    good: Flagged


def guards(conditions: Conditions, *, frames: int, sides_px: Sequence[int] = SIDES_PX) -> Guards:
    """Show the estimator bad frames and good ones.

    Parameters
    ----------
    conditions : Conditions
        Seed, weights, processes, progress.
    frames : int
        Of each bad kind at least, and three times as many good ones.
    sides_px : sequence of int, optional
        Rows and columns of the frames, in turn; default: 512, 768 and 1024.

    Returns
    -------
    Guards
        What was flagged.
    """
    out = {}
    for kind in KINDS:
        wanted = frames * (GOOD_TIMES if kind == GOOD else 1)
        count = -(-wanted // FRAMES_OF_SCENE)
        by_side = [
            draw_scenes(conditions.seed, "guards", count, side_px=side, contrast=CONTRAST)
            for side in sides_px
        ]
        specs = [by_side[k % len(by_side)][k] for k in range(count)]
        judge = partial(_validities, weights=conditions.weights, kind=kind)
        said = conditions.each(judge, specs, f"{kind} frames")
        out[kind] = flagged(said, bad=kind != GOOD)
    return Guards(**out)


def flagged(said: Sequence[tuple[str, float]], *, bad: bool) -> Flagged:
    """Count what was said of the frames of one kind.

    Parameters
    ----------
    said : sequence of (str, float)
        Validity and true defocus of each frame.
    bad : bool
        Whether they should have been flagged.

    Returns
    -------
    Flagged
        The counts.
    """
    flags = [validity != GOOD for validity, _ in said]
    where = bin_index([u for _, u in said])
    bins = []
    for k in range(len(EDGES_DOF) - 2):
        inside = [flag for flag, b in zip(flags, where, strict=True) if b == k]
        bins.append(sum(inside) / len(inside) if inside else float("nan"))
    return Flagged(
        frames=len(flags),
        share_flagged=sum(flags) / len(flags),
        wrong=error_rate([flag != bad for flag in flags]),
        validity=dict(Counter(validity for validity, _ in said)),
        share_flagged_by_bin=tuple(bins),
    )


def _validities(spec: SceneSpec, weights: Path | None, kind: str) -> list[tuple[str, float]]:
    estimator = estimator_of(Scene(spec), weights)
    return [
        (str(estimator.summary(shot.frame).validity), shot.u_dof)
        for shot in guard_frames(spec, kind)
    ]
