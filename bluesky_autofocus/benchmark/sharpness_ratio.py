"""The sharpness ratio: how alike the peaks of focal stacks are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["SharpnessRatio", "sharpness_ratio"]


@dataclass(frozen=True)
class SharpnessRatio:
    """Ratios of the peaks of focal stacks, 1 where all are alike.

    Parameters
    ----------
    all_stacks : float
        Largest ratio over all stacks and lights.
    same_scene_median, same_scene_worst : float
        Of each scene the ratio over its lights; median and worst of the scenes.
    """

    all_stacks: float
    same_scene_median: float
    same_scene_worst: float


def sharpness_ratio(peaks: ArrayLike) -> SharpnessRatio:
    """Return ``SR = S_peaks / min(S_peaks)`` [1]_ at its largest.

    Parameters
    ----------
    peaks : array_like, shape (scenes, lights)
        Largest value of a measure over each focal stack.

    Returns
    -------
    SharpnessRatio
        NaN where a peak is not above 0, as a ratio then says nothing.

    References
    ----------
    .. [1] Supplement to "Optical Model-Driven Sharpness Mapping for Autofocus in Small
       Depth-of-Field and Severe Defocus Scenarios", eq. 1.
    """
    s = np.asarray(peaks, dtype=float)
    if not (s > 0).all():
        return SharpnessRatio(np.nan, np.nan, np.nan)
    by_scene = s.max(axis=1) / s.min(axis=1)
    return SharpnessRatio(
        all_stacks=float(s.max() / s.min()),
        same_scene_median=float(np.median(by_scene)),
        same_scene_worst=float(by_scene.max()),
    )
