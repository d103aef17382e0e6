"""A run that is worked out from another one."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from event_model import ComposeDescriptorBundle, compose_run

__all__ = ["DerivedRun", "Emit"]

Emit = Callable[[str, dict[str, Any]], object]
"""Takes in documents: a recorder, a 0MQ publisher, any callback."""


class DerivedRun:
    """The documents of a run that is worked out from another one, composed and handed on.

    Parameters
    ----------
    emit : callable
        Where the documents go.
    uid : str
        The new run's own.
    metadata : mapping
        What else its start document says; ``raw_uid`` names the run that it comes from.
    """

    def __init__(self, emit: Emit, uid: str, metadata: Mapping[str, Any]) -> None:
        self.uid = uid
        self._emit = emit
        self._run = compose_run(uid=uid, metadata=dict(metadata))
        self._streams: dict[str, ComposeDescriptorBundle] = {}
        self._emit("start", dict(self._run.start_doc))

    def event(
        self,
        data: Mapping[str, Any],
        *,
        stream: str = "primary",
        units: Mapping[str, str] | None = None,
        configuration: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Emit an event, with the stream's descriptor before the first one.

        Parameters
        ----------
        data : mapping
            Numbers, strings, booleans, and arrays of one dimension.
        stream : str
            Name of the stream.
        units : mapping, optional
            Of keys that have one.
        configuration : mapping, optional
            Of each object, for the descriptor: its fields with their values.
        """
        now = time.time()
        if stream not in self._streams:
            described = {
                key: _data_key(value, (units or {}).get(key)) for key, value in data.items()
            }
            bundle = self._run.compose_descriptor(
                name=stream,
                data_keys=described,
                configuration={
                    name: _configured(fields, now) for name, fields in (configuration or {}).items()
                },
                object_keys={
                    name: [key for key in data if key.startswith(f"{name}_")]
                    for name in configuration or {}
                },
            )
            self._streams[stream] = bundle
            self._emit("descriptor", dict(bundle.descriptor_doc))
        event = self._streams[stream].compose_event(
            data=dict(data), timestamps=dict.fromkeys(data, now)
        )
        self._emit("event", dict(event))

    def stop(self, failure: str = "") -> None:
        """End the run.

        Parameters
        ----------
        failure : str
            Why it is not complete; empty if it is.
        """
        status = "fail" if failure else "success"
        self._emit("stop", dict(self._run.compose_stop(exit_status=status, reason=failure)))


def _configured(fields: Mapping[str, Any], now: float) -> Any:
    return {
        "data": dict(fields),
        "timestamps": dict.fromkeys(fields, now),
        "data_keys": {key: _data_key(value, None) for key, value in fields.items()},
    }


def _data_key(value: Any, unit: str | None) -> Any:
    key: dict[str, Any] = {"source": "bluesky_autofocus", "shape": []}
    match value:
        case np.ndarray():
            kind = {"dtype": "array", "dtype_numpy": value.dtype.str, "shape": list(value.shape)}
        case bool():
            kind = {"dtype": "boolean"}
        case int():
            kind = {"dtype": "integer"}
        case float():
            kind = {"dtype": "number"}
        case _:
            kind = {"dtype": "string"}
    return {**key, **kind, **({"units": unit} if unit else {})}
