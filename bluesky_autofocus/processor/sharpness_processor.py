"""A document callback that estimates the frames of any run."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..catalog.routing import RunIndex
from ..optics import Optics
from .derived_run import Emit
from .frames import image_keys
from .run_frames import RunFrames
from .settings import SharpnessSettings

__all__ = ["SharpnessProcessor"]

logger = logging.getLogger(__name__)


class SharpnessProcessor:
    """A document callback that estimates the frames of any run, as a run of their own.

    For each run with images in the stream it emits a run with ``raw_uid`` in its start document and
    the keys of `devices.EstimatorSensor` in its events. It takes documents as they come: from a
    RunEngine, a 0MQ proxy, or the catalog; several runs at a time; frames in the events or in
    files. Derived runs that it meets are passed over.

    Nothing is raised into a plan: what goes wrong is logged, and the derived run ends with exit
    status ``fail`` and the reason. It takes a twentieth of a second a frame of 1024 × 1024 pixels;
    where a plan cannot wait for that, let it listen to a 0MQ proxy in another process.

    Parameters
    ----------
    emit : callable
        Where the derived runs go: a `bluesky_autofocus.catalog.Recorder`, or any callback.
    optics : Optics, optional
        The imaging system. Default: what a run's start document says.
    full_scale : float, optional
        Grey level at which the camera saturates. Default: what the run says, else told from the
        frame.
    weights : path, optional
        Weights of the estimator; default: those shipped.
    stream : str
        Name of the stream with the frames.
    key : str, optional
        Data key of the frames. Default: the first one that holds images.

    Examples
    --------
    >>> RE.subscribe(SharpnessProcessor(Recorder(catalog), optics=station.optics))
    """

    def __init__(
        self,
        emit: Emit,
        *,
        optics: Optics | None = None,
        full_scale: float | None = None,
        weights: str | Path | None = None,
        stream: str = "primary",
        key: str | None = None,
    ) -> None:
        self._emit = emit
        self._optics = optics
        self._full_scale = full_scale
        self._weights = None if weights is None else Path(weights)
        self._stream = stream
        self._key = key
        self._index = RunIndex()
        self._open: dict[str, RunFrames] = {}

    def __call__(self, name: str, document: Mapping[str, Any]) -> None:
        """Take in a document; never raises.

        Parameters
        ----------
        name : str
            Kind of document.
        document : mapping
            The document.
        """
        try:
            self._take(name, document)
        except Exception:
            logger.exception("A %r document could not be processed: %.200r", name, document)

    def settings(
        self, start: Mapping[str, Any], descriptor: Mapping[str, Any]
    ) -> SharpnessSettings | None:
        """Return with what the frames of a stream are estimated.

        Parameters
        ----------
        start : mapping
            Start document of the run.
        descriptor : mapping
            A descriptor of it.

        Returns
        -------
        SharpnessSettings or None
            None for another stream, and for one without images.

        Raises
        ------
        OpticsError
            If nobody knows the optics.
        """
        keys = image_keys(descriptor)
        key = self._key or next(iter(keys), None)
        if descriptor.get("name") != self._stream or key is None or key not in keys:
            return None
        return SharpnessSettings.of_run(
            start,
            descriptor,
            key=key,
            optics=self._optics,
            full_scale=self._full_scale,
            weights=self._weights,
        )

    def _take(self, name: str, document: Mapping[str, Any]) -> None:
        uid = self._index.run_of(name, document)
        if name == "start" and "raw_uid" not in document:
            self._open[uid] = RunFrames(self._emit, self.settings)
        run = self._open.get(uid)
        if run is not None:
            run(name, dict(document))
        if name == "stop":
            self._open.pop(uid, None)
            self._index.forget(uid)
