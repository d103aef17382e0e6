"""The frames of one run on their way to estimates."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from event_model import DocumentRouter
from event_model.documents import Datum, Event, EventDescriptor, Resource, RunStart, RunStop

from .derived_run import DerivedRun, Emit
from .frames import EventFrames
from .settings import SENSOR, SharpnessSettings

if TYPE_CHECKING:
    from ..estimator import SharpnessEstimator

__all__ = ["RunFrames"]

logger = logging.getLogger(__name__)

FindSettings = Callable[[Mapping[str, Any], Mapping[str, Any]], SharpnessSettings | None]


class RunFrames(DocumentRouter):
    """Takes in one run's documents and emits the run that is derived from it.

    Parameters
    ----------
    emit : callable
        Where the derived run goes.
    find_settings : callable
        From a start document and a descriptor to the settings for its frames, or None.
    """

    def __init__(self, emit: Emit, find_settings: FindSettings) -> None:
        super().__init__()
        self._emit = emit
        self._find_settings = find_settings
        self._start: Mapping[str, Any] = {}
        self._frames = EventFrames()
        self._keys: dict[str, str] = {}
        self._derived: DerivedRun | None = None
        self._estimator: SharpnessEstimator | None = None
        self._settings: SharpnessSettings | None = None
        self._failure = ""

    def start(self, doc: RunStart) -> None:
        """Keep what the run says of itself.

        Parameters
        ----------
        doc : dict
            The start document.
        """
        self._start = doc

    def descriptor(self, doc: EventDescriptor) -> None:
        """Begin the derived run with the first stream of frames.

        Parameters
        ----------
        doc : dict
            A descriptor.
        """
        settings = self._find_settings(self._start, doc)
        if settings is None:
            return
        self._frames.take("descriptor", doc)
        self._keys[doc["uid"]] = settings.key
        if self._derived is None:
            self._settings = settings
            self._estimator = settings.estimator()
            uid, metadata = settings.derived_run(self._start["uid"], self._estimator)
            self._derived = DerivedRun(self._emit, uid, metadata)

    def resource(self, doc: Resource) -> None:
        """Learn of a file.

        Parameters
        ----------
        doc : dict
            A resource.
        """
        self._guarded(lambda: self._frames.take("resource", doc))

    def datum(self, doc: Datum) -> Datum:
        """Learn of a frame in a file.

        Parameters
        ----------
        doc : dict
            A datum.

        Returns
        -------
        dict
            The same.
        """
        self._guarded(lambda: self._frames.take("datum", doc))
        return doc

    def event(self, doc: Event) -> Event:
        """Estimate the frame of an event.

        Parameters
        ----------
        doc : dict
            An event.

        Returns
        -------
        dict
            The same.
        """
        if doc["descriptor"] in self._keys:
            self._guarded(lambda: self._estimate(doc))
        return doc

    def stop(self, doc: RunStop) -> None:
        """End the derived run.

        Parameters
        ----------
        doc : dict
            The stop document.
        """
        self._frames.close()
        if self._derived is not None:
            self._derived.stop(self._failure)

    def _estimate(self, event: Event) -> None:
        # Late, because it imports torch.
        from ..belief import estimated_values

        derived, estimator, settings = self._derived, self._estimator, self._settings
        assert derived is not None and estimator is not None and settings is not None
        frame = self._frames.frame(event, self._keys[event["descriptor"]])
        values = estimated_values(settings.seen(frame), estimator)
        configuration = {
            f"{SENSOR}_measure": "estimator",
            f"{SENSOR}_weights": estimator.version,
            f"{SENSOR}_weights_sha256": estimator.weights_sha256,
        }
        derived.event(
            {
                "raw_seq_num": event["seq_num"],
                **{f"{SENSOR}_{field}": value for field, value in values.items()},
            },
            configuration={SENSOR: configuration},
        )

    def _guarded(self, work: Callable[[], None]) -> None:
        if self._failure:
            return
        try:
            work()
        except Exception as error:
            self._failure = f"{type(error).__name__}: {error}"
            logger.error("Run %s cannot be estimated: %s", self._start["uid"][:8], self._failure)
