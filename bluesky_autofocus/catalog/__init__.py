"""The catalog: open it, record runs in it, read them back; databroker reads the same runs."""

from .copying import CopiedRun, CopyState, copy_runs, run_uids
from .frame_stack import FrameStack
from .home import HOME_VARIABLE, Storage, frames_directory, home_directory
from .journal import unwritten_runs
from .metadata import safe_metadata
from .opening import Catalog, open_embedded_catalog
from .profile import PROFILE
from .recorder import Recorder, record
from .replay import replay_backup
from .report import RecordedRun, RunState
from .run import Run, load_run
from .served import SERVER_VARIABLE, connect_catalog, open_catalog

__all__ = [
    "HOME_VARIABLE",
    "PROFILE",
    "SERVER_VARIABLE",
    "Catalog",
    "CopiedRun",
    "CopyState",
    "FrameStack",
    "RecordedRun",
    "Recorder",
    "Run",
    "RunState",
    "Storage",
    "connect_catalog",
    "copy_runs",
    "frames_directory",
    "home_directory",
    "load_run",
    "open_catalog",
    "open_embedded_catalog",
    "record",
    "replay_backup",
    "run_uids",
    "safe_metadata",
    "unwritten_runs",
]
