"""How good estimator and classical measures are on a recorded focal stack."""

from .estimate import Estimate, Estimator
from .figure import evaluation_figure
from .focus_fit import ONE_SIGMA, FocusFit, fit_focus
from .full_scale import stack_full_scale
from .optics_file import OpticsFile, read_optics_file
from .peak import peak_position
from .place import Place, place_in_stack
from .ranks import spearman
from .reading import PlaneReading, read_planes
from .report import evaluation_to_json
from .result import Focus, MeasureResult, Reference, StackEvaluation, StackScale
from .sampling_fit import Sampling, fit_sampling
from .stack_evaluation import REFERENCE_MEASURE, evaluate_planes

__all__ = [
    "ONE_SIGMA",
    "REFERENCE_MEASURE",
    "Estimate",
    "Estimator",
    "Focus",
    "FocusFit",
    "MeasureResult",
    "OpticsFile",
    "Place",
    "PlaneReading",
    "Reference",
    "Sampling",
    "StackEvaluation",
    "StackScale",
    "evaluate_planes",
    "evaluation_figure",
    "evaluation_to_json",
    "fit_focus",
    "fit_sampling",
    "peak_position",
    "place_in_stack",
    "read_optics_file",
    "read_planes",
    "spearman",
    "stack_full_scale",
]
