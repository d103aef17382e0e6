"""What one step of the plan costs beyond exposure and motion, with recording on and off.

Run ``python tests/benchmarks/bench_loop.py``. Live simulated IOC, frames of 1024 x 1024, 8 bit,
HDF5; the same runs with and without a recorder in turn. Motion is the trapezoid that the stage's
velocity and acceleration allow; everything else is overhead.
"""

import argparse
import os
import statistics
import tempfile
from math import sqrt
from typing import cast

EXPOSURE_S = 0.05


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["BLUESKY_AUTOFOCUS_HOME"] = home
        measure(options.runs)


def measure(runs: int) -> None:
    """Run with and without recording in turn and print what a step costs."""
    from bluesky import RunEngine
    from bluesky import plan_stubs as bps

    from bluesky_autofocus.catalog import open_catalog, record
    from devices.sim.process import simulated_station

    rows: dict[str, list[tuple[float, float]]] = {"recording off": [], "recording on": []}
    with (
        open_catalog() as catalog,
        simulated_station(data_directory=catalog.storage.frames) as ioc,
    ):
        from devices import FocusStage, StationSettings, connect_station
        from plans import autofocus

        station = connect_station(
            StationSettings.model_validate(
                {
                    "name": "benchmark",
                    "stage": {"prefix": f"{ioc.prefix}m1"},
                    "camera": {"prefix": ioc.prefix, "exposure_s": EXPOSURE_S},
                    "optics": {
                        "numerical_aperture": 0.3,
                        "wavelength_um": 0.55,
                        "magnification": 10,
                        "pixel_um": 3.45,
                    },
                    "window": (-450.0, 450.0),
                }
            ),
            frames_directory=str(catalog.storage.frames),
        )
        engine = RunEngine({}, call_returns_result=True)
        stage = cast(FocusStage, station.stage)
        velocity, ramp_s = float(stage.velocity.get()), float(stage.acceleration.get())
        for _ in range(runs + 1):
            for kind, steps in rows.items():
                engine(bps.mv(stage, 0.0))
                events: list[tuple[float, float]] = []
                streams: dict[str, str] = {}

                def keep(name, doc, events=events, streams=streams):
                    if name == "descriptor":
                        streams[doc["uid"]] = doc["name"]
                    elif name == "event" and streams[doc["descriptor"]] == "primary":
                        events.append((doc["time"], doc["data"]["stage"]))

                token = engine.subscribe(keep)
                if kind == "recording on":
                    with record(engine, catalog) as recorder:
                        engine(autofocus(station))
                        recorder.flush(60)
                else:
                    engine(autofocus(station))
                engine.unsubscribe(token)
                for (before, here), (after, there) in zip(events, events[1:], strict=False):
                    ideal_s = EXPOSURE_S + motion_s(abs(there - here), velocity, ramp_s)
                    steps.append((after - before - ideal_s, ideal_s))
        station.disconnect()
    print(
        f"{'':14} {'steps':>6} {'overhead ms: median':>20} {'p95':>6} {'/ (exposure + motion)':>22}"
    )
    for kind, steps in rows.items():
        # The first run of each kind warms caches and connections up.
        steps = steps[len(steps) // (runs + 1) :]
        overhead = sorted(extra for extra, _ in steps)
        ratio = statistics.median(extra / ideal for extra, ideal in steps)
        print(
            f"{kind:14} {len(steps):6d} {1e3 * statistics.median(overhead):20.1f} "
            f"{1e3 * overhead[int(0.95 * len(overhead))]:6.1f} {ratio:22.2f}"
        )


def motion_s(distance: float, velocity: float, ramp_s: float) -> float:
    """Return the time of a trapezoidal move."""
    if distance >= velocity * ramp_s:
        return distance / velocity + ramp_s
    return 2 * sqrt(distance * ramp_s / velocity)


if __name__ == "__main__":
    main()
