"""Say an error that a user can act on as a sentence, without where in the code it was raised."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from bluesky_autofocus.errors import AutofocusError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["say_errors"]


def say_errors(shell: "InteractiveShell") -> None:
    """Let an IPython shell say our own errors as sentences; ``%tb`` still has the traceback.

    Parameters
    ----------
    shell : InteractiveShell
        From ``get_ipython()``.
    """

    def say(
        shell: "InteractiveShell",
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType | None,
        tb_offset: int | None = None,
    ) -> None:
        print(f"{kind.__name__}: {error}", file=sys.stderr)

    shell.set_custom_exc((AutofocusError,), say)
