"""Measurements that need a Python process of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from ..errors import BenchmarkError

__all__ = ["THREADS", "in_fresh_process"]

THREADS = 2
TIMEOUT_S = 900.0
PROGRAM = """
import json, sys
from {module} import {name}
print(json.dumps({name}(**json.loads(sys.argv[1]))))
"""


def in_fresh_process(
    function: Callable[..., dict[str, Any]], arguments: dict[str, Any]
) -> dict[str, Any]:
    """Call a function in a process where every library has two threads.

    Parameters
    ----------
    function : callable
        A module's own function; what it takes and returns can be written as JSON.
    arguments : dict
        Its arguments.

    Returns
    -------
    dict
        What it returned.

    Raises
    ------
    BenchmarkError
        If it fails, or takes more than a quarter of an hour.
    """
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(THREADS)
    )
    module, name = function.__module__, function.__name__
    program = PROGRAM.format(module=module, name=name)
    command = [sys.executable, "-c", program, json.dumps(arguments)]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **threads},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(
            f"{module}.{name} was not done after {TIMEOUT_S:g} s. Let the machine come to rest and "
            "measure again."
        ) from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().rpartition("\n")[2].rstrip(".")
        raise BenchmarkError(
            f"{module}.{name} failed with status {error.returncode}: {said}. "
            "Call it in a Python of its own to see more."
        ) from error
    return json.loads(done.stdout)
