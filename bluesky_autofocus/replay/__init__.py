"""Stored runs done again: their frames estimated, or another search tried on them."""

from .comparison import Comparison, compare_estimates
from .ending import Ending
from .fuse import FusedRun, fuse_planes, fuse_run
from .fused_file import read_fused, write_fused
from .many_runs import replay_many
from .one_run import replay_run
from .stored_documents import stored_descriptor, stored_documents
from .stored_planes import StoredPlanes
from .task import TOLERANCE_DOF, FailedRun, ReplayedFrame, ReplayedRun, ReplayTask
from .what_if import search_stored
from .what_if_run import WhatIfRun, what_if_run

__all__ = [
    "TOLERANCE_DOF",
    "Comparison",
    "Ending",
    "FusedRun",
    "StoredPlanes",
    "WhatIfRun",
    "search_stored",
    "what_if_run",
    "FailedRun",
    "ReplayTask",
    "ReplayedFrame",
    "ReplayedRun",
    "compare_estimates",
    "fuse_planes",
    "fuse_run",
    "read_fused",
    "write_fused",
    "replay_many",
    "replay_run",
    "stored_descriptor",
    "stored_documents",
]
