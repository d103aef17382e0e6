"""The picture of an autofocus run, drawn anew at each step while it runs."""

import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from event_model import DocumentRouter
from event_model.documents import Event, EventDescriptor, RunStart
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .field_figure import field_figure
from .figure import empty_figure, focus_figure, save_figure
from .live import position_decimals
from .scale import Scale
from .search.registry import BELIEF

if TYPE_CHECKING:
    from .belief import Posterior
    from .search.belief import BeliefSearch

__all__ = ["LiveFigure"]

logger = logging.getLogger(__name__)

MOST_PIXELS = 512
PROBABILITIES = "_probabilities"


class LiveFigure(DocumentRouter):
    """A document callback that draws the frames of a run, and its belief, its cells or its curve.

    The picture is a PNG file, replaced as a whole at each step, so it needs no display. It is drawn
    beside the plan, which never waits for it: a step that is over before it can be drawn is left
    out. Whatever goes wrong is logged, and never raised into the plan.

    Parameters
    ----------
    frame : callable
        Returns the frame of the event that was just emitted, shape (rows, columns).
    path : pathlib.Path
        The PNG file.
    """

    def __init__(self, frame: Callable[[], NDArray[np.number]], path: Path) -> None:
        super().__init__()
        self.path = path
        self.figure = empty_figure()
        self._frame = frame
        self._drawer = ThreadPoolExecutor(1, thread_name_prefix="live picture")
        self._newest: Callable[[], Figure] | None = None
        self._drawing: Future[None] | None = None
        self._begin({"autofocus": {}})

    def __call__(
        self, name: str, doc: dict[str, Any], validate: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """Take in a document; never raises.

        Parameters
        ----------
        name : str
            Kind of document.
        doc : dict
            The document.
        validate : bool
            Whether to check it against its schema.

        Returns
        -------
        (str, dict)
            The kind and the document.
        """
        try:
            super().__call__(name, doc, validate)
        except Exception:
            logger.exception("A %r document could not be shown: %.200r", name, doc)
        return name, doc

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until the newest step is drawn.

        Parameters
        ----------
        timeout : float
            Longest wait, s.

        Returns
        -------
        bool
            Whether it is.
        """
        return self._drawing is None or not wait([self._drawing], timeout).not_done

    def start(self, doc: RunStart) -> None:
        """Begin a new picture.

        Parameters
        ----------
        doc : dict
            The start document.
        """
        self._begin(doc)

    def descriptor(self, doc: EventDescriptor) -> None:
        """Learn which events belong to which stream.

        Parameters
        ----------
        doc : dict
            A descriptor document.
        """
        self._streams[doc["uid"]] = doc.get("name", "")

    def event(self, doc: Event) -> Event:
        """Draw a step once the search has made up its mind about it, and the verdict.

        Parameters
        ----------
        doc : dict
            An event document.

        Returns
        -------
        dict
            The same document.
        """
        data = doc["data"]
        match self._streams.get(doc["descriptor"]):
            case "primary":
                self._step = data
                self._last = _thumbnail(self._frame())
                if self._first is None:
                    self._first = self._last
            case "search":
                self._take_step(data)
                self._draw(f"{len(self._positions)} frames")
            case "outcome" if self._positions:
                self._draw(f"{data['outcome_verdict']} after {data['outcome_frames']} frames")
        return doc

    def _begin(self, start: Mapping[str, Any]) -> None:
        self._start = start
        self._streams: dict[str, str] = {}
        self._step: Mapping[str, Any] = {}
        self._first: NDArray[np.number] | None = None
        self._last: NDArray[np.number] | None = None
        self._positions: list[float] = []
        self._sharpness: list[float] = []
        self._posteriors: list[Posterior] = []
        self._heights: NDArray[np.floating] | None = None
        self._search: BeliefSearch | None = None

    def _take_step(self, data: Mapping[str, Any]) -> None:
        position = float(data["search_position"])
        self._positions.append(position)
        self._sharpness.append(float(data["search_sharpness"]))
        if "search_heights" in data:
            self._heights = np.array(data["search_heights"], dtype=float)
        if self._start["autofocus"]["search"] != BELIEF:
            return
        # Late: they import torch, which a session that only looks around can do without.
        from .belief import recorded_observation
        from .belief_figure import recorded_search

        sensor = next(k for k in self._step if k.endswith(PROBABILITIES))
        observation = recorded_observation(self._step, sensor.removesuffix(PROBABILITIES))
        search = self._search or recorded_search(self._start)
        self._search = search.ingest(self._scale.to_dof(position), observation)
        self._posteriors.append(self._search.belief.posterior)

    @property
    def _scale(self) -> Scale:
        said = self._start["autofocus"]
        return Scale(said["depth_of_field"], said["unit"])

    def _draw(self, state: str) -> None:
        """Hand a copy of what is known to the drawer."""
        if self._first is None or self._last is None:
            return
        said = self._start["autofocus"]
        settings: dict[str, Any] = {
            "title": f"Run {self._start['uid'][:8]}, {said['search']}: {state}",
            "decimals": position_decimals(said["depth_of_field"]),
            "figure": self.figure,
        }
        frames, positions = (self._first, self._last), tuple(self._positions)
        if self._posteriors:
            from .belief_figure import belief_figure

            window = (float(said["window"][0]), float(said["window"][1]))
            draw = partial(belief_figure, *frames, positions, tuple(self._posteriors))
            draw = partial(draw, scale=self._scale, window=window, **settings)
        elif self._heights is not None:
            draw = partial(field_figure, *frames, positions, self._heights)
            draw = partial(draw, unit=said["unit"], **settings)
        else:
            draw = partial(focus_figure, *frames, positions, tuple(self._sharpness))
            draw = partial(draw, unit=said["unit"], measure=said["measure"], **settings)
        self._newest = draw
        self._drawing = self._drawer.submit(self._draw_newest, draw)

    def _draw_newest(self, draw: Callable[[], Figure]) -> None:
        if draw is not self._newest:
            return
        try:
            _replace(draw(), self.path)
        except Exception:
            logger.exception("The live picture %s could not be drawn.", self.path)


def _thumbnail(frame: NDArray[np.number]) -> NDArray[np.number]:
    """Leave out pixels that a picture this size does not show."""
    every = -(-max(frame.shape) // MOST_PIXELS)
    return frame[::every, ::every]


def _replace(figure: Figure, path: Path) -> None:
    """Save the picture so that a viewer never reads half of it."""
    part = save_figure(figure, path.with_name(f".{path.name}.part"))
    os.replace(part, path)
