"""How fast blur grows with the distance from focus, where nobody knows the optics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..evaluation import ONE_SIGMA, Estimate, Estimator, Sampling, fit_focus, fit_sampling
from ..evaluation.sampling_fit import Distribution
from ..optics import Optics
from .arrival import Arrival
from .sharpness_curve import FEWEST_PLANES

__all__ = ["SAMPLINGS", "BlurRate", "fit_blur_rate"]

SAMPLINGS: tuple[Sampling, ...] = tuple(
    Sampling(q, 1) for q in (1.0, 0.7, 0.85, 1.2, 1.4, 1.7, 2.0, 2.4)
)
"""What is tried: what a station's search can work with, which is frames as they are."""

# What the fits themselves do not see: a texture biases all planes alike, and of sampling and depth
# of field each makes up for the other. Measured in docs/explanations/calibration.md.
RATE_SHARE, DEPTH_SHARE = 0.08, 0.5
LARGEST_SHARE = 0.3

WAVELENGTH_UM = 0.55
GREATEST_APERTURE_IN_AIR = 0.95
IMMERSION_INDEX = 1.518


class Summary(Estimate, Distribution, Protocol):
    """What one frame says, with its whole distribution."""


class StationEstimator(Estimator, Protocol):
    """What makes a summary; `bluesky_autofocus.estimator.SharpnessEstimator` does."""

    def summary(self, frame: NDArray[np.number]) -> Summary:
        """Estimate one frame.

        Parameters
        ----------
        frame : numpy.ndarray
            Grey levels, shape (rows, cols).

        Returns
        -------
        Summary
            What it says.
        """
        ...


@dataclass(frozen=True)
class BlurRate:
    """What a sweep says of the optics.

    Parameters
    ----------
    focus, focus_std : float
        Where focus is, and its standard error, in the stage's unit.
    depth_of_field, fit_std : float
        Length of a depth of field that fits, and the fit's own standard error, in the stage's unit.
    sampling : Sampling
        How finely the frames are sampled.
    """

    focus: float
    focus_std: float
    depth_of_field: float
    fit_std: float
    sampling: Sampling

    @property
    def depth_of_field_std(self) -> float:
        """Standard error of the depth of field: large, as the sampling is not well told."""
        return hypot(self.fit_std, DEPTH_SHARE * self.depth_of_field)

    @property
    def pixels_per_unit(self) -> float:
        """Growth of the blur disc's diameter with distance, pixels for one stage unit.

        ``(8 / q + 2) / DoF``, which is ``2 NA / (n e)`` for a pixel e on the sample.
        """
        return (8 / self.sampling.recorded_q + 2) / self.depth_of_field

    @property
    def pixels_per_unit_std(self) -> float:
        """Standard error of the growth."""
        return self.pixels_per_unit * hypot(self.fit_std / self.depth_of_field, RATE_SHARE)

    def effective_optics(
        self,
        um_per_unit: float,
        *,
        sample_pixel_um: float | None = None,
        wavelength_um: float = WAVELENGTH_UM,
        refractive_index: float = 1.0,
    ) -> Optics:
        """Return optics with which the frames blur as they did.

        Parameters
        ----------
        um_per_unit : float
            Length of the stage's unit, µm.
        sample_pixel_um : float, optional
            Pixel on the sample, µm, where it is known: then the NA follows from the blur rate
            alone. Default: that of the sampling and depth of field that were fitted.
        wavelength_um : float
            Mean wavelength, µm.
        refractive_index : float
            Of the medium, where the pixel is known.

        Returns
        -------
        Optics
            With a magnification of 1, so that its pixel is the pixel on the sample. Oil is taken
            for the medium where there is no such NA in air.

        Raises
        ------
        OpticsError
            If no real system blurs so.
        """
        if sample_pixel_um is not None:
            aperture = self.pixels_per_unit / um_per_unit * sample_pixel_um / 2
            index = refractive_index
            if index == 1 and aperture > GREATEST_APERTURE_IN_AIR:
                index = IMMERSION_INDEX
            return Optics(aperture * index, wavelength_um, 1.0, sample_pixel_um, index)
        q = self.sampling.recorded_q
        scaled = wavelength_um * (1 + q / 4) / (self.depth_of_field * um_per_unit)
        index = 1.0 if sqrt(scaled) <= GREATEST_APERTURE_IN_AIR else IMMERSION_INDEX
        aperture = sqrt(index * scaled)
        return Optics(aperture, wavelength_um, 1.0, q * wavelength_um / (4 * aperture), index)


@dataclass(frozen=True)
class _Planes:
    """Arrivals as the fit of the sampling reads a stack."""

    arrivals: Sequence[Arrival]

    def __len__(self) -> int:
        return len(self.arrivals)

    @property
    def shape(self) -> tuple[int, int]:
        rows, cols = self.arrivals[0].frame.shape
        return rows, cols

    @property
    def positions(self) -> NDArray[np.float64]:
        return np.array([arrival.position for arrival in self.arrivals])

    def plane(self, index: int) -> NDArray[np.unsignedinteger]:
        return self.arrivals[index].frame


def fit_blur_rate(
    arrivals: Sequence[Arrival], estimator_of: Callable[[float], StationEstimator]
) -> BlurRate | str:
    """Fit sampling and depth of field to the frames of a sweep.

    Both fits are those of a stack with unknown optics: `fit_sampling` and `fit_focus`.

    Parameters
    ----------
    arrivals : sequence of Arrival
        In order of position, at different ones.
    estimator_of : callable
        Makes the estimator for a sampling q.

    Returns
    -------
    BlurRate or str
        Why they do not tell, if they do not.
    """
    found = _fitted(arrivals, estimator_of)
    if isinstance(found, str):
        return found
    # Of a blur larger than half a frame the estimator sees little, and calls it too small.
    farthest = min(arrivals[0].frame.shape) / 2 / found.pixels_per_unit
    near = [one for one in arrivals if abs(one.position - found.focus) <= farthest]
    if FEWEST_PLANES <= len(near) < len(arrivals):
        again = _fitted(near, estimator_of)
        return found if isinstance(again, str) else again
    return found


def _fitted(
    arrivals: Sequence[Arrival], estimator_of: Callable[[float], StationEstimator]
) -> BlurRate | str:
    planes = _Planes(arrivals)
    sampling = fit_sampling(planes, estimator_of, samplings=SAMPLINGS)
    estimator = estimator_of(sampling.sampling_q)
    said = [estimator.summary(arrival.frame) for arrival in arrivals]
    good = np.array([one.validity == "good" for one in said])
    fit = fit_focus(
        planes.positions[good],
        np.array([one.distance_dof for one in said])[good],
        np.array([one.interval_dof(ONE_SIGMA) for one in said])[good],
    )
    if fit is None:
        return (
            f"the estimated distances of {int(good.sum())} of {len(said)} trustworthy frames do "
            "not rise from one focus; sweep around the focus, with more light or more texture"
        )
    if fit.scale is None or fit.scale_std is None:
        return "the estimated distances do not tell how fast blur grows; sweep further"
    if fit.scale_std > LARGEST_SHARE * fit.scale:
        return (
            f"the depth of field would be {fit.scale:.3g} ± {fit.scale_std:.2g}, which says too "
            "little; sweep further, with more planes"
        )
    return BlurRate(fit.z, fit.std, fit.scale, fit.scale_std, sampling)
