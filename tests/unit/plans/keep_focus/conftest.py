"""A soft station whose focus drifts while a plan scans another motor."""

from collections.abc import Callable
from typing import Any

import pytest
from ophyd.sim import SynAxis, SynGauss
from ophyd.utils.errors import RedundantStaging

REDRAWN_UM = 20.0


class Recorded:
    """The documents of an engine, by run."""

    def __init__(self, documents: list[tuple[str, dict[str, Any]]]):
        self._documents = documents

    def runs(self, plan_name: str) -> list[dict[str, Any]]:
        found = [doc for name, doc in self._documents if name == "start"]
        return [start for start in found if start["plan_name"] == plan_name]

    def stop(self, uid: str) -> dict[str, Any]:
        (found,) = [d for n, d in self._documents if n == "stop" and d["run_start"] == uid]
        return found

    def descriptor(self, uid: str, stream: str) -> dict[str, Any]:
        return next(
            doc
            for name, doc in self._documents
            if name == "descriptor" and doc["run_start"] == uid and doc["name"] == stream
        )

    def order(self, uid: str) -> list[str]:
        """The streams of a run's events, in order of time."""
        streams = {
            doc["uid"]: doc["name"]
            for name, doc in self._documents
            if name == "descriptor" and doc["run_start"] == uid
        }
        events = [doc for name, doc in self._documents if name == "event"]
        return [streams[e["descriptor"]] for e in events if e["descriptor"] in streams]

    def events(self, uid: str, stream: str) -> list[dict[str, Any]]:
        """The data of a stream, in order; of an event sent again the last one counts."""
        descriptors = {
            doc["uid"]
            for name, doc in self._documents
            if name == "descriptor" and doc["run_start"] == uid and doc["name"] == stream
        }
        found = {
            doc["seq_num"]: doc["data"]
            for name, doc in self._documents
            if name == "event" and doc["descriptor"] in descriptors
        }
        assert list(found) == list(range(1, len(found) + 1))
        return [found[key] for key in sorted(found)]


@pytest.fixture
def recorded(soft) -> Recorded:
    return Recorded(soft.documents)


@pytest.fixture
def strict(soft):
    """The soft station, with a camera that refuses to be staged twice, at its focus."""
    plain = soft.camera.stage

    def stage():
        if soft.camera.staged > soft.camera.unstaged:
            raise RedundantStaging("the camera is staged already")
        return plain()

    soft.camera.stage = stage
    soft.stage.set(soft.camera.focus)
    soft.stage.targets.clear()
    return soft


@pytest.fixture
def drift(soft, engine) -> Callable[[int], None]:
    """Let the focus jump after a number of events of the plan's own."""

    def after(events: int, by: float = REDRAWN_UM) -> None:
        seen = []

        def jump(_name, document):
            if "sample_x" in document["data"] and "check_number" not in document["data"]:
                seen.append(document)
                if len(seen) == events:
                    soft.camera.focus += by

        engine.subscribe(jump, "event")

    return after


@pytest.fixture
def motor() -> SynAxis:
    return SynAxis(name="sample_x")


@pytest.fixture
def detector(motor) -> SynGauss:
    return SynGauss("det", motor, "sample_x", center=0, Imax=1)
