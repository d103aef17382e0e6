"""Keep what libraries print away from what a command says."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

__all__ = ["quiet_libraries"]

# Their errors reach the user through the verdict, not as a traceback beside it.
LIBRARIES = ("bluesky", "ophyd", "matplotlib", "caproto")
# It gives itself a handler, and says its version through it.
TALKATIVE = "tiled.server.app"


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hold back remarks of libraries, and keep their prints off standard output.

    What a command itself says goes to a console that was made before.
    """
    for library in LIBRARIES:
        logging.getLogger(library).addHandler(logging.NullHandler())
    logging.getLogger(TALKATIVE).addFilter(_is_warning)
    with redirect_stdout(sys.stderr):
        yield


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
