"""The estimator, measured on scenes that it has never seen, beside what it is compared with."""

from .conditions import Conditions, Track
from .goal import Goal
from .goals import goals
from .report import to_json
from .run import PARTS, BenchmarkResult, run_benchmark
from .sizes import FULL, QUICK, Sizes

__all__ = [
    "FULL",
    "PARTS",
    "QUICK",
    "BenchmarkResult",
    "Conditions",
    "Goal",
    "Sizes",
    "Track",
    "goals",
    "run_benchmark",
    "to_json",
]
