"""What one sweep says of a station: blur rate, play, noise and exposure."""

from .arrival import Arrival, Leg
from .blur_rate import BlurRate, fit_blur_rate
from .calibration import Calibration, calibrate_arrivals
from .exposure import ExposureAdvice, advise_exposure
from .play import Play, measure_play
from .scatter import Scatter, measure_scatter
from .sharpness_curve import steepest_position, sweep_peak

__all__ = [
    "Arrival",
    "BlurRate",
    "Calibration",
    "ExposureAdvice",
    "Leg",
    "Play",
    "Scatter",
    "advise_exposure",
    "calibrate_arrivals",
    "fit_blur_rate",
    "measure_play",
    "measure_scatter",
    "steepest_position",
    "sweep_peak",
]
