"""Ctrl-C during a command's plan: abort it once, and let it put everything back."""

import signal
from threading import Thread
from types import FrameType

from bluesky import RunEngine

__all__ = ["AbortOnInterrupt"]


class AbortOnInterrupt:
    """Context manager for a RunEngine that aborts its plan on the first SIGINT.

    bluesky's own pauses the plan and offers a prompt, which a command does not have. Further
    SIGINTs do nothing: the plan is putting things back, and each of its waits is bounded.

    Parameters
    ----------
    engine : RunEngine
        The engine; given by itself, as ``RunEngine(context_managers=[AbortOnInterrupt])``.
    """

    def __init__(self, engine: RunEngine):
        self._engine = engine
        self._aborting: Thread | None = None

    def __enter__(self) -> None:
        """Listen."""
        self._previous = signal.signal(signal.SIGINT, self._interrupted)

    def __exit__(self, *error: object) -> None:
        """Stop listening."""
        signal.signal(signal.SIGINT, self._previous)
        if self._aborting is not None:
            self._aborting.join(timeout=1.0)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._aborting is None:
            # Not here: the main thread holds locks that an abort needs.
            self._aborting = Thread(target=self._abort, name="abort", daemon=True)
            self._aborting.start()

    def _abort(self) -> None:
        try:
            self._engine.abort("interrupted by the user")
        except RuntimeError:
            # bluesky's TransitionError: the plan ended in the same moment.
            return
