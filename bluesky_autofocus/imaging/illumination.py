"""Light on the sample: its level, and how unevenly it falls."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError

__all__ = ["Illumination"]


@dataclass(frozen=True)
class Illumination:
    """Light that reaches the sensor from a sample of mean radiance 1.

    Parameters
    ----------
    level : float, default 0.4
        Mean of the frame as a fraction of full well, >= 0.
    shading : float, default 0
        Relative fall of the light from one corner to the opposite one, 0 to 1.
    vignetting : float, default 0
        Relative fall of the light from the centre to the corners, 0 to 1.

    Raises
    ------
    SceneError
        If a value is out of its range.
    """

    level: float = 0.4
    shading: float = 0.0
    vignetting: float = 0.0

    def __post_init__(self) -> None:
        """Check every value."""
        if not (isfinite(self.level) and self.level >= 0):
            raise SceneError(
                f"level is {self.level}; it must be finite and at least 0. "
                "Give the mean of the frame as a fraction of full well, such as 0.4."
            )
        for name in ("shading", "vignetting"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise SceneError(
                    f"{name} is {value}; it must be at least 0 and below 1. "
                    "Give the relative fall of the light, such as 0.2."
                )

    def field(self, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Light over the frame, as a factor on the radiance of the sample.

        Parameters
        ----------
        shape : (int, int)
            Rows and columns.

        Returns
        -------
        numpy.ndarray
            Shape `shape`, float32, mean `level`.
        """
        y = np.linspace(-1, 1, shape[0])[:, None]
        x = np.linspace(-1, 1, shape[1])[None, :]
        fall = (1 - self.vignetting * (x**2 + y**2) / 2) * (1 - self.shading * (x + y + 2) / 4)
        return np.asarray(self.level * fall / fall.mean(), dtype=np.float32)
