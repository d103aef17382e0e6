"""Searches side by side: the same held-out scenes, starts, stage noise and light for all."""

from .goals import search_goals
from .report import search_json
from .result import SearchResult
from .run import FULL_RUNS, QUICK_RUNS, run_search_benchmark
from .summary import SearchRow

__all__ = [
    "FULL_RUNS",
    "QUICK_RUNS",
    "SearchResult",
    "SearchRow",
    "run_search_benchmark",
    "search_goals",
    "search_json",
]
