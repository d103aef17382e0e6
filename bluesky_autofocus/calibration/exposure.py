"""Whether the frames of a sweep were exposed well."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ExposureAdvice", "advise_exposure"]

BRIGHT_QUANTILE = 0.999
WANTED_LEVEL, LOWEST_LEVEL, HIGHEST_LEVEL = 0.7, 0.35, 0.95
MOST_SATURATED = 1e-3
LONGEST_FACTOR = 20.0


@dataclass(frozen=True)
class ExposureAdvice:
    """What to do with the exposure time.

    Parameters
    ----------
    factor : float
        To multiply the exposure time with; 1 where it is fine.
    level : float
        Level of the brightest pixels (99.9th percentile of the brightest frame) as a fraction of
        full scale.
    saturated_fraction : float
        Share of pixels at full scale in the frame that has most of them.
    """

    factor: float
    level: float
    saturated_fraction: float

    @property
    def said(self) -> str:
        """In words."""
        seen = (
            f"brightest pixels at {self.level:.0%} of full scale, "
            f"{self.saturated_fraction:.2%} saturated"
        )
        if self.factor == 1:
            return f"fine: {seen}"
        verb = "shorten" if self.factor < 1 else "lengthen"
        return f"{verb} it to {self.factor:.2g} times: {seen}"


def advise_exposure(frames: Iterable[NDArray[np.number]], full_scale: float) -> ExposureAdvice:
    """Look at the histograms of all frames.

    Parameters
    ----------
    frames : iterable of numpy.ndarray
        Grey levels, shape (rows, cols) each; at least one.
    full_scale : float
        Grey level at which the camera saturates.

    Returns
    -------
    ExposureAdvice
        Half the time where more than 0.1 % of a frame is saturated, as nobody sees how much light
        is missing; else the factor that brings the brightest pixels to 70 %, if they are below 35 %
        or above 95 %, at most 20.
    """
    seen = [
        (float(np.quantile(frame, BRIGHT_QUANTILE)), np.count_nonzero(frame >= full_scale))
        + (frame.size,)
        for frame in frames
    ]
    level = max(bright for bright, _, _ in seen) / full_scale
    saturated = max(count / size for _, count, size in seen)
    factor = 1.0
    if saturated > MOST_SATURATED:
        factor = 0.5
    elif not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
        factor = min(WANTED_LEVEL / max(level, 1e-9), LONGEST_FACTOR)
    return ExposureAdvice(factor, level, saturated)
