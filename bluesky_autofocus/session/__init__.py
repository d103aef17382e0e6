"""What a session in IPython or in the queue server works with, and what it says of itself."""

from .absent import Absent
from .live_view import live_view
from .sentences import say_errors
from .session import Session

__all__ = ["Absent", "Session", "live_view", "say_errors"]
