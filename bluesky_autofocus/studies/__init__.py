"""The figures of the paper's supplement, made from stored focal stacks."""

from .consistency import (
    PeakRatios,
    consistency_figure,
    consistency_table,
    curve_table,
    peak_ratio,
    peak_ratios,
)
from .measured_stack import (
    CLASSICAL_PEAK,
    SIMULATED_FOCUS,
    MeasuredStack,
    StackSource,
    measure_stack,
)
from .print_figure import save_print
from .table import write_table

__all__ = [
    "CLASSICAL_PEAK",
    "SIMULATED_FOCUS",
    "MeasuredStack",
    "PeakRatios",
    "StackSource",
    "consistency_figure",
    "consistency_table",
    "curve_table",
    "measure_stack",
    "peak_ratio",
    "peak_ratios",
    "save_print",
    "write_table",
]
