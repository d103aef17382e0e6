"""What one frame says of every cell of a field."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..belief import FrameSpectrum, SpectrumLayout
from ..belief.observation import CONDITIONS
from ..estimator import SharpnessEstimator
from ..estimator.distribution import BINS
from ..estimator.sharpness_map import SharpnessMap
from ..estimator.validity import Validity, code_of
from ..measurement import Condition, Measurement
from .cell_spectra import CELL_PX, CellGrid, cell_power
from .local_power import LocalPower, local_power

__all__ = [
    "NARROW_PX",
    "WINDOW_PX",
    "FieldObservation",
    "field_observation_of",
    "observe_field",
]

WINDOW_PX = 2 * CELL_PX
"""A Hann window of this side sees its cell, and a little of those beside it."""

NARROW_PX = CELL_PX
"""One that sees less of them, and less blur."""

# Cells that the estimator is uncertain of it errs in alike, however sharp its distribution.
UNCERTAIN_DOUBT = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class FieldObservation(Measurement):
    """A measurement that says of each cell how far from focus it is, and its spectrum.

    Parameters
    ----------
    sharpness, mean_fraction, saturated_fraction, condition
        As `Measurement`; of the frame as a whole.
    grid : CellGrid
        Where the cells lie.
    power, narrow_power : numpy.ndarray
        Spectrum of each cell through a window of `WINDOW_PX` and of `NARROW_PX`, shape
        (rows, cols, bands), as `cell_power` gives it.
    coarse : LocalPower
        Power around each cell in bands that are too coarse for a window, and the light there.
    probabilities : numpy.ndarray
        The estimator's distribution of each cell over `distribution.GRID_U_DOF`, shape
        (rows, cols, 57); more even where it is uncertain.
    sampling_q : float
        Sampling of the imaging system: sample pixel over ``λ / 4 NA``.
    """

    grid: CellGrid
    power: NDArray[np.float64]
    narrow_power: NDArray[np.float64]
    coarse: LocalPower
    probabilities: NDArray[np.float32]
    sampling_q: float

    @cached_property
    def spectra(self) -> list[list[FrameSpectrum]]:
        """Spectrum of each cell through the wide window, by row and column."""
        return _cell_spectra(self.power, self.grid.layout(WINDOW_PX))

    @cached_property
    def narrow_spectra(self) -> list[list[FrameSpectrum]]:
        """Spectrum of each cell through the narrow window, by row and column."""
        return _cell_spectra(self.narrow_power, self.grid.layout(NARROW_PX))

    @property
    def is_number(self) -> bool:
        """Whether everything in it can be calculated with."""
        return bool(
            np.isfinite(self.power).all()
            and np.isfinite(self.narrow_power).all()
            and np.isfinite(self.coarse.power).all()
            and self.probabilities.shape == (*self.grid.shape, BINS)
            and np.isfinite(self.probabilities).all()
            and np.isfinite(self.saturated_fraction)
        )


def _cell_spectra(power: NDArray[np.float64], layout: SpectrumLayout) -> list[list[FrameSpectrum]]:
    return [[FrameSpectrum(layout, cell) for cell in row] for row in power]


def observe_field(frame: ArrayLike, estimator: SharpnessEstimator) -> FieldObservation:
    """Measure all that the belief over a field needs of a frame.

    Parameters
    ----------
    frame : array_like
        Grey levels, shape (rows, cols), at least 64 each.
    estimator : SharpnessEstimator
        Of the imaging system that took the frame.

    Returns
    -------
    FieldObservation
        Spectrum and distribution of every cell, and the light.

    Raises
    ------
    FrameError
        If the frame cannot be estimated, or is smaller.
    """
    array = np.asarray(frame)
    return field_observation_of(array, estimator(array), estimator.optics.sampling_q)


def field_observation_of(
    frame: NDArray[np.number], seen: SharpnessMap, sampling_q: float
) -> FieldObservation:
    """Make an observation of a frame whose map is known already.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols), at least 64 each.
    seen : SharpnessMap
        What the estimator says about it.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    FieldObservation
        Of the frame.
    """
    whole, grid = seen.summary, CellGrid(*frame.shape)
    uncertain = seen.validity_codes[..., None] == code_of(Validity.UNCERTAIN)
    doubt = np.where(uncertain, UNCERTAIN_DOUBT, 0.0)
    return FieldObservation(
        sharpness=whole.sharpness,
        mean_fraction=whole.mean_fraction,
        saturated_fraction=whole.saturated_fraction,
        condition=CONDITIONS.get(whole.validity, Condition.GOOD),
        grid=grid,
        power=cell_power(frame, grid, WINDOW_PX),
        narrow_power=cell_power(frame, grid, NARROW_PX),
        coarse=local_power(frame, grid),
        probabilities=np.asarray(
            seen.probabilities + doubt * (1 / BINS - seen.probabilities), np.float32
        ),
        sampling_q=sampling_q,
    )
