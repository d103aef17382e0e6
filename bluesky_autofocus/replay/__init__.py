"""Stored runs done again: their frames estimated, with the recorded estimates beside."""

from .comparison import Comparison, compare_estimates
from .many_runs import replay_many
from .one_run import replay_run
from .stored_documents import stored_descriptor, stored_documents
from .task import FailedRun, ReplayedFrame, ReplayedRun, ReplayTask

__all__ = [
    "Comparison",
    "FailedRun",
    "ReplayTask",
    "ReplayedFrame",
    "ReplayedRun",
    "compare_estimates",
    "replay_many",
    "replay_run",
    "stored_descriptor",
    "stored_documents",
]
