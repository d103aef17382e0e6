"""The figures of the paper's supplement, made from stored focal stacks."""

from .consistency import (
    PeakRatios,
    consistency_figure,
    consistency_table,
    curve_table,
    peak_ratio,
    peak_ratios,
)
from .deviation import (
    DistanceDeviation,
    SharpnessDeviation,
    deviation_table,
    distance_deviations,
    sharpness_deviations,
    sharpness_table,
)
from .deviation_figure import deviation_figure
from .directions import direction_table, directions_figure, signed_distances, wrong_share
from .map_figure import map_figure, map_table
from .measured_stack import (
    CLASSICAL_PEAK,
    SIMULATED_FOCUS,
    MeasuredStack,
    StackSource,
    measure_stack,
)
from .print_figure import save_print
from .stored_stacks import KNOWN_FOCUS, StoredStack, stacks_of_run, study_runs
from .study import StudyResult, make_study, measure_stored, write_study
from .summary import summary_table
from .table import write_table

__all__ = [
    "CLASSICAL_PEAK",
    "KNOWN_FOCUS",
    "SIMULATED_FOCUS",
    "DistanceDeviation",
    "MeasuredStack",
    "PeakRatios",
    "SharpnessDeviation",
    "StackSource",
    "StoredStack",
    "StudyResult",
    "consistency_figure",
    "consistency_table",
    "curve_table",
    "deviation_figure",
    "deviation_table",
    "direction_table",
    "directions_figure",
    "distance_deviations",
    "make_study",
    "map_figure",
    "map_table",
    "measure_stack",
    "measure_stored",
    "peak_ratio",
    "peak_ratios",
    "save_print",
    "sharpness_deviations",
    "sharpness_table",
    "signed_distances",
    "stacks_of_run",
    "study_runs",
    "summary_table",
    "write_study",
    "write_table",
    "wrong_share",
]
