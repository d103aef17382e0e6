"""One frame becomes a sharpness map tied to optics, with an honest uncertainty."""

from .estimate import FrameEstimate
from .estimator import SharpnessEstimator
from .families import CALIBRATION, HELD_OUT, TRAINING
from .sharpness_map import SharpnessMap
from .signed_map import SignedMap
from .validity import VALIDITY_CODES, Validity
from .weights import load_weights

__all__ = [
    "CALIBRATION",
    "HELD_OUT",
    "TRAINING",
    "VALIDITY_CODES",
    "FrameEstimate",
    "SharpnessEstimator",
    "SharpnessMap",
    "SignedMap",
    "Validity",
    "load_weights",
]
