"""The catalog: open it, record runs in it, read them back; databroker reads the same runs."""

from .frame_stack import FrameStack
from .home import HOME_VARIABLE, Storage, frames_directory, home_directory
from .journal import unwritten_runs
from .metadata import safe_metadata
from .opening import Catalog, open_catalog
from .profile import PROFILE
from .recorder import Recorder, record
from .replay import replay_backup
from .report import RecordedRun, RunState
from .run import Run, load_run

__all__ = [
    "HOME_VARIABLE",
    "PROFILE",
    "Catalog",
    "FrameStack",
    "RecordedRun",
    "Recorder",
    "Run",
    "RunState",
    "Storage",
    "frames_directory",
    "home_directory",
    "load_run",
    "open_catalog",
    "record",
    "replay_backup",
    "safe_metadata",
    "unwritten_runs",
]
