"""A live station of our own devices on a simulated IOC, with a RunEngine and a catalog."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from bluesky import RunEngine

from bluesky_autofocus.catalog import Catalog, Recorder, open_catalog
from devices import Station, StationSettings, connect_station
from devices.sim.process import RunningIoc, simulated_station

SETTINGS = {
    "name": "simulated",
    "camera": {"exposure_s": 0.02},
    "optics": {
        "numerical_aperture": 0.30,
        "wavelength_um": 0.55,
        "magnification": 10,
        "pixel_um": 3.45,
    },
    "window": (-450.0, 450.0),
    "approach": {"side": "low", "backlash": 5.0},
    "limits": {"move_timeout_s": 4.0, "frame_timeout_s": 1.5},
}


def documented_keys() -> set[str]:
    """Names in the page's section about several altitudes."""
    page = Path(__file__).parents[3] / "docs/reference/data-keys.md"
    return set(re.findall(r"`(\w+)`", page.read_text().partition("## Several altitudes")[2]))


def settings_for(prefix: str) -> StationSettings:
    return StationSettings.model_validate(
        {
            **SETTINGS,
            "stage": {"prefix": f"{prefix}m1"},
            "camera": {**SETTINGS["camera"], "prefix": prefix},
        }
    )


@dataclass
class LiveStation:
    """A station, its IOC, and the documents of the engine that runs on it."""

    ioc: RunningIoc
    station: Station
    engine: RunEngine
    puts: Any
    documents: list[tuple[str, dict]] = field(default_factory=list)

    def focus(self) -> float:
        return float(self.puts.get("scene:FocusPosition"))

    def events(self, stream: str) -> list[dict]:
        uids = {
            doc["uid"]
            for name, doc in self.documents
            if name == "descriptor" and doc["name"] == stream
        }
        return [d["data"] for n, d in self.documents if n == "event" and d["descriptor"] in uids]

    def keys(self, *streams: str) -> set[str]:
        return {
            key
            for kind, d in self.documents
            if kind == "descriptor" and d["name"] in streams
            for key in d["data_keys"]
        }

    def last(self, name: str) -> dict:
        return [doc for kind, doc in self.documents if kind == name][-1]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """An embedded catalog; closed with its module, since an open one keeps its name."""
    with open_catalog(tmp_path_factory.mktemp("catalog")) as opened:
        yield opened


@pytest.fixture
def engine() -> Iterator[RunEngine]:
    """A RunEngine that leaves no thread behind."""
    run_engine = RunEngine({}, call_returns_result=True, context_managers=[])
    yield run_engine
    run_engine.loop.call_soon_threadsafe(run_engine.loop.stop)
    run_engine._th.join(timeout=5)
    run_engine.loop.close()


@pytest.fixture(scope="module")
def shared_station(
    catalog: Catalog, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[RunningIoc, Station]]:
    """One simulated station for all tests that leave it as they found it."""
    new_port = request.getfixturevalue("new_port")
    with simulated_station(port=new_port(), seed=3, data_directory=catalog.storage.frames) as ioc:
        yield (
            ioc,
            connect_station(settings_for(ioc.prefix), frames_directory=str(catalog.storage.frames)),
        )


@pytest.fixture
def live(
    shared_station: tuple[RunningIoc, Station], engine: RunEngine, puts_to: Callable
) -> Iterator[LiveStation]:
    """The shared station with a fresh RunEngine; every fault is off before and after."""
    ioc, station = shared_station
    found = LiveStation(ioc, station, engine, puts_to(ioc.prefix))
    engine.subscribe(lambda name, doc: found.documents.append((name, doc)))
    reset(found)
    yield found
    reset(found)


def reset(live: LiveStation) -> None:
    for name in ("stall", "limit", "disconnect"):
        live.puts.put(f"fault:stage_{name}", 0)
    for name in ("hang", "drop", "freeze", "dark", "saturate", "wrong_shape"):
        live.puts.put(f"fault:camera_{name}", 0)
    live.puts.put("fault:stage_stop_short", 0.0)
    live.puts.put("fault:stage_slow", 1.0)
    live.puts.put("fault:camera_flicker", 0.0)
    live.puts.put("scene:Drift", 0.0)
    live.puts.put("m1.STOP", 1)
    live.puts.put("m1.VAL", 0.0)


@pytest.fixture
def recorder(live: LiveStation, catalog: Catalog) -> Iterator[Recorder]:
    """Records the live station's runs in the catalog."""
    with Recorder(catalog) as recording:
        live.engine.subscribe(recording)
        yield recording


@pytest.fixture
def new_station(
    new_port: Callable[[], int], puts_to: Callable, engine: RunEngine, tmp_path: Path
) -> Callable:
    """Start a simulated station that a test may break."""

    def start(ioc: RunningIoc, frames: Path = tmp_path) -> LiveStation:
        station = connect_station(settings_for(ioc.prefix), frames_directory=str(frames))
        made = LiveStation(ioc, station, engine, puts_to(ioc.prefix))
        engine.subscribe(lambda name, doc: made.documents.append((name, doc)))
        return made

    return start
