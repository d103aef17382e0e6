"""Aberrations of the pupil, and the transfer function that they and defocus make together."""

from dataclasses import astuple, dataclass
from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError
from .fourier import autocorrelation, fast_length

__all__ = ["Aberrations", "aberrated_otf"]

LARGEST_WAVES = 2.0
SMALLEST_RADIUS = 96
LARGEST_GRID = 4096


@dataclass(frozen=True)
class Aberrations:
    """Zernike coefficients of the wavefront, in waves of root-mean-square error.

    Normalised as by Noll [1]_, so that the total error is the root of the sum of squares.

    Parameters
    ----------
    spherical : float, default 0
        Primary spherical aberration, Z11 = √5 (6ρ⁴ − 6ρ² + 1).
    coma_x, coma_y : float, default 0
        Primary coma, Z8 and Z7 = √8 (3ρ³ − 2ρ) cos θ, sin θ.
    astigmatism, oblique_astigmatism : float, default 0
        Primary astigmatism, Z6 and Z5 = √6 ρ² cos 2θ, sin 2θ.

    Raises
    ------
    SceneError
        If a coefficient is not finite or beyond 2 waves.

    References
    ----------
    .. [1] R. J. Noll, J. Opt. Soc. Am. 66, 207-211 (1976), table I.
    """

    spherical: float = 0.0
    coma_x: float = 0.0
    coma_y: float = 0.0
    astigmatism: float = 0.0
    oblique_astigmatism: float = 0.0

    def __post_init__(self) -> None:
        """Check every coefficient."""
        for name, value in vars(self).items():
            if not (isfinite(value) and abs(value) <= LARGEST_WAVES):
                raise SceneError(
                    f"{name} is {value} waves; it must lie within ±{LARGEST_WAVES:g}. "
                    "Give the root-mean-square error in waves; a good objective has below 0.07."
                )

    def __bool__(self) -> bool:
        """Tell whether there is any aberration."""
        return any(astuple(self))

    def wavefront(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
        """Wavefront error over the pupil.

        Parameters
        ----------
        x, y : numpy.ndarray
            Pupil coordinates, 1 at the rim; broadcast against one another.

        Returns
        -------
        numpy.ndarray
            Error in waves, broadcast shape.
        """
        r2 = x**2 + y**2
        coma = np.sqrt(8) * (3 * r2 - 2)
        return (
            self.spherical * np.sqrt(5) * (6 * r2**2 - 6 * r2 + 1)
            + coma * (self.coma_x * x + self.coma_y * y)
            + np.sqrt(6) * (self.astigmatism * (x**2 - y**2) + self.oblique_astigmatism * 2 * x * y)
        )


def aberrated_otf(
    shape: tuple[int, int], sampling_q: float, waves: float, aberrations: Aberrations
) -> NDArray[np.complex64] | None:
    """Transfer function of an aberrated, defocused pupil on the frequency grid of an image.

    The pupil is sampled on a whole fraction of the image's frequency step, fine enough that the
    blur does not overlap its own copies, and correlated with itself by FFT.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the image.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.
    waves : float
        Defocus at the rim of the pupil, in wavelengths.
    aberrations : Aberrations
        Added to the defocus.

    Returns
    -------
    numpy.ndarray or None
        Shape (rows, cols // 2 + 1), complex64, laid out as by ``rfft2``. None where defocus needs a
        pupil grid beyond 4096 points: there it hides any aberration.
    """
    # By geometry blur is 4Wλ/NA across, that is 16W/q pixels; a third more is left as margin.
    blur_px = 1.3 * 16 * abs(waves) / sampling_q + 16
    radii = [n * sampling_q / 4 for n in shape]
    fractions = [
        max(1, ceil(blur_px / n), ceil(SMALLEST_RADIUS / radius))
        for n, radius in zip(shape, radii, strict=True)
    ]
    radii = [radius * m for radius, m in zip(radii, fractions, strict=True)]
    grid = [fast_length(int(4 * radius) + 6) for radius in radii]
    if max(grid) > LARGEST_GRID:
        return None
    pupil = _pupil(grid, radii, waves, aberrations)
    otf = autocorrelation(pupil)
    rows = np.fft.fftfreq(shape[0], 1 / shape[0]).astype(int) * fractions[0]
    cols = np.arange(shape[1] // 2 + 1) * fractions[1]
    inside_rows, inside_cols = np.abs(rows) < grid[0] // 2, cols < grid[1] // 2
    out = np.zeros((rows.size, cols.size), dtype=np.complex64)
    out[np.ix_(inside_rows, inside_cols)] = otf[np.ix_(rows[inside_rows], cols[inside_cols])]
    return out / np.float32(otf[0, 0].real)


def _pupil(
    grid: list[int], radii: list[float], waves: float, aberrations: Aberrations
) -> NDArray[np.complex64]:
    """Sample the pupil, with the rim smoothed over one sample to round off its staircase."""
    y = (np.fft.fftfreq(grid[0], 1 / grid[0]) / radii[0])[:, None]
    x = (np.fft.fftfreq(grid[1], 1 / grid[1]) / radii[1])[None, :]
    radius = np.hypot(x, y)
    cover = np.clip((1 - radius) * min(radii) + 0.5, 0, 1)
    error = waves * radius**2 + aberrations.wavefront(x, y)
    return np.asarray(cover * np.exp(2j * np.pi * error), dtype=np.complex64)
