"""What is believed of the focus position, given frames at stage positions; pure calculation."""

from .confirmation import ENOUGH_MASS, MOST_MISFIT, Confirmation, Doubt, confirmation
from .estimated import RecordedValue, estimated_values
from .focus_belief import FocusBelief, SeenFrame
from .frame_spectrum import FrameSpectrum, frame_spectrum
from .information import NextPosition, next_position
from .observation import Observation, observation_of, observe
from .posterior import Candidate, Posterior
from .preparation import prepare
from .recorded import recorded_observation
from .spectrum_layout import SpectrumLayout
from .texture import is_unchanging, largest_change

__all__ = [
    "ENOUGH_MASS",
    "MOST_MISFIT",
    "Candidate",
    "Confirmation",
    "Doubt",
    "FocusBelief",
    "FrameSpectrum",
    "NextPosition",
    "Observation",
    "Posterior",
    "RecordedValue",
    "SeenFrame",
    "SpectrumLayout",
    "confirmation",
    "estimated_values",
    "frame_spectrum",
    "is_unchanging",
    "largest_change",
    "next_position",
    "observation_of",
    "observe",
    "prepare",
    "recorded_observation",
]
