"""How one plane lies on another."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Motion"]


@dataclass(frozen=True)
class Motion:
    """How a plane lies on another: ``x' = c + m (x − c) + t`` with c the middle of the frame.

    Parameters
    ----------
    shift_px : (float, float)
        t along rows and columns, pixels.
    magnification : float
        m, 1 for none.
    shift_sigma_px : float
        Standard deviation of either shift.
    magnification_sigma : float
        Standard deviation of the magnification.
    """

    shift_px: tuple[float, float] = (0.0, 0.0)
    magnification: float = 1.0
    shift_sigma_px: float = 0.0
    magnification_sigma: float = 0.0

    def corner_sigma_px(self, corner_px: float) -> float:
        """Return how well the motion of a corner is known.

        Parameters
        ----------
        corner_px : float
            Distance of the corner from the middle, pixels.

        Returns
        -------
        float
            Standard deviation, pixels.
        """
        return float(np.hypot(self.shift_sigma_px, corner_px * self.magnification_sigma))

    def then(self, after: "Motion") -> "Motion":
        """Return this motion followed by another.

        Parameters
        ----------
        after : Motion
            From the plane on which this one ends.

        Returns
        -------
        Motion
            From the first plane to the last.
        """
        m = after.magnification
        row, col = (m * a + b for a, b in zip(self.shift_px, after.shift_px, strict=True))
        return Motion(
            (row, col),
            self.magnification * m,
            float(np.hypot(self.shift_sigma_px, after.shift_sigma_px)),
            float(np.hypot(self.magnification_sigma, after.magnification_sigma)),
        )

    def inverse(self) -> "Motion":
        """Return the way back.

        Returns
        -------
        Motion
            From the second plane to the first.
        """
        m = 1 / self.magnification
        row, col = self.shift_px
        return Motion((-row * m, -col * m), m, self.shift_sigma_px, self.magnification_sigma)
